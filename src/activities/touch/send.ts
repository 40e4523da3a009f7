import type { SendOutcome } from '../../channels/types.ts'
import { legalWindow, type PolicyPerson } from '../../domain/policy/index.ts'
import { HOUR_MS, type Instant, MINUTE_MS, plus, SECOND_MS } from '../../domain/time.ts'
import type { EngineRules } from '../../domain/company.ts'
import type { ActivityDeps } from '../deps.ts'
import type { Message } from './prepare.ts'

/** Shorter than the activity's start-to-close: a call never outlives its attempt. */
export const PROVIDER_DEADLINE_MS = 30 * SECOND_MS
/**
 * From the decision to the call: who stood still for longer sends nothing any more, for the hours
 * may be over. With the deadline it stays within what a dispatch is given before it is uncertain.
 */
const STALL_MS = 20 * SECOND_MS

const VALIDITIES_MS = [4 * HOUR_MS, 2 * HOUR_MS, HOUR_MS, 30 * MINUTE_MS]

/** Calls the provider, once. `sinceDecision` tells how long ago, in ms, the policy was asked. */
export async function send(
  deps: ActivityDeps,
  message: Message,
  person: PolicyPerson,
  settings: EngineRules,
  now: Instant,
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
    return deps.sms.send(
      {
        touch: message.touchId,
        to: message.to,
        body: message.text,
        validForMs: validForMs(message, person, now, settings),
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
 * How long the provider may hold the text: it must run out while every legal window is open. The
 * windows of a day are unbroken, so a later instant that is allowed vouches for all before it.
 */
function validForMs(
  { notAfter }: Message,
  person: PolicyPerson,
  now: Instant,
  { policy }: Pick<EngineRules, 'policy'>,
): number {
  // A provider takes whole seconds, and at least one.
  const leftMs = notAfter === null ? Number.POSITIVE_INFINITY : Math.max(notAfter - now, SECOND_MS)
  const place = {
    phone: person.phone,
    state: person.state,
    zip: person.zip,
    timezone: person.timezone,
  }
  const open = VALIDITIES_MS.find((ms) => legalWindow(place, 'sms', plus(now, ms)).allowed)
  return Math.min(open ?? Math.max(policy.closingMarginMs - MINUTE_MS, MINUTE_MS), leftMs)
}
