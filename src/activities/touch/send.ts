import type { SendOutcome } from '../../channels/types.ts'
import type { EngineRules } from '../../domain/company/company.ts'
import { openForMs, type PolicyPerson } from '../../domain/policy/index.ts'
import { HOUR_MS, type Instant, MINUTE_MS, SECOND_MS } from '../../domain/time.ts'
import type { ActivityDeps } from '../deps.ts'
import type { Message } from './prepare.ts'

/** Shorter than the activity's start-to-close: a call never outlives its attempt. */
export const PROVIDER_DEADLINE_MS = 30 * SECOND_MS
/**
 * From the decision to the call: who stood still for longer sends nothing any more, for the hours
 * may be over. With the deadline it stays within what a dispatch is given before it is uncertain.
 */
const STALL_MS = 20 * SECOND_MS

/** What a provider could not hand over by then is stale anyway. */
const LONGEST_VALIDITY_MS = 4 * HOUR_MS
/** Of a text that no window binds, such as the answer to a STOP. */
const ANY_HOUR_VALIDITY_MS = 15 * MINUTE_MS

/**
 * Calls the provider, once. `sinceDecision` tells how long ago, in ms, the policy was asked;
 * `validMs` for how long the provider may try to deliver a text.
 */
export async function send(
  deps: ActivityDeps,
  message: Message,
  now: Instant,
  validMs: number | null,
  sinceDecision: () => number,
): Promise<SendOutcome> {
  if (sinceDecision() > STALL_MS) {
    return {
      kind: 'transient',
      code: 'stalled_before_the_call',
      because: 'This process stood still before it called the provider; nothing was sent.',
    }
  }
  const options = { deadlineMs: PROVIDER_DEADLINE_MS }
  if (message.channel === 'sms') {
    if (validMs === null) throw new Error('a text has its validity')
    return deps.sms.send(
      {
        touch: message.touchId,
        to: message.to,
        body: message.text,
        validForMs: validMs,
        at: now,
      },
      options,
    )
  }
  const { envelope } = message
  if (envelope === null) throw new Error('an email has an envelope')
  const { replyTo, returnPath, inReplyTo } = envelope
  return deps.email.send(
    {
      touch: message.touchId,
      from: envelope.from,
      ...(replyTo !== null && { replyTo }),
      ...(returnPath !== null && { returnPath }),
      ...(inReplyTo !== null && { inReplyTo, references: envelope.references }),
      to: message.to,
      subject: message.subject ?? '',
      text: message.text,
      ...(message.html === null ? {} : { html: message.html }),
      messageId: message.messageId ?? '',
      ...(message.unsubscribeUrl === null ? {} : { unsubscribe: { url: message.unsubscribeUrl } }),
      at: now,
    },
    options,
  )
}

/**
 * How long the provider may hold a text: it must run out before a window closes, with a minute to
 * spare for clocks that disagree. Null for an email, which no window binds.
 */
export function validForMs(
  { channel, notAfter }: Pick<Message, 'channel' | 'notAfter'>,
  person: PolicyPerson,
  now: Instant,
  { policy }: Pick<EngineRules, 'policy'>,
): number | null {
  if (channel === 'email') return null
  // A provider takes whole seconds, and at least one.
  const leftMs = notAfter === null ? Number.POSITIVE_INFINITY : Math.max(notAfter - now, SECOND_MS)
  const openMs = openForMs(person, now, policy, LONGEST_VALIDITY_MS + MINUTE_MS)
  // What leaves while the hours are closed is owed at any hour, and no window ends it.
  const legalMs = openMs === 0 ? ANY_HOUR_VALIDITY_MS : Math.max(openMs - MINUTE_MS, SECOND_MS)
  return Math.min(legalMs, leftMs)
}
