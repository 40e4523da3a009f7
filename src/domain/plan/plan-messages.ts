import { judgeAttempts } from '../attempts.ts'
import { PRIORITY, type Priority } from '../contract.ts'
import type { MessageId } from '../ids.ts'
import type { MessageFact, MessageOutcome } from '../messages.ts'
import { type Channel, type Decision, decide, explainDecision, isStopped } from '../policy/index.ts'
import type { PolicyPerson, PolicyRules } from '../policy/types.ts'
import { DAY_MS, type Instant, plus } from '../time.ts'

/** One attempt at a message. */
export interface MessagePlan {
  readonly message: MessageFact
  readonly attempt: number
  readonly priority: Priority
}

/** A message that will not be tried again, and why. */
export interface Close {
  readonly messageId: MessageId
  readonly outcome: Exclude<MessageOutcome, 'erased' | 'taken_back'>
  readonly because: string
  /** The decision that denied it for good. */
  readonly decision: Decision | null
}

export type PlannedMessage =
  | {
      readonly kind: 'message'
      readonly at: Instant
      readonly message: MessagePlan
      readonly why: string
    }
  | {
      readonly kind: 'look'
      readonly at: Instant
      readonly why: string
      /** The decision that makes it wait, in words; absent when none does. */
      readonly because?: string
    }
  | { readonly kind: 'close_message'; readonly message: MessageFact; readonly close: Close }

interface Circumstances {
  readonly person: PolicyPerson
  readonly rules: PolicyRules
  /** Until when the channel's sender rests at least; null while it sends. */
  readonly resting: (channel: Channel) => { readonly at: Instant; readonly why: string } | null
}

/**
 * What comes next for the messages that people wrote to a lead and the answers it is owed,
 * whatever the lead's status: the soonest of them, a required one first. Null when there is none.
 */
export function planMessages(
  messages: readonly MessageFact[],
  circumstances: Circumstances,
  now: Instant,
): PlannedMessage | null {
  let next: Exclude<PlannedMessage, { kind: 'close_message' }> | null = null
  for (const message of messages.toSorted(byUrgency)) {
    const planned = planMessage(message, circumstances, now)
    if (planned.kind === 'close_message') return planned
    if (next === null || planned.at < next.at) next = planned
  }
  return next
}

function byUrgency(a: MessageFact, b: MessageFact): number {
  return Number(b.class === 'required') - Number(a.class === 'required')
}

function planMessage(
  message: MessageFact,
  { person, rules, resting }: Circumstances,
  now: Instant,
): PlannedMessage {
  const close = (
    outcome: Close['outcome'],
    because: string,
    decision: Decision | null = null,
  ): PlannedMessage => ({
    kind: 'close_message',
    message,
    close: { messageId: message.id, outcome, because, decision },
  })
  const required = message.class === 'required'
  const verdict = judgeAttempts(message.attempts, { hasty: required })
  switch (verdict?.kind) {
    case 'sent':
      return close('sent', 'it was sent')
    case 'uncertain':
      return close('uncertain', 'it may have been sent, so it is not sent again')
    case 'failed':
      return close('failed', verdict.because)
    case 'under_way':
      return { kind: 'look', at: verdict.lookAt, why: 'a send is under way' }
    case 'again':
    case undefined:
      break
  }
  if (!message.reachable) {
    return close('unreachable', 'the lead is not reached any more where it was to go')
  }
  const { notAfter } = message
  if (notAfter !== null && now > notAfter) return close('expired', TOO_LATE)
  const rest = resting(message.channel)
  if (rest !== null) {
    const at = notAfter !== null && notAfter < rest.at ? plus(notAfter, 1) : rest.at
    return { kind: 'look', at, why: rest.why }
  }
  const retryAt = verdict?.retryAt ?? now
  const earliest = retryAt > now ? retryAt : now
  const decision = decide(person, message.channel, message.class, earliest, rules)
  if (isStopped(decision)) {
    const at = plus(now, STOPPED_LOOK_MS)
    const end = notAfter !== null && notAfter < at ? plus(notAfter, 1) : at
    return { kind: 'look', at: end, why: 'held: an emergency stop is on' }
  }
  const at = decision.allowed ? earliest : decision.nextAllowedAt
  const why = explainDecision(decision, earliest > now ? 'then' : 'now')
  if (at === null) return close('denied', why, decision)
  if (notAfter !== null && at > notAfter) return close('expired', TOO_LATE, decision)
  const last = message.attempts.at(-1)
  return {
    kind: 'message',
    at,
    message: {
      message,
      attempt: (last?.attempt ?? 0) + 1,
      priority: required ? PRIORITY.form : PRIORITY.normal,
    },
    why,
  }
}

/** In case the bell that tells of its end is lost. */
const STOPPED_LOOK_MS = DAY_MS

const TOO_LATE = 'it could not leave in time, and later it would be of no use'
