import type { ContactPointVerdict, Refusal, Retries, Transient } from '../types.ts'

/**
 * Every Twilio error code that we know, and what it means for the touch, the number and us. The
 * same table reads errors of the create request and of later status callbacks. A wrong line here
 * is costly both ways: a registration fault read as "invalid number" empties the list, and an
 * opt-out read as a passing fault texts someone who said STOP.
 *
 * Sources: twilio.com/docs/api/errors/<code>; where its page does not settle what to do, our
 * judgement is the careful one: nothing is held against a number without a clear word.
 */
type Meaning =
  | {
      readonly kind: 'permanent'
      readonly contactPoint: ContactPointVerdict
      readonly because: string
    }
  | {
      readonly kind: 'transient'
      readonly because: string
      readonly retryAfterMs?: number
      readonly retries?: Retries
    }
  | { readonly kind: 'sender_fault'; readonly because: string }

const MINUTE_MS = 60_000

const meanings: Readonly<Record<number, Meaning>> = {
  20003: fault('Twilio refuses our account SID, key or token.'),
  20005: fault('Our Twilio account is not active.'),
  20404: fault('Twilio does not know our account or messaging service.'),
  20429: later('Twilio is limiting how fast we may send.', { retryAfterMs: 1_000 }),
  21211: never('invalid', 'Twilio says that this is not a phone number.'),
  21408: fault('Our Twilio account may not text this country or region.'),
  21602: fault('The text is empty.'),
  21603: fault('No sending number is set.'),
  21604: fault('The text names no recipient.'),
  21606: fault('Our sending number does not belong to the account, or cannot send texts.'),
  21608: fault('Our Twilio account is on trial or lacks a compliance profile.'),
  21609: fault('Twilio does not accept the address for our status callbacks.'),
  21610: never('opted_out', 'The recipient has told Twilio STOP.'),
  21611: later("Our sending number's queue is full.", { retryAfterMs: MINUTE_MS }),
  21612: never('not_capable', 'Twilio has no route from our sending number to this one.'),
  21614: never('not_capable', 'The number is not a mobile number.'),
  21617: fault('The text is longer than 1,600 characters.'),
  21635: never('not_capable', 'The number is a landline.'),
  21659: fault('Our sending number is none of Twilio in that country.'),
  21660: fault('Our sending number belongs to another account.'),
  21701: fault('The messaging service does not exist.'),
  21703: fault('The messaging service has no sending number.'),
  21704: fault('The messaging service has no sending number.'),
  21705: fault('The messaging service is not valid.'),
  30001: later('Twilio was too long in sending it; its queue was full.', {
    retryAfterMs: 15 * MINUTE_MS,
  }),
  30002: fault('Our Twilio account is suspended.'),
  // Unreachable is often passing (switched off, no signal), and may hide filtering.
  30003: later('The handset could not be reached.', {
    retryAfterMs: 60 * MINUTE_MS,
    retries: { atMost: 2, contactPoint: 'unchanged' },
  }),
  30004: never('unchanged', 'The recipient or the carrier blocks this message.'),
  // Its sources disagree on whether this passes: one more attempt, then the number is invalid.
  30005: later('The carrier does not know the handset.', {
    retryAfterMs: 60 * MINUTE_MS,
    retries: { atMost: 1, contactPoint: 'invalid' },
  }),
  30006: never('not_capable', 'The number is a landline, or its carrier takes no texts.'),
  // One filtered text is about that text; its rate is what to alert on.
  30007: never('unchanged', 'The carrier filtered the text as unwanted.'),
  30008: later('The carrier gave no reason for the failure.', {
    retryAfterMs: 15 * MINUTE_MS,
    retries: { atMost: 1, contactPoint: 'unchanged' },
  }),
  30010: fault('The text costs more than the limit that we set.'),
  30017: later("The carrier's network is congested.", {
    retryAfterMs: 15 * MINUTE_MS,
    retries: { atMost: 2, contactPoint: 'unchanged' },
  }),
  30018: fault('The country wants our sender registered first.'),
  30022: later('Our sending rate at the US carriers is used up.', { retryAfterMs: MINUTE_MS }),
  30023: later("Today's quota at the US carrier is used up."),
  30024: fault('Our sending number is not set up at that carrier.'),
  30027: later("Today's quota at a US carrier is used up."),
  30032: fault('Our toll-free number is not verified.'),
  30034: fault('Our number is not registered for US application traffic (A2P 10DLC).'),
  30033: fault('Our A2P 10DLC campaign is suspended.'),
  30035: fault('Our number is still being set up for A2P 10DLC.'),
  30036: later('The text was not delivered before its validity ended.'),
  30047: later('Twilio could not move the text to an allowed hour, and dropped it.'),
  30610: later("Twilio held the text back for the recipient's quiet hours."),
}

/** The known meaning of a Twilio error code; null for one that the table lacks. */
export function twilioErrorMeaning(code: number): Refusal | null {
  const meaning = meanings[code]
  return meaning ? { ...meaning, code: `sms_${code}` } : null
}

/** What a failed or undelivered message means, from the ErrorCode of its status callback. */
export function deliveryFailure(errorCode: number | null): Refusal {
  const known = errorCode === null ? null : twilioErrorMeaning(errorCode)
  if (known !== null) return known
  if (errorCode !== null) {
    return unknown(errorCode, 'The text could not be delivered, for a reason not in our table.')
  }
  return {
    kind: 'permanent',
    code: 'sms_undelivered',
    because: 'The text could not be delivered, and nobody says why.',
    contactPoint: 'unchanged',
  }
}

/** A code that the table lacks: once it counts as passing; then a person must look. */
function unknown(code: number | null, because: string): Transient {
  return {
    kind: 'transient',
    code: code === null ? 'sms_refused' : `sms_${code}`,
    because,
    retryAfterMs: 15 * MINUTE_MS,
    retries: { atMost: 1, contactPoint: 'unchanged', thenPark: true },
  }
}

export type HttpRefusal = {
  readonly status: number
  /** Twilio's own error code, when the body held one. */
  readonly code: number | null
  /** The Retry-After header in milliseconds. */
  readonly retryAfterMs: number | null
}

/**
 * What a refused create request means. The status class goes first: creating a message is not
 * idempotent at Twilio and a 5xx does not say on which side of the acceptance it broke, so every
 * 5xx is ambiguous whatever its body says.
 */
export function classifyCreateRefusal({ status, code, retryAfterMs }: HttpRefusal): Refusal {
  if (status >= 500) {
    return {
      kind: 'ambiguous',
      code: 'sms_provider_error',
      because: `Twilio failed (HTTP ${status}) without saying whether it took the text.`,
    }
  }
  if (status === 429) return tooFast(retryAfterMs)
  const known = code === null ? null : twilioErrorMeaning(code)
  if (known) return known
  if (status === 400) {
    return unknown(code, 'Twilio refused the text, for a reason that is not in our table.')
  }
  return {
    kind: 'sender_fault',
    code: `sms_http_${status}`,
    because: `Twilio refuses to serve us (HTTP ${status}).`,
  }
}

function tooFast(retryAfterMs: number | null): Refusal {
  return {
    kind: 'transient',
    code: 'sms_20429',
    because: 'Twilio is limiting how fast we may send.',
    retryAfterMs: retryAfterMs ?? 1_000,
  }
}

function never(contactPoint: ContactPointVerdict, because: string): Meaning {
  return { kind: 'permanent', contactPoint, because }
}

function later(
  because: string,
  more: Pick<Extract<Meaning, { kind: 'transient' }>, 'retryAfterMs' | 'retries'> = {},
): Meaning {
  return { kind: 'transient', because, ...more }
}

function fault(because: string): Meaning {
  return { kind: 'sender_fault', because }
}
