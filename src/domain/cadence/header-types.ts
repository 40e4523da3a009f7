import type { DeadReason } from '../lead.ts'
import type { RevivalOverride } from '../revival.ts'
import type { Condition } from './conditions/conditions.ts'
import type { CadenceEnd } from './types.ts'

/** What a cadence decides for all its leads, beside its steps. */

/** Answers whose consequence a cadence may choose; stops and hostility are none of them. */
export const CHOSEN_INTENTS = [
  'interested',
  'question',
  'unknown',
  'thanks',
  'postpone',
  'out_of_office',
  'competitor',
  'no_matching_offering',
  'unqualified_budget',
  'not_interested',
] as const
export type ChosenIntent = (typeof CHOSEN_INTENTS)[number]

/** What follows from an answer instead of what usually does. */
export type ReplyRule =
  | { readonly do: 'hand_off' }
  /** The cadence rests that long and goes on; a person is told, where somebody wants an answer. */
  | { readonly do: 'hold'; readonly forMs: number }
  | { readonly do: 'die'; readonly reason: DeadReason }

export type ReplyRulesOfCadence = Readonly<Partial<Record<ChosenIntent, ReplyRule>>>

/** Whom the cadence takes. What is absent asks nothing. */
export interface EntryRules {
  /** Only leads of these sources; their case does not count. */
  readonly sources?: readonly string[]
  /** Only leads for whom it holds. */
  readonly when?: Condition
  readonly reEntry?: ReEntry
}

/** Whether a lead that was in it before may come in again, and how long after that ended. */
export type ReEntry =
  | { readonly kind: 'never' }
  | { readonly kind: 'always' }
  | { readonly kind: 'after'; readonly ms: number }

/** Ends the cadence for a lead as soon as it holds: asked before every step and at every send. */
export interface ExitRule {
  readonly when: Condition
  readonly end: CadenceEnd
}

/** How leads that died in this cadence come back; what is absent is the company's. */
export interface CadenceRevival {
  readonly byReason: Readonly<Partial<Record<DeadReason, RevivalOverride>>>
  /** Never less than the company's. */
  readonly minGapMs?: number
  /** Never more than the company's. */
  readonly maxRevivals?: number
}
