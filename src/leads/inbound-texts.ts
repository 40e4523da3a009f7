import type { InboundSms, SmsStatus } from '../channels/sms/inbound.ts'
import type { TouchId } from '../domain/ids.ts'
import { answerText } from '../domain/replies/answers.ts'
import { knownPoints } from '../store/contact-points.ts'
import type { Executor } from '../store/executor.ts'
import { readSettings } from '../store/settings.ts'
import type { Ring } from '../temporal/doorbell.ts'
import { answerKeyword, owesAnswer } from './answers.ts'
import { lastTouchTo, settleByProvider, touchOfProvider } from './delivery.ts'
import type { Intake } from './intake.ts'
import { type ReplyTaken, takeReply } from './take-reply.ts'
import { textReport } from './text-report.ts'

/**
 * Takes one inbound text. The answer that a keyword is owed leaves as a message to the lead,
 * through the gates; what is returned here answers a number of no lead. Twilio answers STOP,
 * START and HELP by itself where its opt-out handling is on, and says so: then we stay silent.
 */
export async function takeText(deps: Intake, text: InboundSms): Promise<string | null> {
  const { company } = await readSettings(deps.store.db)
  const { taken, answer } = await deps.store.transaction((trx) => takeFrom(trx, deps, text))
  const rings = answer === null ? taken.rings : [...taken.rings, answer]
  if (rings.length > 0) deps.doorbell.ring(rings)
  if (taken.owed === null || answer !== null || !owesAnswer(taken.owed, taken)) return null
  return answerText(taken.owed, company)
}

/** Takes the text, and owes the answer of a keyword to a lead that has the number. */
async function takeFrom(
  trx: Executor,
  { hashKeys, now }: Intake,
  { providerId: id, from, body, optOut }: InboundSms,
): Promise<{ taken: ReplyTaken; answer: Ring | null }> {
  const point = { kind: 'phone', value: from } as const
  const [keyed] = await knownPoints(trx, hashKeys, [point])
  const touch = keyed === undefined ? null : await lastTouchTo(trx, keyed.hash)
  const event = { id, via: 'twilio', receivedAt: now() }
  const taken = await takeReply(
    trx,
    hashKeys,
    { kind: 'point', point },
    {
      ...event,
      channel: 'sms',
      text: body,
      subject: null,
      touchId: touch?.id ?? null,
      keyword: optOut,
    },
  )
  if (taken.owed === null || keyed === undefined) return { taken, answer: null }
  return { taken, answer: await answerKeyword(trx, keyed.hash, taken.owed, taken, event) }
}

/**
 * Takes what Twilio says became of a text, of the touch that is named, else of the one that has
 * this id.
 */
export async function takeStatus(
  deps: Intake & { readonly ledgerKey: Buffer },
  status: SmsStatus,
  { named, evidence }: { readonly named: TouchId | null; readonly evidence: string },
): Promise<void> {
  const report = textReport(status.status, status.errorCode)
  if (report === null) return
  const at = deps.now()
  const settled = await deps.store.transaction(async (trx) => {
    const touchId = named ?? (await touchOfProvider(trx, status.providerId))
    if (touchId === null) return null
    return await settleByProvider(trx, deps.ledgerKey, touchId, {
      providerId: status.providerId,
      report,
      evidence,
      at,
    })
  })
  if (settled !== null && settled.rings.length > 0) deps.doorbell.ring(settled.rings)
}
