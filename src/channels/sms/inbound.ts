import { z } from 'zod'
import type { Instant } from '../../domain/time.ts'

const e164 = z.string().regex(/^\+[1-9]\d{4,14}$/)
const sid = z.string().regex(/^(SM|MM)[0-9a-fA-F]{32}$/)

/** A text that came in. A short code or a channel address as its sender is refused. */
const inboundSchema = z.object({
  MessageSid: sid,
  From: e164,
  To: z.string().min(1),
  Body: z.string().default(''),
  /** Set when Twilio itself took the message for an opt-out, opt-in or help word; or a new kind. */
  OptOutType: z.enum(['STOP', 'START', 'HELP']).optional().catch(undefined),
})

const statusSchema = z.object({
  MessageSid: sid,
  MessageStatus: z.string().min(1),
  ErrorCode: z.coerce.number().int().positive().optional().catch(undefined),
})

export type InboundSms = {
  readonly providerId: string
  readonly from: string
  readonly to: string
  readonly body: string
  readonly optOut: 'stop' | 'start' | 'help' | null
  /** When it was sent, where the provider tells; a webhook does not. */
  readonly at?: Instant
}

export type SmsStatus = {
  readonly providerId: string
  readonly status: string
  readonly errorCode: number | null
}

/** Reads the form of an inbound text; null when it is not one. */
export function parseInboundSms(form: unknown): InboundSms | null {
  const read = inboundSchema.safeParse(form)
  if (!read.success) return null
  const { MessageSid, From, To, Body, OptOutType } = read.data
  return { providerId: MessageSid, from: From, to: To, body: Body, optOut: lower(OptOutType) }
}

/** Reads the form of a status callback; null when it is not one. */
export function parseSmsStatus(form: unknown): SmsStatus | null {
  const read = statusSchema.safeParse(form)
  if (!read.success) return null
  const { MessageSid, MessageStatus, ErrorCode } = read.data
  return { providerId: MessageSid, status: MessageStatus, errorCode: ErrorCode ?? null }
}

/**
 * Orders a message's statuses: callbacks come out of order and twice, so a status counts only when
 * its rank is above that of the last one. A final status is never replaced, except `delivered` by
 * `read`. Unknown statuses rank lowest and so change nothing.
 */
export function smsStatusRank(status: string): number {
  return ranks[status] ?? -1
}

const ranks: Readonly<Record<string, number>> = {
  accepted: 0,
  scheduled: 0,
  queued: 1,
  sending: 2,
  sent: 3,
  partially_delivered: 4,
  canceled: 5,
  failed: 5,
  undelivered: 5,
  delivered: 5,
  read: 6,
}

function lower(type: 'STOP' | 'START' | 'HELP' | undefined): InboundSms['optOut'] {
  switch (type) {
    case 'STOP':
      return 'stop'
    case 'START':
      return 'start'
    case 'HELP':
      return 'help'
    case undefined:
      return null
  }
}
