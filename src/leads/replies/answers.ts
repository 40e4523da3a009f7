import type { LeadId } from '../../domain/ids.ts'
import type { RequiredAnswer } from '../../domain/messages.ts'
import { ANSWER_VALID_MS } from '../../domain/replies/answers.ts'
import type { Instant } from '../../domain/time.ts'
import { closeMessage, openMessages } from '../../store/channels/messages.ts'
import type { Executor } from '../../store/executor.ts'
import { type LeadRow, lockLead } from '../../store/leads.ts'
import type { Ring } from '../../temporal/doorbell.ts'
import { lastTouchTo } from '../messages/delivery.ts'
import { writeMessage } from '../messages/messages.ts'
import { type PersonTaken, signalIdFor } from '../person-signals.ts'

/**
 * Owes the person who sent a keyword its one answer: a message to the lead that heard from us
 * last, of those that share the number, in the transaction that took the keyword. A repeated
 * event and a STOP of somebody who had stopped already get none. Null: nothing is owed, or
 * no lead has the number.
 */
export async function answerKeyword(
  trx: Executor,
  contactHash: string,
  answer: RequiredAnswer,
  taken: PersonTaken,
  event: { readonly id: string; readonly via: string; readonly receivedAt: Instant },
): Promise<Ring | null> {
  if (!owesAnswer(answer, taken)) return null
  const lead = await leadToAnswer(trx, contactHash, taken.leadIds)
  if (lead === null) return null
  await takeBack(trx, lead, answer, event.receivedAt)
  const { ring } = await writeMessage(trx, lead, {
    class: 'required',
    channel: 'sms',
    answer,
    by: event.via,
    inReplyTo: signalIdFor(event.id, lead.id),
    requestedAt: event.receivedAt,
    validMs: ANSWER_VALID_MS[answer],
  })
  return ring
}

/** One answer is allowed, and no more. */
export function owesAnswer(answer: RequiredAnswer, { repeated, news }: PersonTaken): boolean {
  return !repeated && (answer !== 'stop' || news)
}

/** What waits to leave and is not true any more: "no more texts", to somebody who texted START. */
async function takeBack(
  trx: Executor,
  lead: LeadRow,
  answer: RequiredAnswer,
  at: Instant,
): Promise<void> {
  const contrary = CONTRARY[answer]
  if (contrary === null) return
  const because = `the person has texted ${answer.toUpperCase()} since`
  for (const message of await openMessages(trx, lead.id)) {
    if (message.answer !== contrary) continue
    await closeMessage(trx, lead, message.id, { outcome: 'taken_back', because, at })
  }
}

const CONTRARY = {
  stop: 'start',
  start: 'stop',
  help: null,
} as const satisfies Record<RequiredAnswer, RequiredAnswer | null>

async function leadToAnswer(
  trx: Executor,
  contactHash: string,
  leadIds: readonly LeadId[],
): Promise<LeadRow | null> {
  const last = await lastTouchTo(trx, contactHash)
  const heard = leadIds.find((leadId) => leadId === last?.leadId)
  const chosen = heard ?? leadIds[0]
  return chosen === undefined ? null : await lockLead(trx, chosen)
}
