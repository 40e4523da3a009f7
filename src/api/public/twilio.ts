import { type Context, Hono } from 'hono'
import twilio from 'twilio'
import { parseInboundSms, parseSmsStatus } from '../../channels/sms/inbound.ts'
import { signedByTwilio, TRY_HEADER } from '../../channels/sms/signature.ts'
import { TOUCH_PARAMETER } from '../../channels/sms/twilio.ts'
import { id, type TouchId } from '../../domain/ids.ts'
import { Refusal } from '../../leads/intake.ts'
import { takeStatus, takeText } from '../../leads/replies/inbound-texts.ts'
import type { Delivery } from '../../store/channels/receipts.ts'
import { limitedBody } from '../base.ts'
import type { ApiDeps, TwilioSigner } from '../deps.ts'
import type { ApiEnv } from '../operation.ts'
import { refuse } from '../problem.ts'

/** What Twilio reports: texts that come in, and what became of those that went out. */
export function twilioRoutes(deps: ApiDeps): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>()
  app.use('/hooks/twilio/*', limitedBody(100_000))
  app.post('/hooks/twilio/inbound', async (c) => {
    const { form, signer } = await signedForm(deps, c)
    const text = parseInboundSms(form)
    // A short code or another channel wrote: there is nobody to answer.
    if (text === null) return twiml(c, null)
    const { receipt, owed } = await takeText(deps, text, deliveryOf(c))
    if (receipt === 'replayed') throw replayed()
    // The response is a text that leaves: to whom nothing may leave, none goes this way either.
    return twiml(c, owed !== null && signer.mayAnswer(text.from) ? owed.text : null)
  })
  app.post('/hooks/twilio/status', async (c) => {
    const { form } = await signedForm(deps, c)
    const status = parseSmsStatus(form)
    const named = c.req.query(TOUCH_PARAMETER)
    if (status !== null) {
      const by = {
        named: named ? id<TouchId>(named) : null,
        evidence: 'status callback',
        delivery: deliveryOf(c),
      }
      if ((await takeStatus(deps, status, by)) === 'replayed') throw replayed()
    }
    return c.body(null, 204)
  })
  app.onError((error, c) => {
    if (error instanceof Refusal) return refuse(c, error)
    throw error
  })
  return app
}

interface Signed {
  readonly form: Readonly<Record<string, string>>
  readonly signer: TwilioSigner
}

/** The parameters of a webhook that Twilio signed. @throws Refusal 403 for any other */
async function signedForm({ config }: ApiDeps, c: Context): Promise<Signed> {
  const form = Object.fromEntries(new URLSearchParams(await c.req.text()))
  const { pathname, search } = new URL(c.req.url)
  const signature = c.req.header('X-Twilio-Signature')
  const signer = config.twilioSigners.find(({ authTokens, publicUrl }) =>
    // By the configured address: a Host header is whatever its sender likes.
    signedByTwilio({
      authTokens,
      signature,
      url: `${publicUrl}${pathname}${search}`,
      parameters: form,
    }),
  )
  if (signer !== undefined) return { form, signer }
  const fix = 'Check TWILIO_AUTH_TOKEN, and that PUBLIC_URL is the address that Twilio calls.'
  throw new Refusal(403, 'not_signed', 'The request is not signed by our Twilio account.', fix)
}

/** Twilio marks each request, and all tries of one alike. */
function deliveryOf(c: Context): Delivery {
  return { token: c.req.header(TRY_HEADER)?.slice(0, 200) ?? null }
}

/** A request that Twilio once made and we took, made again by somebody who has kept it. */
function replayed(): Refusal {
  const fix = 'Nothing: whatever it told was taken when it first came.'
  return new Refusal(
    403,
    'replayed',
    'This request came before and was taken; it is no new try of Twilio.',
    fix,
  )
}

function twiml(c: Context, message: string | null) {
  const response = new twilio.twiml.MessagingResponse()
  if (message !== null) response.message(message)
  return c.body(response.toString(), 200, { 'Content-Type': 'text/xml; charset=utf-8' })
}
