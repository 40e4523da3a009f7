import { type Instant, instant } from '../../time.ts'
import { type FieldValue, fieldNamed, readDate } from './condition-fields.ts'
import { words } from './condition-words.ts'
import {
  type Condition,
  type ConditionFacts,
  type FieldTest,
  type NumberTest,
  type Question,
  questionsOf,
  type Scalar,
} from './conditions.ts'

/** Whether a condition holds. */
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
