import { instant } from '../../domain/time.ts'
import { keepReady } from '../readiness.ts'
import { AT_HEADER, stampOf } from '../stamp.ts'
import type { OutgoingSms, Ready, Refusal, SendOptions, SendOutcome, SmsChannel } from '../types.ts'
import { findMessage } from './find.ts'
import { numberFor } from './numbers.ts'
import { type TwilioCall, twilioCall } from './twilio-client.ts'
import { classifyFailure, unreadable } from './twilio-failure.ts'

export type SmsConfig = {
  readonly accountSid: string
  readonly authToken: string
  /** An API key to send with instead of the auth token, which webhook signatures still need. */
  readonly apiKey?: { readonly sid: string; readonly secret: string }
  readonly sender:
    | { readonly kind: 'messaging_service'; readonly sid: string }
    /** One or more of our numbers; each recipient always hears from the same one. */
    | { readonly kind: 'numbers'; readonly pool: readonly string[] }
  /**
   * Where Twilio reports what became of a text; the touch is added to its query. null where Twilio
   * cannot reach us: then its list is asked.
   */
  readonly statusCallbackUrl: string | null
  /** Another origin than Twilio's: the embedded emulator. */
  readonly baseUrl?: string
  /** How long a proven account counts as ready, in milliseconds. Default 60 000. */
  readonly readyForMs?: number
  /** Tell the server the engine's time: for the embedded emulator only. */
  readonly stampTime: boolean
}

/** The query parameter of the status callback that names the touch. */
export const TOUCH_PARAMETER = 'touch'

const READY_DEADLINE_MS = 10_000
const FIND_DEADLINE_MS = 15_000
const DEFAULT_READY_FOR_MS = 60_000
/** Twilio's bounds, in seconds. */
const VALIDITY = { least: 1, most: 36_000 }

/** Texts through Twilio's Messages API. Nothing is logged here, and no request is repeated. */
export function twilioChannel(config: SmsConfig): SmsChannel {
  const call = (deadlineMs: number, stamp: Date | null = null) =>
    twilioCall(config, {
      deadlineMs,
      ...(stamp && { headers: { [AT_HEADER]: stamp.toISOString() } }),
    })

  const readiness = keepReady(
    () => probe(call(READY_DEADLINE_MS)),
    config.readyForMs ?? DEFAULT_READY_FOR_MS,
  )

  const send = async (message: OutgoingSms, options: SendOptions): Promise<SendOutcome> => {
    const validity = validitySeconds(message)
    if (validity !== null && validity < VALIDITY.least) return tooLate
    const { http, client } = call(options.deadlineMs, stampOf(message, config.stampTime))
    try {
      const created = await client.messages.create({
        to: message.to,
        body: message.body,
        ...(config.statusCallbackUrl !== null && {
          statusCallback: callbackUrl(config.statusCallbackUrl, message.touch),
        }),
        ...senderOf(config, message.to),
        ...(validity !== null && { validityPeriod: Math.min(validity, VALIDITY.most) }),
      })
      if (typeof created.sid !== 'string' || created.sid === '') return unreadable
      readiness.proven()
      const acceptedAt = created.dateCreated?.getTime()
      return {
        kind: 'accepted',
        providerId: created.sid,
        ...(acceptedAt !== undefined &&
          !Number.isNaN(acceptedAt) && { acceptedAt: instant(acceptedAt) }),
      }
    } catch (error) {
      const refusal = classifyFailure(error, http.retryAfterMs)
      if (refusal.kind === 'sender_fault' || refusal.kind === 'transient') readiness.doubted()
      return refusal
    }
  }

  return {
    ready: readiness.check,
    send,
    find: async (search) => {
      const { http, client } = call(FIND_DEADLINE_MS)
      const { from = null } = senderOf(config, search.to)
      try {
        return await findMessage(client, from, search)
      } catch (error) {
        const { code, because } = classifyFailure(error, http.retryAfterMs)
        return { kind: 'unavailable', code, because }
      }
    },
    close: async () => {},
  }
}

function senderOf({ sender }: SmsConfig, to: string) {
  if (sender.kind === 'messaging_service') return { messagingServiceSid: sender.sid }
  const from = numberFor(sender.pool, to)
  return from === null ? {} : { from }
}

/** Lists one message: unlike the account's own page, every kind of API key may ask for that. */
async function probe({ http, client }: TwilioCall): Promise<Ready> {
  try {
    await client.messages.page({ pageSize: 1 })
    return { ready: true }
  } catch (error) {
    const refusal = classifyFailure(error, http.retryAfterMs)
    const kind = refusal.kind === 'sender_fault' ? 'sender_fault' : 'transient'
    return {
      ready: false,
      kind,
      code: refusal.code,
      because: refusal.because,
      fix:
        kind === 'sender_fault'
          ? 'Check the Twilio account SID, the key or token, and that the account is active.'
          : 'Nothing to do at first: it is tried again. If it stays, see status.twilio.com.',
    }
  }
}

const tooLate: Refusal = {
  kind: 'transient',
  code: 'sms_validity_over',
  because: 'The time in which this text may be delivered was over before it was sent.',
}

function validitySeconds({ validForMs }: OutgoingSms): number | null {
  return validForMs === undefined ? null : Math.floor(validForMs / 1_000)
}

function callbackUrl(base: string, touch: string): string {
  const url = new URL(base)
  url.searchParams.set(TOUCH_PARAMETER, touch)
  return url.href
}
