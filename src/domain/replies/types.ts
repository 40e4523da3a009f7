import type { Channel } from '../policy/types.ts'

/** What an answer can mean. The order is the one in which they are asked for. */
export const INTENTS = [
  'opt_out',
  'help',
  'opt_in',
  'wrong_person',
  'out_of_office',
  'hostile',
  'competitor',
  'no_matching_offering',
  'unqualified_budget',
  'not_interested',
  'postpone',
  'interested',
  'question',
  'unknown',
] as const
export type Intent = (typeof INTENTS)[number]

export type CompetitorWhy = 'price' | 'feature' | 'timing' | 'other'

/** What an answer said beyond its intent. Free text of a person: it stays in the store. */
export interface ReplyFacts {
  /** Which channels the words of an opt-out cover. */
  readonly stops: Channel | 'all'
  /** An opt-out by one of the words that are an opt-out by law and nothing else. */
  readonly literal: boolean
  /** Thanks and 👍: an acknowledgement that asks for nothing. */
  readonly thanks: boolean
  readonly competitor: string | null
  readonly why: CompetitorWhy | null
  /** When the competitor's contract ends: "2027-06-30". */
  readonly contractEnds: string | null
  readonly wanted: string | null
  /** Whom a wrong person names instead. */
  readonly instead: string | null
  /** The day that was named, on the calendar of the lead's zone: "2027-02-01". */
  readonly day: string | null
  /** It answers the question why: "the wrong time" gives the lead up until then. */
  readonly answersWhy?: boolean
}

/** How an answer was understood, and by which rule. */
export interface ReplyReading {
  readonly intent: Intent
  /** The one thing worth knowing: a name, what was wanted, a day, the channels that stop. */
  readonly detail: string | null
  /** From 0, a guess, to 1, beyond doubt. */
  readonly confidence: number
  readonly visibleText: string
  readonly rule: string
  readonly rulesVersion: string
  readonly facts: ReplyFacts
}

/** Below this a person decides, unless the answer may be a stop. */
export const SURE_FROM = 0.6

/** One rule as a file states it, ready to be asked. */
export interface ReplyRule {
  readonly id: string
  readonly file: string
  readonly line: number
  readonly intent: Intent
  readonly confidence: number
  /** null: the one that the answer came by, and what its words name. */
  readonly stops: Channel | 'all' | null
  readonly thanks: boolean
  readonly why: CompetitorWhy | null
  /** Only when the answer names a day: near is today or tomorrow, far is later. */
  readonly day: 'near' | 'far' | 'named' | null
  /** Only answers of at most so many words. */
  readonly atMostWords: number | null
  readonly says: readonly RegExp[]
  /** Read as if these words were not there. */
  readonly ignoring: readonly RegExp[]
  /** Not when any of these stands anywhere in the answer. */
  readonly unless: readonly RegExp[]
  readonly examples: readonly Example[]
  readonly others: readonly Example[]
}

/** A text that a rule must take, or must leave to others. */
export interface Example {
  readonly text: string
  readonly line: number
}

export interface ReplyRules {
  /** Equal versions read alike. */
  readonly version: string
  readonly rules: readonly ReplyRule[]
}
