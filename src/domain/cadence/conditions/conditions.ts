import type { DeadDetails, EpisodeKind, LeadStatus } from '../../lead.ts'
import type { Channel } from '../../policy/types.ts'
import type { SignalKind } from '../../signals.ts'
import type { Instant } from '../../time.ts'

/**
 * What a cadence, a segment or a rule may ask of a lead. A condition is plain JSON, because it is
 * kept in published versions, and judging it is pure: all it looks at is in the facts.
 */
export type Condition =
  | { readonly kind: 'all'; readonly of: readonly Condition[] }
  | { readonly kind: 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  /** A field of the lead; all tests must hold. */
  | { readonly kind: 'field'; readonly field: string; readonly tests: readonly FieldTest[] }
  | { readonly kind: 'score'; readonly tests: readonly NumberTest[] }
  /** A person did one of these within the span, whichever the episode. */
  | { readonly kind: 'engaged'; readonly withinMs: number; readonly by: readonly Engagement[] }
  /** The policy has the consent that it asks for, and nothing suppresses the channel. */
  | { readonly kind: 'consent'; readonly channel: Channel }
  /** Something happened in this episode. */
  | { readonly kind: 'happened'; readonly what: Happened; readonly withinMs: number | null }

export type Scalar = string | number | boolean

export type FieldTest =
  | { readonly op: 'is' | 'is-not' | 'has'; readonly value: Scalar }
  | { readonly op: 'in' | 'not-in'; readonly values: readonly Scalar[] }
  | { readonly op: 'exists'; readonly value: boolean }
  | NumberTest
  /** An ISO date, an instant, or "now". */
  | { readonly op: 'before' | 'after'; readonly date: string }
  /** The date lies in the coming, or in the past, so many milliseconds. */
  | { readonly op: 'within' | 'within-last'; readonly ms: number }

export interface NumberTest {
  readonly op: (typeof NUMBER_TESTS)[number]
  readonly value: number
}

export const NUMBER_TESTS = ['above', 'below', 'at-least', 'at-most'] as const

/** What counts as engagement: each is done by a person, never by a scanner. */
export const ENGAGEMENTS = [
  'visit',
  'click',
  'reply',
  'form',
  'call',
  'booking',
] as const satisfies readonly SignalKind[]
export type Engagement = (typeof ENGAGEMENTS)[number]

/** What a step may have come to. */
export const STEP_FATES = [
  'sent',
  'delivered',
  'opened',
  'clicked',
  'failed',
  'dropped',
  'done',
  'given',
  'came',
  'timed-out',
] as const
export type StepFate = (typeof STEP_FATES)[number]

/** Signals that a cadence may ask for, and wait for. */
export const ASKED_SIGNALS = [
  'visit',
  'click',
  'form',
  'reply',
  'call',
  'custom',
  'opt_in',
  'contact_changed',
  'offering_added',
] as const satisfies readonly SignalKind[]
export type AskedSignal = (typeof ASKED_SIGNALS)[number]

export type Happened =
  | { readonly step: string; readonly was: StepFate }
  /** The arm that a split gave the lead. */
  | { readonly step: string; readonly arm: string }
  /** `name` is that of a custom signal; null: any. */
  | { readonly signal: AskedSignal; readonly name: string | null }

/** Everything that a condition may look at. */
export interface ConditionFacts {
  readonly now: Instant
  /** The lead's best known IANA zone: a date without a time begins at its midnight. */
  readonly zone: string
  readonly lead: LeadFieldFacts
  readonly score: ScoreFacts
  /** When each was done last, by a person. */
  readonly engaged: Readonly<Partial<Record<Engagement, Instant>>>
  readonly consent: Readonly<Record<Channel, boolean>>
  /** null outside of any episode. */
  readonly episode: EpisodeHistory | null
}

export interface LeadFieldFacts {
  readonly firstName: string | null
  readonly lastName: string | null
  readonly company: string | null
  /** Whether there is one to write to; conditions never see the address itself. */
  readonly email: boolean
  readonly phone: boolean
  readonly state: string | null
  readonly zip: string | null
  readonly timezone: string | null
  /** BCP 47. */
  readonly language: string | null
  readonly source: string
  readonly cost: { readonly amount: number; readonly currency: string } | null
  readonly owner: string | null
  readonly tags: readonly string[]
  readonly attributes: Readonly<Record<string, unknown>>
  readonly status: LeadStatus
  /** Why it is dead, or was dead before this episode. */
  readonly dead: DeadDetails | null
  readonly createdAt: Instant
}

export interface ScoreFacts {
  readonly points: number
  /** When time alone changes it next; null: it does not. */
  readonly changesAt: Instant | null
}

export interface EpisodeHistory {
  readonly kind: EpisodeKind
  readonly startedAt: Instant
  readonly steps: readonly StepHappening[]
  readonly signals: readonly {
    readonly kind: AskedSignal
    /** Of a custom signal. */
    readonly name: string | null
    readonly at: Instant
  }[]
}

export interface StepHappening {
  readonly stepId: string
  readonly fate: StepFate
  /** Of a split. */
  readonly arm: string | null
  readonly at: Instant
}

/** The parts of a condition that ask something, without all, any and not. */
export type Question = Exclude<Condition, { kind: 'all' | 'any' | 'not' }>

/** Everything that a condition asks. */
export function questionsOf(condition: Condition): readonly Question[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.flatMap(questionsOf)
    case 'not':
      return questionsOf(condition.of)
    default:
      return [condition]
  }
}
