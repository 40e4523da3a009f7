import { randomBytes } from 'node:crypto'
import type { Instant } from '../../domain/time.ts'
import { segmentCount } from './segments.ts'

/** A text as Twilio would keep it. */
export type Message = {
  readonly sid: string
  readonly direction: 'inbound' | 'outbound-api' | 'outbound-reply'
  readonly to: string
  from: string | null
  readonly messagingServiceSid: string | null
  body: string
  status: string
  errorCode: number | null
  readonly createdAt: Instant
  sentAt: Instant | null
  updatedAt: Instant
  readonly statusCallback: string | null
}

/** A message id in the form of Twilio’s. */
export function newMessageSid(): string {
  return `SM${randomBytes(16).toString('hex')}`
}

/** The message as Twilio's API writes it. */
export function toResource(accountSid: string, message: Message): Record<string, unknown> {
  const uri = `/2010-04-01/Accounts/${accountSid}/Messages/${message.sid}`
  return {
    account_sid: accountSid,
    api_version: '2010-04-01',
    body: message.body,
    date_created: rfc2822(message.createdAt),
    date_sent: message.sentAt === null ? null : rfc2822(message.sentAt),
    date_updated: rfc2822(message.updatedAt),
    direction: message.direction,
    error_code: message.errorCode,
    error_message: message.errorCode === null ? null : 'failed on demand',
    from: message.from,
    messaging_service_sid: message.messagingServiceSid,
    num_media: '0',
    // A messaging service has not chosen a sender yet, and so does not know.
    num_segments: message.from === null ? '0' : String(segmentCount(message.body)),
    price: null,
    price_unit: 'USD',
    sid: message.sid,
    status: message.status,
    subresource_uris: { media: `${uri}/Media.json`, feedback: `${uri}/Feedback.json` },
    to: message.to,
    uri: `${uri}.json`,
  }
}

/** The RFC 2822 form with a numeric zone, in whole seconds. */
export function rfc2822(at: number): string {
  return new Date(at).toUTCString().replace('GMT', '+0000')
}
