import type { DeadDetails, EpisodeKind, LeadStatus } from '../../lead.ts'
import type { Channel } from '../../policy/types.ts'
import { type Instant, instant } from '../../time.ts'
import { type FieldValue, fieldNamed, readDate } from './condition-fields.ts'
import { words } from './condition-words.ts'

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
export const ENGAGEMENTS = ['visit', 'click', 'reply', 'form', 'call', 'booking'] as const
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
] as const
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

export interface ConditionVerdict {
  readonly holds: boolean
  /** Why, in the words of the condition: no value of the lead is repeated. */
  readonly because: string
}

/** Whether the condition holds, and why or why not. */
export function judgeCondition(condition: Condition, facts: ConditionFacts): ConditionVerdict {
  switch (condition.kind) {
    case 'all':
      return judgeAll(condition.of.map((each) => judgeCondition(each, facts)))
    case 'any':
      return judgeAny(condition.of.map((each) => judgeCondition(each, facts)))
    case 'not': {
      const inner = judgeCondition(condition.of, facts)
      return { ...inner, holds: !inner.holds }
    }
    case 'field':
      return judgeField(condition, facts)
    default: {
      const holds = isSo(condition, facts)
      return { holds, because: words(condition, holds) }
    }
  }
}

/**
 * The first instant after now at which time alone may change the verdict; null when only a change
 * of the facts does. It may name an instant at which nothing changes after all.
 */
export function changesAt(condition: Condition, facts: ConditionFacts): Instant | null {
  const next = boundaries(condition, facts).filter((at) => at > facts.now)
  return next.length === 0 ? null : instant(Math.min(...next))
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

function judgeAll(verdicts: readonly ConditionVerdict[]): ConditionVerdict {
  const failed = verdicts.find(({ holds }) => !holds)
  return failed ?? { holds: true, because: joined(verdicts) }
}

function judgeAny(verdicts: readonly ConditionVerdict[]): ConditionVerdict {
  const held = verdicts.find(({ holds }) => holds)
  return held ?? { holds: false, because: joined(verdicts) }
}

function joined(verdicts: readonly ConditionVerdict[]): string {
  return verdicts.map(({ because }) => because).join(', and ')
}

function judgeField(
  condition: Extract<Condition, { kind: 'field' }>,
  facts: ConditionFacts,
): ConditionVerdict {
  const value = fieldNamed(condition.field)?.read(facts) ?? null
  const failed = condition.tests.find((test) => !passes(test, value, facts))
  const told = failed === undefined ? condition : { ...condition, tests: [failed] }
  return { holds: failed === undefined, because: words(told, failed === undefined) }
}

function isSo(question: Exclude<Question, { kind: 'field' }>, facts: ConditionFacts): boolean {
  switch (question.kind) {
    case 'score':
      return question.tests.every((test) => compares(test, facts.score.points))
    case 'engaged':
      return question.by.some((by) => isRecent(facts.engaged[by], question.withinMs, facts.now))
    case 'consent':
      return facts.consent[question.channel]
    case 'happened':
      return happenings(question, facts).some((at) =>
        isRecent(at, question.withinMs ?? Number.POSITIVE_INFINITY, facts.now),
      )
  }
}

function isRecent(at: Instant | undefined, withinMs: number, now: Instant): boolean {
  return at !== undefined && now - at <= withinMs
}

/** When what is asked for happened in this episode. */
function happenings(
  { what }: Extract<Question, { kind: 'happened' }>,
  { episode }: ConditionFacts,
): readonly Instant[] {
  if (episode === null) return []
  if ('signal' in what) {
    return episode.signals.flatMap(({ kind, name, at }) =>
      kind === what.signal && (what.name === null || what.name === name) ? [at] : [],
    )
  }
  return episode.steps.flatMap((step) => {
    const isIt = 'arm' in what ? step.arm === what.arm : step.fate === what.was
    return step.stepId === what.step && isIt ? [step.at] : []
  })
}

function passes(test: FieldTest, value: FieldValue, facts: ConditionFacts): boolean {
  switch (test.op) {
    case 'is':
      return equals(value, test.value)
    case 'is-not':
      return !equals(value, test.value)
    case 'in':
      return test.values.some((one) => equals(value, one))
    case 'not-in':
      return !test.values.some((one) => equals(value, one))
    case 'has':
      return Array.isArray(value) && value.some((one) => equals(one, test.value))
    case 'exists':
      return isThere(value) === test.value
    case 'above':
    case 'below':
    case 'at-least':
    case 'at-most': {
      const number = numberOf(value)
      return number !== null && compares(test, number)
    }
    case 'before':
    case 'after':
    case 'within':
    case 'within-last': {
      const at = readDate(value, facts.zone)
      return at !== null && isThen(test, at, facts)
    }
  }
}

type DateTest = Extract<FieldTest, { op: 'before' | 'after' | 'within' | 'within-last' }>

function isThen(test: DateTest, at: Instant, { now, zone }: ConditionFacts): boolean {
  switch (test.op) {
    case 'before':
      return at < (dateOf(test.date, now, zone) ?? Number.NEGATIVE_INFINITY)
    case 'after':
      return at > (dateOf(test.date, now, zone) ?? Number.POSITIVE_INFINITY)
    case 'within':
      return at >= now && at - now <= test.ms
    case 'within-last':
      return at <= now && now - at <= test.ms
  }
}

function dateOf(written: string, now: Instant, zone: string): Instant | null {
  return written === 'now' ? now : readDate(written, zone)
}

function compares({ op, value }: NumberTest, number: number): boolean {
  switch (op) {
    case 'above':
      return number > value
    case 'below':
      return number < value
    case 'at-least':
      return number >= value
    case 'at-most':
      return number <= value
  }
}

/** Texts are alike whatever their case; "5" and 5 are alike, as forms send numbers as texts. */
function equals(value: FieldValue, wanted: Scalar): boolean {
  if (value === null || typeof value === 'object') return false
  return folded(value) === folded(wanted)
}

function folded(value: Scalar): string {
  return String(value).trim().toLowerCase()
}

function isThere(value: FieldValue): boolean {
  if (Array.isArray(value)) return value.length > 0
  return value !== null && value !== '' && value !== false
}

function numberOf(value: FieldValue): number | null {
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || value.trim() === '') return null
  const number = Number(value)
  return Number.isFinite(number) ? number : null
}

function boundaries(condition: Condition, facts: ConditionFacts): readonly number[] {
  return questionsOf(condition).flatMap((question) => {
    switch (question.kind) {
      case 'field':
        return fieldBoundaries(question, facts)
      case 'score':
        return facts.score.changesAt ?? []
      case 'engaged':
        return question.by.flatMap((by) => expiry(facts.engaged[by], question.withinMs))
      case 'happened':
        return happenings(question, facts).flatMap((at) => expiry(at, question.withinMs))
      case 'consent':
        return []
    }
  })
}

/** A span counts to its last millisecond: the next is the first at which it is over. */
function expiry(at: Instant | undefined, withinMs: number | null): readonly number[] {
  return at === undefined || withinMs === null ? [] : [at + withinMs + 1]
}

function fieldBoundaries(
  { field, tests }: Extract<Question, { kind: 'field' }>,
  facts: ConditionFacts,
): readonly number[] {
  const at = readDate(fieldNamed(field)?.read(facts) ?? null, facts.zone)
  if (at === null) return []
  return tests.flatMap((test) => {
    switch (test.op) {
      case 'within':
        return [at - test.ms, at + 1]
      case 'within-last':
        return [at, at + test.ms + 1]
      case 'before':
      case 'after':
        return test.date === 'now' ? [at, at + 1] : []
      default:
        return []
    }
  })
}
