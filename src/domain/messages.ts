import type { AttemptFact } from './attempts.ts'
import type { MessageId } from './ids.ts'
import type { Channel, MessageClass } from './policy/types.ts'
import type { Instant } from './time.ts'

/** What a message outside a cadence may be: marketing is planned, and so needs one. */
export type WrittenClass = Exclude<MessageClass, 'marketing'>

/** The answers that the law and the carriers expect to a keyword. */
export type RequiredAnswer = 'stop' | 'start' | 'help'

/** What became of a message. Only `sent` and `uncertain` may have reached the person. */
export type MessageOutcome =
  | 'sent'
  | 'uncertain'
  | 'denied'
  | 'expired'
  | 'failed'
  | 'unreachable'
  /** The person has said the contrary since. */
  | 'taken_back'
  | 'erased'

/** A message that waits to leave, as the planner sees it. */
export interface MessageFact {
  readonly id: MessageId
  readonly class: WrittenClass
  readonly channel: Channel
  readonly answer: RequiredAnswer | null
  /** The planner's clock; null: it is worth sending at any time. */
  readonly notAfter: Instant | null
  /** False: the lead is not reached any more by the contact point that it was written for. */
  readonly reachable: boolean
  /** Oldest first. */
  readonly attempts: readonly AttemptFact[]
}

/** "answer to STOP": what it is, without a word about the person. */
export function messageWords({
  class: kind,
  answer,
}: {
  readonly class: WrittenClass
  readonly answer: RequiredAnswer | null
}): string {
  switch (kind) {
    case 'required':
      return answer === null ? 'required answer' : `answer to ${answer.toUpperCase()}`
    case 'conversation':
      return 'message by a person'
    case 'transactional':
      return 'service message'
  }
}
