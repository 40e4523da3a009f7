import type { InboundSms, SmsStatus } from '../channels/sms/inbound.ts'
import type { TouchId } from '../domain/ids.ts'
import { answerText } from '../domain/replies/answers.ts'
import { type Keyword, keywordOf } from '../domain/replies/keywords.ts'
import type { Instant } from '../domain/time.ts'
import { knownPoints } from '../store/contact-points.ts'
import type { Executor } from '../store/executor.ts'
import { readSettings } from '../store/settings.ts'
import type { Ring } from '../temporal/doorbell.ts'
import { answerKeyword, owesAnswer } from './answers.ts'
import { lastTouchTo, settleByProvider, touchOfProvider } from './delivery.ts'
import type { Intake } from './intake.ts'
import { type PersonTaken, takeFromPerson, takeOptIn, takeOptOut } from './person-signals.ts'
import { textReport } from './text-report.ts'

/**
 * Takes one inbound text. The answer that a keyword is owed leaves as a message to the lead,
 * through the gates; what is returned here answers a number of no lead. Twilio answers STOP,
 * START and HELP by itself where its opt-out handling is on, and says so: then we stay silent.
 */
export async function takeText(deps: Intake, text: InboundSms): Promise<string | null> {
  const keyword = text.optOut ?? keywordOf(text.body)
  const owed = text.optOut === null ? keyword : null
  const receivedAt = deps.now()
  const { company } = await readSettings(deps.store.db)
  const { rings, answered, taken } = await deps.store.transaction(async (trx) => {
    const found = await takeFrom(trx, deps, text, keyword, receivedAt)
    const answer = owed === null ? null : await answerFrom(trx, deps, text, owed, found, receivedAt)
    const all = answer === null ? found.rings : [...found.rings, answer]
    return { rings: all, answered: answer !== null, taken: found }
  })
  if (rings.length > 0) deps.doorbell.ring(rings)
  if (owed === null || answered || !owesAnswer(owed, taken)) return null
  return answerText(owed, company)
}

async function answerFrom(
  trx: Executor,
  { hashKeys }: Intake,
  { providerId: id, from }: InboundSms,
  owed: Keyword,
  taken: PersonTaken,
  receivedAt: Instant,
): Promise<Ring | null> {
  const [keyed] = await knownPoints(trx, hashKeys, [{ kind: 'phone', value: from }])
  if (keyed === undefined) return null
  return await answerKeyword(trx, keyed.hash, owed, taken, { id, via: 'twilio', receivedAt })
}

async function takeFrom(
  trx: Executor,
  { hashKeys }: Intake,
  { providerId, from, body }: InboundSms,
  keyword: Keyword | null,
  receivedAt: Instant,
): Promise<PersonTaken> {
  const point = { kind: 'phone', value: from } as const
  const event = { id: providerId, via: 'twilio', receivedAt }
  switch (keyword) {
    case 'stop': {
      const payload = { channel: 'sms', how: 'text STOP', words: body } as const
      return takeOptOut(trx, hashKeys, point, { ...event, signal: { kind: 'opt_out', payload } })
    }
    case 'start': {
      const payload = { channel: 'sms', how: 'text START' } as const
      return takeOptIn(trx, hashKeys, point, { ...event, signal: { kind: 'opt_in', payload } })
    }
    case 'help': {
      const payload = { name: 'help', data: {} }
      return takeFromPerson(trx, hashKeys, point, { ...event, signal: { kind: 'custom', payload } })
    }
    case null: {
      const [keyed] = await knownPoints(trx, hashKeys, [point])
      const touch = keyed === undefined ? null : await lastTouchTo(trx, keyed.hash)
      const touchId = touch?.id ?? null
      const payload = { channel: 'sms', text: body, subject: null, touchId } as const
      return takeFromPerson(trx, hashKeys, point, { ...event, signal: { kind: 'reply', payload } })
    }
  }
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
