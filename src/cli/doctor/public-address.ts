import { randomBytes } from 'node:crypto'
import twilio from 'twilio'
import type { Config } from '../../config.ts'
import { type Check, checks } from './check.ts'

/** What the instance on this machine does with messages; null where none runs here. */
export type RunningAs = 'catch' | 'allowlist' | 'live' | null

const WITHIN_MS = 10_000

/** Whether the outside world reaches the public listener: links and webhooks lead there. */
export async function checkPublicAddress(config: Config, sendsEmail: boolean): Promise<Check> {
  const { ok, info, warning, missing } = checks('Public address')
  const { PUBLIC_URL: url } = config
  if (url === undefined) {
    return sendsEmail
      ? missing(
          'PUBLIC_URL is not set: the links of emails, unsubscribe among them, would lead nowhere.',
          'Set it to the address, with https, at which your proxy passes on to the public listener.',
        )
      : info('PUBLIC_URL is not set; texts need none.')
  }
  const answer = await asked(`${url}/t.js`, {})
  if (answer.kind === 'none') return missing(`${url} ${answer.because}`, answer.fix)
  if (!isRekindle(answer)) return missing(`${url} ${notUs(answer)}`, fixOf(answer))
  return url.startsWith('https:')
    ? ok(`${url} leads to Rekindle.`)
    : warning(
        `${url} leads to Rekindle, without encryption.`,
        'Use https: mailbox providers unsubscribe by no other (RFC 8058).',
      )
}

/** A status of a message that nobody sent, signed as Twilio signs, then forged: neither changes anything. */
export async function checkWebhook(config: Config, running: RunningAs): Promise<Check> {
  const { ok, info, missing } = checks('Webhook')
  const { PUBLIC_URL: publicUrl, TWILIO_AUTH_TOKEN: token } = config
  if (publicUrl === undefined || token === undefined) {
    return info('Without PUBLIC_URL and a Twilio token there is no webhook to try.')
  }
  const url = `${publicUrl}/hooks/twilio/status`
  // A new one each time: what came before would be a replay.
  const form = { MessageSid: `SM${randomBytes(16).toString('hex')}`, MessageStatus: 'queued' }
  const post = (signature: string) =>
    asked(url, {
      method: 'POST',
      headers: { 'X-Twilio-Signature': signature },
      body: new URLSearchParams(form),
    })
  const signed = await post(twilio.getExpectedTwilioSignature(token, url, form))
  if (signed.kind === 'none') return missing(`${url} ${signed.because}`, signed.fix)
  if (signed.status === 403 && running === 'catch') {
    return missing(
      'The instance that runs here catches messages, and takes what its own catcher signs alone.',
      'Start it with OUTBOUND=allowlist, then ask again.',
    )
  }
  if (signed.status === 403) {
    return missing(
      `${url} takes what Twilio signs for a forgery.`,
      'Give the running instance this very PUBLIC_URL and TWILIO_AUTH_TOKEN: both take part in the signature. A proxy must pass path and query on unchanged.',
    )
  }
  if (signed.status >= 300) return missing(`${url} ${notUs(signed)}`, fixOf(signed))
  const forged = await post('forged')
  return forged.kind === 'answer' && forged.status === 403
    ? ok(`${url} takes what Twilio signs, and no more.`)
    : missing(
        `${url} takes forged reports as well, so it is not Rekindle that answers.`,
        'Let your proxy pass /hooks/ on to the public listener.',
      )
}

type Asked =
  | { readonly kind: 'answer'; readonly status: number; readonly type: string }
  | { readonly kind: 'none'; readonly because: string; readonly fix: string }

async function asked(url: string, init: RequestInit): Promise<Asked> {
  try {
    const signal = AbortSignal.timeout(WITHIN_MS)
    const response = await fetch(url, { ...init, redirect: 'manual', signal })
    await response.body?.cancel()
    const type = response.headers.get('content-type') ?? ''
    return { kind: 'answer', status: response.status, type }
  } catch (error) {
    return { kind: 'none', ...unanswered(error) }
  }
}

function isRekindle({ status, type }: Extract<Asked, { kind: 'answer' }>): boolean {
  return status === 200 && type.includes('javascript')
}

function notUs({ status }: Extract<Asked, { kind: 'answer' }>): string {
  if (status >= 500) return `answers with ${status}: the proxy finds nobody behind it.`
  if (status >= 300 && status < 400) return `leads on to another address (${status}).`
  return `is answered by something else than Rekindle (${status}).`
}

function fixOf({ status }: Extract<Asked, { kind: 'answer' }>): string {
  if (status >= 500) return 'Start Rekindle, and let the proxy pass on to its public listener.'
  return status >= 300 && status < 400
    ? 'Set PUBLIC_URL to the address where that ends: webhooks are signed for the one that is called.'
    : 'Let the proxy pass /t.js, /r/, /u/, /o/, /why/ and /hooks/ on to the public listener.'
}

function unanswered(error: unknown): { because: string; fix: string } {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = cause instanceof Error ? String(Reflect.get(cause, 'code') ?? cause.name) : ''
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return {
      because: 'is a name that the DNS does not know.',
      fix: 'Publish it, or correct PUBLIC_URL.',
    }
  }
  if (/CERT|SELF_SIGNED|TLS|SSL|UNABLE_TO/.test(code)) {
    return {
      because: 'has no certificate that is trusted.',
      fix: 'Mend the certificate of the proxy: Twilio and browsers refuse it, too.',
    }
  }
  if (/Timeout|ETIMEDOUT|UND_ERR/.test(code)) {
    return {
      because: `gave no answer within ${WITHIN_MS / 1_000} seconds.`,
      fix: 'Check the firewall and the proxy in front of the public listener.',
    }
  }
  return {
    because: 'takes no connection.',
    fix: 'Start Rekindle and the proxy, and check host and port of PUBLIC_URL.',
  }
}
