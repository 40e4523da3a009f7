import type { DeadReason } from '../lead.ts'
import type { RevivalOverride } from '../revival.ts'

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

/** How leads that died in this cadence come back; what is absent is the company's. */
export interface CadenceRevival {
  readonly byReason: Readonly<Partial<Record<DeadReason, RevivalOverride>>>
  /** Never less than the company's. */
  readonly minGapMs?: number
  /** Never more than the company's. */
  readonly maxRevivals?: number
}
