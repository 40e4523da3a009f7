import type { LeadId } from '../../../domain/ids.ts'
import { messageWords, type RequiredAnswer, type WrittenClass } from '../../../domain/messages.ts'
import { type TextPrices, textCost, textSize } from '../../../domain/texts.ts'
import { toIso } from '../../../domain/time.ts'
import { readSettings } from '../../../store/company/settings.ts'
import type { Executor } from '../../../store/executor.ts'
import { isoOrNull } from '../view.ts'
import { rowsOf, type TimelineEntry } from './entry.ts'
import { stateWords, validUntil } from './touch-words.ts'

/** Messages outside a cadence: who wrote them, and what became of them. */
export async function messageEntries(executor: Executor, leadId: LeadId): Promise<TimelineEntry[]> {
  const rows = await rowsOf(executor, 'messages', leadId, 'requested_at')
  return rows.map((row) => ({
    at: toIso(row.seen_at ?? row.requested_at),
    receivedAt: toIso(row.requested_at),
    kind: 'message',
    title: `${messageWords(row)}, ${row.channel}, by ${row.by}: ${row.outcome ?? 'waiting'}${row.because === null ? '' : ` (${row.because})`}`,
    details: {
      id: row.id,
      class: row.class,
      channel: row.channel,
      answer: row.answer,
      subject: row.subject,
      text: row.text,
      by: row.by,
      inReplyTo: row.in_reply_to,
      notAfter: isoOrNull(row.not_after),
      outcome: row.outcome,
      because: row.because,
      closedAt: isoOrNull(row.closed_at),
    },
  }))
}

/** Each attempt at a message, and what became of it. */
export async function touchEntries(executor: Executor, leadId: LeadId): Promise<TimelineEntry[]> {
  const rows = await executor
    .selectFrom('touches')
    .leftJoin('messages', 'messages.id', 'touches.written_id')
    .selectAll('touches')
    .select(['messages.class as writtenClass', 'messages.answer'])
    .where('touches.lead_id', '=', leadId)
    .orderBy('intent_at')
    .execute()
  const prices = (await readSettings(executor)).textPrices
  const numbers = await numbersOf(executor, leadId)
  return rows.map(({ writtenClass, answer, ...row }) => ({
    at: toIso(row.dispatched_at ?? row.intent_at),
    receivedAt: null,
    kind: 'touch',
    title: `${row.channel} ${row.step_id ?? wordsOf(writtenClass, answer)}: ${row.state}${row.because === null ? '' : ` (${row.because})`}`,
    details: {
      id: row.id,
      channel: row.channel,
      class: row.class,
      step: row.step_id,
      messageId: row.written_id,
      what: row.step_id === null ? wordsOf(writtenClass, answer) : `step ${row.step_id}`,
      attempt: row.attempt,
      state: row.state,
      meaning: stateWords(row.state, row.channel),
      subject: row.subject,
      text: row.text,
      intentAt: toIso(row.intent_at),
      dispatchedAt: isoOrNull(row.dispatched_at),
      settledAt: isoOrNull(row.settled_at),
      deliveredAt: isoOrNull(row.delivered_at),
      validUntil: validUntil(row),
      openedAt: isoOrNull(row.opened_at),
      sender: row.sender,
      senderBecause: row.sender_because,
      evidence: row.evidence,
      failure: row.failure_code,
      ...(row.channel === 'sms' && sizeOf(row.text, numbers.get(row.contact_hash), prices)),
    },
  }))
}

function wordsOf(kind: WrittenClass | null, answer: RequiredAnswer | null): string {
  return kind === null ? 'message' : messageWords({ class: kind, answer })
}

/** How many segments a text was, in which encoding, and what it cost. */
function sizeOf(text: string | null, to: string | undefined, prices: TextPrices) {
  if (text === null) return {}
  const size = textSize(text)
  const cost = to === undefined ? null : textCost(prices, to, size.segments)
  return { segments: size.segments, encoding: size.encoding, cost }
}

async function numbersOf(executor: Executor, leadId: LeadId): Promise<ReadonlyMap<string, string>> {
  const rows = await executor
    .selectFrom('contact_points')
    .select(['hash', 'value'])
    .where('lead_id', '=', leadId)
    .where('kind', '=', 'phone')
    .execute()
  return new Map(rows.map(({ hash, value }) => [hash, value]))
}
