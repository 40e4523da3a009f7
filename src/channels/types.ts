import type { TouchId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'

/**
 * One shape for every channel. A provider's answer is a value, never an exception: the caller
 * must decide on each of its five kinds. `because` is a sentence for people; it holds reply codes
 * at most, never an address, a phone number or the provider's own words, which may quote one.
 */
export type SendOutcome = Accepted | Refusal

export type Accepted = {
  readonly kind: 'accepted'
  /** The provider's name for the message: a Message-ID or a Twilio SID. */
  readonly providerId: string
  /** When the provider says that it took the message, by its own clock. */
  readonly acceptedAt?: Instant
}

export type Refusal = Permanent | Transient | SenderFault | Ambiguous

/** This message will never be taken; `contactPoint` says what that teaches about its recipient. */
export type Permanent = {
  readonly kind: 'permanent'
  readonly code: string
  readonly because: string
  readonly contactPoint: ContactPointVerdict
}

/** Nothing was sent; a later attempt may succeed. */
export type Transient = {
  readonly kind: 'transient'
  readonly code: string
  readonly because: string
  readonly retryAfterMs?: number
  /** How many more attempts make sense, and what their failure teaches. Absent: the usual number. */
  readonly retries?: Retries
}

export type Retries = {
  readonly atMost: number
  readonly contactPoint: ContactPointVerdict
  /** After them the lead waits for a person: nobody knows what this answer means. */
  readonly thenPark?: true
}

/** Our registration, credentials, content or set-up is at fault: the lead is not to blame. */
export type SenderFault = {
  readonly kind: 'sender_fault'
  readonly code: string
  readonly because: string
}

/** The message left and no final answer came: it may or may not have been taken. */
export type Ambiguous = {
  readonly kind: 'ambiguous'
  readonly code: string
  readonly because: string
}

/** `unchanged`: the answer says nothing about the contact point. */
export type ContactPointVerdict = 'invalid' | 'opted_out' | 'not_capable' | 'unchanged'

/** Whether a send can be tried now. `fix` says what a person can do about a no. */
export type Ready =
  | { readonly ready: true }
  | {
      readonly ready: false
      readonly kind: 'not_configured' | 'transient' | 'sender_fault'
      readonly code: string
      readonly because: string
      readonly fix: string
    }

export type SendOptions = {
  /** How long the whole send may take, in milliseconds from now. */
  readonly deadlineMs: number
}

export type Mailbox = { readonly address: string; readonly name?: string }

export type OutgoingEmail = {
  readonly touch: TouchId
  readonly from: Mailbox
  /** One bare address. */
  readonly to: string
  readonly replyTo?: Mailbox
  /** The envelope sender, where bounces go (VERP); `from` when absent. */
  readonly returnPath?: string
  readonly subject: string
  readonly text?: string
  readonly html?: string
  /** With angle brackets; the same for every attempt of one touch. */
  readonly messageId: string
  readonly inReplyTo?: string
  readonly references?: readonly string[]
  /** A machine's news to a person, which no machine should answer. */
  readonly automatic?: boolean
  /** Where a POST unsubscribes in one click (RFC 8058), and optionally a mailbox that does. */
  readonly unsubscribe?: { readonly url: string; readonly mailto?: string }
  /** The instant of the touch by the engine's clock; only ever told to the embedded catcher. */
  readonly at?: Instant
}

export type OutgoingSms = {
  readonly touch: TouchId
  /** E.164. */
  readonly to: string
  readonly body: string
  /** The provider must not deliver later than this many milliseconds from now. */
  readonly validForMs?: number
  /** The instant of the touch by the engine's clock; only ever told to the embedded emulator. */
  readonly at?: Instant
}

export interface EmailChannel {
  /**
   * Proves that the sender's server takes our connection and credentials (the answer is kept a
   * while), and waits for the sender's turn where its rate is bounded. Absent: the server of
   * whoever has none of their own.
   */
  ready(sender?: string): Promise<Ready>
  send(message: OutgoingEmail, options: SendOptions): Promise<SendOutcome>
  close(): Promise<void>
}

export interface SmsChannel {
  /** Proves that the provider takes our credentials; the answer is kept a while. */
  ready(): Promise<Ready>
  send(message: OutgoingSms, options: SendOptions): Promise<SendOutcome>
  /** Looks for what became of an ambiguous send. */
  find(search: SmsSearch): Promise<SmsEvidence>
  close(): Promise<void>
}

export type SmsSearch = {
  readonly to: string
  readonly body: string
  /** When the ambiguous attempt was dispatched; nothing older is evidence for it. */
  readonly sentAfter: Instant
  /** Provider ids known to belong to other touches. */
  readonly except?: readonly string[]
}

export type SmsEvidence =
  | {
      readonly kind: 'found'
      readonly providerId: string
      readonly status: string
      readonly acceptedAt: Instant
      readonly errorCode: number | null
    }
  /** Not listed; young messages may still appear, so this alone proves nothing. */
  | { readonly kind: 'not_found' }
  | { readonly kind: 'unavailable'; readonly code: string; readonly because: string }
