import type { InboundSms, SmsStatus } from '../../channels/sms/inbound.ts'
import type { TouchId } from '../../domain/ids.ts'
import type { RequiredAnswer } from '../../domain/messages.ts'
import { ANSWER_VALID_MS, answerText } from '../../domain/replies/answers.ts'
import { type Instant, instant } from '../../domain/time.ts'
import { type Delivery, noteReceipt, type Receipt } from '../../store/channels/receipts.ts'
import { readSettings } from '../../store/company/settings.ts'
import type { Executor } from '../../store/executor.ts'
import { knownPoints } from '../../store/people/contact-points.ts'
import type { Ring } from '../../temporal/doorbell.ts'
import type { Intake } from '../intake.ts'
import { lastTouchTo, settleByProvider, touchOfProvider } from '../messages/delivery.ts'
import { textReport } from '../messages/text-report.ts'
import { answerKeyword, owesAnswer } from './answers.ts'
import { type ReplyTaken, takeReply } from './take-reply.ts'

/** What became of a text that came in. */
export interface TextTaken {
  readonly receipt: Receipt
  /** What is still owed to a number of no lead, and how long that is worth sending. */
  readonly owed: { readonly text: string; readonly notAfter: Instant } | null
}

/**
 * Takes one inbound text, once: what came before changes nothing. The answer that a keyword is owed
 * leaves as a message to the lead, through the gates; what is returned here answers a number of no
 * lead. Twilio answers STOP, START and HELP by itself where its opt-out handling is on, and says
 * so: then we stay silent.
 */
export async function takeText(
  deps: Intake,
  text: InboundSms,
  delivery: Delivery = null,
): Promise<TextTaken> {
  const { company } = await readSettings(deps.store.db)
  const receivedAt = deps.now()
  const done = await deps.store.transaction(async (trx) => {
    const receipt = await noteReceipt(trx, receiptOf(text), receivedAt, delivery)
    if (receipt !== 'first') return { receipt, taken: null, answer: null }
    return { receipt, ...(await takeFrom(trx, deps, text, receivedAt)) }
  })
  const { receipt, taken, answer } = done
  if (taken === null) return { receipt, owed: null }
  const rings = answer === null ? taken.rings : [...taken.rings, answer]
  if (rings.length > 0) deps.doorbell.ring(rings)
  const { owed } = taken
  if (owed === null || answer !== null || !owesAnswer(owed, taken)) return { receipt, owed: null }
  return {
    receipt,
    owed: { text: answerText(owed, company), notAfter: until(owed, text, receivedAt) },
  }
}

/** By which a text is known, whichever way it is brought. */
export function receiptOf({ providerId }: Pick<InboundSms, 'providerId'>): string {
  return `twilio:inbound:${providerId}`
}

/** Since it was sent, where that is known: a text that was fetched late is not confirmed late. */
function askedAt({ at }: Pick<InboundSms, 'at'>, receivedAt: Instant): Instant {
  return instant(Math.min(at ?? receivedAt, receivedAt))
}

function until(owed: RequiredAnswer, text: InboundSms, receivedAt: Instant): Instant {
  return instant(askedAt(text, receivedAt) + ANSWER_VALID_MS[owed])
}

/** Takes the text, and owes the answer of a keyword to a lead that has the number. */
async function takeFrom(
  trx: Executor,
  { hashKeys }: Intake,
  text: InboundSms,
  receivedAt: Instant,
): Promise<{ taken: ReplyTaken; answer: Ring | null }> {
  const { providerId: id, from, body, optOut } = text
  const point = { kind: 'phone', value: from } as const
  const [keyed] = await knownPoints(trx, hashKeys, [point])
  const touch = keyed === undefined ? null : await lastTouchTo(trx, keyed.hash)
  const event = { id, via: 'twilio', receivedAt }
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
  const asked = { ...event, receivedAt: askedAt(text, receivedAt) }
  return { taken, answer: await answerKeyword(trx, keyed.hash, taken.owed, taken, asked) }
}

/** How a status came to us. */
export interface StatusSource {
  /** The touch that is named; null: the one that has the text's id. */
  readonly named: TouchId | null
  readonly evidence: string
  /** Of a status that we asked for: null. */
  readonly delivery?: Delivery
}

/**
 * Takes what Twilio says becomes of a text. A report that a webhook brought is taken once; what we
 * ask for may be the same each time.
 */
export async function takeStatus(
  deps: Intake & { readonly ledgerKey: Buffer },
  status: SmsStatus,
  { named, evidence, delivery = null }: StatusSource,
): Promise<Receipt> {
  const report = textReport(status.status, status.errorCode)
  const at = deps.now()
  const { receipt, rings } = await deps.store.transaction(async (trx) => {
    const noted =
      delivery === null ? 'first' : await noteReceipt(trx, reportOf(status), at, delivery)
    if (noted !== 'first' || report === null) return { receipt: noted, rings: [] }
    const touchId = named ?? (await touchOfProvider(trx, status.providerId))
    if (touchId === null) return { receipt: noted, rings: [] }
    const { providerId } = status
    const told = { providerId, report, evidence, at }
    return { receipt: noted, ...(await settleByProvider(trx, deps.ledgerKey, touchId, told)) }
  })
  if (rings.length > 0) deps.doorbell.ring(rings)
  return receipt
}

function reportOf({ providerId, status, errorCode }: SmsStatus): string {
  return `twilio:status:${providerId}:${status}:${errorCode ?? ''}`
}
