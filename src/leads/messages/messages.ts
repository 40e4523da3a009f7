import { PRIORITY } from '../../domain/contract.ts'
import type { MessageId, SignalId } from '../../domain/ids.ts'
import type { RequiredAnswer, WrittenClass } from '../../domain/messages.ts'
import type { Channel } from '../../domain/policy/types.ts'
import type { Instant } from '../../domain/time.ts'
import { addMessage } from '../../store/channels/messages.ts'
import type { Executor } from '../../store/executor.ts'
import type { LeadRow } from '../../store/leads.ts'
import { newId } from '../../store/new-id.ts'
import { staleNow } from '../../store/stale.ts'
import type { Ring } from '../../temporal/doorbell.ts'
import { invalidField, Refusal, ringOf } from '../intake.ts'
import { hashesOf } from '../stops.ts'

/** A message outside a cadence. */
export type NewMessage = {
  /** Who writes: "api:<key>", "console:<user>" … */
  readonly by: string
  /** The signal that it answers; null when it answers none. */
  readonly inReplyTo: SignalId | null
  /** The wall clock of whoever takes it. */
  readonly requestedAt: Instant
} & (
  | {
      readonly class: Exclude<WrittenClass, 'required'>
      readonly channel: Channel
      /** Emails have one, texts none. */
      readonly subject: string | null
      readonly text: string
      /** How long it is worth sending, from `requestedAt` on; null: for ever. */
      readonly validMs: number | null
    }
  | {
      readonly class: 'required'
      readonly channel: 'sms'
      readonly answer: RequiredAnswer
      readonly validMs: number
    }
)

export interface WrittenMessage {
  readonly messageId: MessageId
  /** To be rung after the commit. */
  readonly ring: Ring
}

/**
 * Writes a message to a locked lead, in the caller's transaction. It leaves through the same
 * gates as a step's touch, before anything else that is planned and whatever the lead's status.
 * @throws Refusal 409 (erased, or not reached by this channel), 422 (no subject, no words)
 */
export async function writeMessage(
  trx: Executor,
  lead: LeadRow,
  message: NewMessage,
): Promise<WrittenMessage> {
  const { channel, by, inReplyTo, requestedAt, validMs } = message
  if (message.class !== 'required') requireWords(message)
  const [contactHash] = await hashesOf(trx, lead.id, channel)
  if (lead.status === 'erased' || contactHash === undefined) throw unreachable(channel)
  const messageId = newId<MessageId>('message')
  await addMessage(trx, lead, {
    id: messageId,
    class: message.class,
    channel,
    contact_hash: contactHash,
    answer: message.class === 'required' ? message.answer : null,
    subject: message.class === 'required' ? null : message.subject,
    text: message.class === 'required' ? null : message.text,
    by,
    in_reply_to: inReplyTo,
    requested_at: requestedAt,
    valid_ms: validMs,
  })
  await staleNow(trx, lead, 'a message is to leave')
  const priority = message.class === 'required' ? PRIORITY.form : PRIORITY.normal
  return { messageId, ring: ringOf(lead, 'message', priority) }
}

function requireWords({
  channel,
  subject,
  text,
}: {
  readonly channel: Channel
  readonly subject: string | null
  readonly text: string
}): void {
  if (text.trim() === '') {
    throw invalidField('text', 'The message says nothing.', 'Write what is to be sent.')
  }
  const needed = channel === 'email'
  if (needed === (subject !== null && subject.trim() !== '')) return
  throw needed
    ? invalidField(
        'subject',
        'An email needs a subject.',
        'Add one line that says what it is about.',
      )
    : invalidField('subject', 'A text has no subject.', 'Leave the subject out.')
}

function unreachable(channel: Channel): Refusal {
  const noun = channel === 'email' ? 'email address' : 'phone number'
  return new Refusal(
    409,
    'not_reachable',
    `No ${noun} of this lead is on file.`,
    `Add the ${noun} to the lead first, or write on the other channel.`,
  )
}
