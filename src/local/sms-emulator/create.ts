import { z } from 'zod'
import { TOUCH_PARAMETER } from '../../channels/sms/twilio.ts'
import { type Clock, parseInstant } from '../../domain/time.ts'
import { type EmulatedAccount, numbersOf } from './account.ts'
import { type Message, newMessageSid } from './message.ts'
import type { OptOuts } from './opt-outs.ts'

/** What of a create request the emulator acts on; it takes the rest as Twilio would. */
const requestSchema = z.object({
  To: z.string().optional(),
  From: z.string().optional(),
  MessagingServiceSid: z.string().optional(),
  Body: z.string().optional(),
  StatusCallback: z.url().optional(),
  ValidityPeriod: z.coerce.number().int().min(1).max(36_000).optional(),
})

export type CreateResult =
  | { readonly kind: 'created'; readonly message: Message }
  | { readonly kind: 'refused'; readonly code: number; readonly because: string }

type CreateInput = {
  readonly account: EmulatedAccount
  readonly optOuts: OptOuts
  readonly form: unknown
  /** The engine's time, when the client is ours and told it. */
  readonly at: string | undefined
  readonly clock: Clock
}

/** Judges a create request as Twilio does, with its codes. */
export function createMessage({ account, optOuts, form, at, clock }: CreateInput): CreateResult {
  const parsed = requestSchema.safeParse(form)
  if (!parsed.success) return refused(20001, 'a parameter is invalid')
  const { To, From, MessagingServiceSid, Body, StatusCallback } = parsed.data
  if (!To) return refused(21604, "'To' is required")
  if (!/^\+[1-9]\d{6,14}$/.test(To)) return refused(21211, "'To' is not a valid phone number")
  if (!Body) return refused(21602, "'Body' is required")
  if (Body.length > 1_600) return refused(21617, "'Body' is longer than 1600 characters")
  if (!From && !MessagingServiceSid) return refused(21603, "'From' is required")
  if (From && !numbersOf(account).includes(From))
    return refused(21606, "'From' is not one of our numbers")
  if (optOuts.has(To)) return refused(21610, 'the recipient has unsubscribed')
  const now = parseInstant(at ?? '') ?? clock()
  return {
    kind: 'created',
    message: {
      sid: newMessageSid(),
      direction: 'outbound-api',
      to: To,
      from: From ?? null,
      messagingServiceSid: MessagingServiceSid ?? null,
      body: Body,
      status: MessagingServiceSid ? 'accepted' : 'queued',
      errorCode: null,
      createdAt: now,
      sentAt: null,
      updatedAt: now,
      statusCallback: StatusCallback ?? null,
    },
  }
}

/** The touch that a message was sent for: our client names it in the status callback's query. */
export function touchOf({ statusCallback }: Message): string | null {
  return statusCallback === null ? null : new URL(statusCallback).searchParams.get(TOUCH_PARAMETER)
}

function refused(code: number, because: string): CreateResult {
  return { kind: 'refused', code, because }
}
