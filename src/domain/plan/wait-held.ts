import type { Channel } from '../policy/types.ts'
import { DAY_MS, type Instant, plus } from '../time.ts'

/**
 * What holds a lead, in words for histories: what an operator wrote beside a hold is free text
 * and stays in the store.
 */
const HOLD_WORDS = {
  paused: 'it is paused',
  held_until: 'it waits for a date',
  lead_paused: 'it asked for a pause',
  no_cadence: 'it is in no cadence',
  cadence_paused: 'its cadence is paused',
  sender_halted: 'the sender is halted',
  emergency_stop: 'an emergency stop is on',
  parked: 'it is parked',
  reconciling: 'open sends are being reconciled',
} as const
export type HoldKind = keyof typeof HOLD_WORDS

export interface HoldFact {
  readonly kind: HoldKind
  /** Only this channel rests (a halted sender); null holds the whole lead. */
  readonly channel: Channel | null
  readonly untilAt: Instant | null
}

/** A held lead is looked at once a day, in case the bell that should lift it was lost. */
const HELD_LOOK_MS = DAY_MS

/** When a held lead is looked at again, and why it waits. */
export function waitHeld(hold: HoldFact, now: Instant) {
  const check = plus(now, HELD_LOOK_MS)
  const at = hold.untilAt !== null && hold.untilAt < check ? hold.untilAt : check
  return { kind: 'look', at, why: `held: ${HOLD_WORDS[hold.kind]}` } as const
}
