import { createHash, timingSafeEqual } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { noteOfPostmark } from '../../channels/email/postmark.ts'
import { noteOfSes } from '../../channels/email/ses.ts'
import { isAmazonSns, type SnsMessage, snsReader } from '../../channels/email/sns.ts'
import { DAY_MS, plus, toIso } from '../../domain/time.ts'
import { Refusal } from '../../leads/intake.ts'
import { takeMail } from '../../leads/mail/mail-in.ts'
import { limitedBody } from '../base.ts'
import type { ApiDeps } from '../deps.ts'
import type { ApiEnv } from '../operation.ts'
import { refuse } from '../problem.ts'
import { fetchPublicText } from '../public-fetch.ts'

/** SNS sends 256 KiB at most; Postmark sends whole mails. */
const MOST_SNS = 600_000
const MOST_POSTMARK = 15_000_000
/** It repeats a report for half a day; what comes again later was kept by somebody. */
const POSTMARK_TRIES_FOR_MS = DAY_MS

/** What mail providers report: bounces, complaints, and mail that they received for us. */
export function emailHookRoutes(deps: ApiDeps): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>()
  const { sesTopics, postmarkSecret, fetchText = fetchPublicText } = deps.config.emailHooks
  const believe = snsReader(sesTopics, fetchText)

  app.post('/hooks/email/ses', limitedBody(MOST_SNS), async (c) => {
    const reading = await believe(await c.req.text(), deps.now())
    if (!reading.ok) {
      const fix = 'Check SES_TOPIC_ARNS, and that the topic sends its own signed messages.'
      throw new Refusal(403, 'not_signed', `The message is not believed: ${reading.because}.`, fix)
    }
    await takeSns(deps, reading.message, fetchText)
    return c.body(null, 204)
  })

  app.post('/hooks/email/postmark', limitedBody(MOST_POSTMARK), async (c) => {
    if (postmarkSecret === null || !showsSecret(c, postmarkSecret)) {
      const fix = 'Put the secret of POSTMARK_WEBHOOK_TOKEN into the webhook’s address or header.'
      throw new Refusal(403, 'not_signed', 'The request does not show our secret.', fix)
    }
    const body: unknown = await c.req.json().catch(() => null)
    const note = await noteOfPostmark(body, todayOf(deps))
    if (note === null) {
      const fix = 'Send Postmark’s own webhooks here: bounces, complaints and inbound mail.'
      throw new Refusal(422, 'unknown_report', 'This is no report that we take.', fix)
    }
    if (note === 'of_no_concern') return c.json({ taken: true })
    const { firstAt } = await takeMail(deps, note)
    if (firstAt !== undefined && deps.now() > plus(firstAt, POSTMARK_TRIES_FOR_MS)) {
      const fix = 'Nothing: whatever it told was taken when it first came.'
      throw new Refusal(
        403,
        'replayed',
        'This report came before, and is too old to come again.',
        fix,
      )
    }
    // Postmark repeats anything but a 200.
    return c.json({ taken: true })
  })

  app.onError((error, c) => {
    if (error instanceof Refusal) return refuse(c, error)
    throw error
  })
  return app
}

async function takeSns(
  deps: ApiDeps,
  message: SnsMessage,
  fetchText: (url: string) => Promise<string>,
): Promise<void> {
  switch (message.Type) {
    case 'SubscriptionConfirmation': {
      const { SubscribeURL: url } = message
      // Signed, of our topic, and still: we call nobody but SNS.
      if (url !== undefined && isAmazonSns(url, /^\/$/)) await fetchText(url)
      return
    }
    case 'UnsubscribeConfirmation':
      deps.log.warn('the SES topic was unsubscribed: bounces and complaints come no more')
      return
    case 'Notification': {
      const note = await noteOfSes(message.Message, {
        id: message.MessageId,
        today: todayOf(deps),
      })
      if (note !== null) await takeMail(deps, note)
    }
  }
}

function todayOf({ now }: ApiDeps): string {
  return toIso(now()).slice(0, 10)
}

/** As the password of basic authentication, or in a header of its own. */
function showsSecret(c: Context, secret: string): boolean {
  const basic = /^Basic +(\S+)$/i.exec(c.req.header('Authorization') ?? '')?.[1]
  const password = Buffer.from(basic ?? '', 'base64')
    .toString('utf8')
    .replace(/^[^:]*:/, '')
  const given = basic === undefined ? (c.req.header('X-Webhook-Token') ?? '') : password
  return timingSafeEqual(digest(given), digest(secret))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
