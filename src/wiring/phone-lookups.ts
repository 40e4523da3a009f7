import type { PhoneLookup } from '../channels/sms/phone-lookup.ts'
import { SECOND_MS } from '../domain/time.ts'
import { lookUpDue } from '../leads/incoming/phone-types.ts'
import type { Intake } from '../leads/intake.ts'
import type { Log } from '../temporal/log.ts'
import { createLoop, type Loop } from '../temporal/loop.ts'

export interface PhoneLookupOptions {
  readonly intake: Intake
  readonly lookup: PhoneLookup
  /** Whose number may be told to the provider; everybody's when live. */
  readonly mayAsk: (number: string) => boolean
  readonly log: Log
  readonly everyMs?: number
}

const EVERY_MS = SECOND_MS
const REST_AFTER_FAILURE_MS = 30 * SECOND_MS

/**
 * Asks the provider what kind of line each newly captured number is, where the company wants to know:
 * after the capture and beside it, so that nobody waits for the answer but a text to that number,
 * and that one for a moment only.
 */
export function createPhoneLookupLoop(options: PhoneLookupOptions): Loop {
  const { intake, lookup, mayAsk, log } = options
  const everyMs = options.everyMs ?? EVERY_MS
  return createLoop({
    name: 'phone lookups',
    log,
    restAfterFailureMs: options.everyMs ?? REST_AFTER_FAILURE_MS,
    turn: async () => ((await lookUpDue(intake, lookup, mayAsk)) > 0 ? 0 : everyMs),
  })
}
