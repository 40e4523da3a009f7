import { type Context, Hono } from 'hono'
import twilio from 'twilio'
import { parseInboundSms, parseSmsStatus } from '../../channels/sms/inbound.ts'
import { signedByTwilio } from '../../channels/sms/signature.ts'
import { TOUCH_PARAMETER } from '../../channels/sms/twilio.ts'
import { id, type TouchId } from '../../domain/ids.ts'
import { Refusal } from '../../leads/intake.ts'
import { takeStatus, takeText } from '../../leads/replies/inbound-texts.ts'
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
    const { receipt, owed } = await takeText(deps, text)
    if (receipt === 'stale') throw replayed()
    return twiml(c, owed?.text ?? null)
  })
  app.post('/hooks/twilio/status', async (c) => {
    const form = await signedForm(deps, c)
    const status = parseSmsStatus(form)
    const named = c.req.query(TOUCH_PARAMETER)
    if (status !== null) {
      const by = { named: named ? id<TouchId>(named) : null, evidence: 'status callback' }
      if ((await takeStatus(deps, status, by)) === 'stale') throw replayed()
    }
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

/** A request that Twilio once made, and that comes again when it tries no more. */
function replayed(): Refusal {
  const fix = 'Nothing: whatever it told was taken when it first came.'
  return new Refusal(
    403,
    'replayed',
    'This request came before, and is too old to come again.',
    fix,
  )
}

function twiml(c: Context, message: string | null) {
  const response = new twilio.twiml.MessagingResponse()
  if (message !== null) response.message(message)
  return c.body(response.toString(), 200, { 'Content-Type': 'text/xml; charset=utf-8' })
}
