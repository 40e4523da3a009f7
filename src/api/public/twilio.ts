import { type Context, Hono } from 'hono'
import twilio from 'twilio'
import {
  parseInboundSms,
  parseSmsStatus,
  type SmsStatus,
  type InboundSms,
} from '../../channels/sms/inbound.ts'
import { signedByTwilio } from '../../channels/sms/signature.ts'
import { TOUCH_PARAMETER } from '../../channels/sms/twilio.ts'
import type { TouchId } from '../../domain/ids.ts'
import { answerText } from '../../domain/replies/answers.ts'
import { keywordOf, type Keyword } from '../../domain/replies/keywords.ts'
import type { Instant } from '../../domain/time.ts'
import { answerKeyword, owesAnswer } from '../../leads/answers.ts'
import { lastTouchTo, settleByProvider, touchOfProvider } from '../../leads/delivery.ts'
import { Refusal } from '../../leads/intake.ts'
import {
  type PersonTaken,
  takeFromPerson,
  takeOptIn,
  takeOptOut,
} from '../../leads/person-signals.ts'
import { textReport } from '../../leads/text-report.ts'
import { knownPoints } from '../../store/contact-points.ts'
import type { Executor } from '../../store/executor.ts'
import { readSettings } from '../../store/settings.ts'
import type { Ring } from '../../temporal/doorbell.ts'
import { limitedBody } from '../base.ts'
import type { ApiDeps } from '../deps.ts'
import type { ApiEnv } from '../operation.ts'
import { refuse } from '../problem.ts'

/** What Twilio reports: texts that come in, and what became of those that went out. */
export function twilioRoutes(deps: ApiDeps): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>()
  app.use('/hooks/twilio/*', limitedBody(100_000))
  app.post('/hooks/twilio/inbound', async (c) => {
    const form = await signedForm(deps, c)
    const text = parseInboundSms(form)
    // A short code or another channel wrote: there is nobody to answer.
    if (text === null) return twiml(c, null)
    return twiml(c, await takeText(deps, text))
  })
  app.post('/hooks/twilio/status', async (c) => {
    const form = await signedForm(deps, c)
    const status = parseSmsStatus(form)
    if (status !== null) await takeStatus(deps, status, c.req.query(TOUCH_PARAMETER))
    return c.body(null, 204)
  })
  app.onError((error, c) => {
    if (error instanceof Refusal) return refuse(c, error)
    throw error
  })
  return app
}

/** The parameters of a webhook that Twilio signed. @throws Refusal 403 for any other */
async function signedForm({ config }: ApiDeps, c: Context): Promise<Record<string, string>> {
  const parameters = Object.fromEntries(new URLSearchParams(await c.req.text()))
  const { pathname, search } = new URL(c.req.url)
  const signed = signedByTwilio({
    authTokens: config.twilioAuthTokens,
    signature: c.req.header('X-Twilio-Signature'),
    // From the configured address: a Host header is whatever its sender likes.
    url: `${config.publicUrl}${pathname}${search}`,
    parameters,
  })
  if (signed) return parameters
  const fix = 'Check TWILIO_AUTH_TOKEN, and that PUBLIC_URL is the address that Twilio calls.'
  throw new Refusal(403, 'not_signed', 'The request is not signed by our Twilio account.', fix)
}

/**
 * Takes one inbound text. The answer that a keyword is owed leaves as a message to the lead,
 * through the gates; what is returned here answers a number of no lead. Twilio answers STOP,
 * START and HELP by itself where its opt-out handling is on, and says so: then we stay silent.
 */
async function takeText(deps: ApiDeps, text: InboundSms): Promise<string | null> {
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
  { hashKeys }: ApiDeps,
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
  { hashKeys }: ApiDeps,
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

async function takeStatus(
  deps: ApiDeps,
  status: SmsStatus,
  named: string | undefined,
): Promise<void> {
  const report = textReport(status.status, status.errorCode)
  if (report === null) return
  const at = deps.now()
  const settled = await deps.store.transaction(async (trx) => {
    const touchId = named ? (named as TouchId) : await touchOfProvider(trx, status.providerId)
    if (touchId === null) return null
    return await settleByProvider(trx, deps.ledgerKey, touchId, {
      providerId: status.providerId,
      report,
      evidence: 'status callback',
      at,
    })
  })
  if (settled !== null && settled.rings.length > 0) deps.doorbell.ring(settled.rings)
}

function twiml(c: Context, message: string | null) {
  const response = new twilio.twiml.MessagingResponse()
  if (message !== null) response.message(message)
  return c.body(response.toString(), 200, { 'Content-Type': 'text/xml; charset=utf-8' })
}
