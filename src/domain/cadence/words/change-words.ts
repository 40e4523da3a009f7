import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../time.ts'
import type {
  CadenceEnd,
  CadenceHours,
  Fallback,
  OnDate,
  Step,
  StepDelay,
  StepTiming,
  WhenStale,
} from '../types.ts'
import { weekdayWords } from '../weekdays.ts'
import { describeFlowStep, endWords } from './step-words.ts'

const UNITS = [
  [7 * DAY_MS, 'week'],
  [DAY_MS, 'day'],
  [HOUR_MS, 'hour'],
  [MINUTE_MS, 'minute'],
  [SECOND_MS, 'second'],
] as const

/** A duration as a marketer says it, exactly: "2 days", "1 day 12 hours", "no time". */
export function durationWords(ms: number): string {
  const parts: string[] = []
  let rest = ms
  for (const [size, name] of UNITS) {
    // Weeks only where there is nothing else: 10 days are not "1 week 3 days".
    if (name === 'week' && (ms % size !== 0 || ms === 0)) continue
    const count = Math.floor(rest / size)
    if (count === 0) continue
    parts.push(`${count} ${name}${count === 1 ? '' : 's'}`)
    rest -= count * size
  }
  return parts.length === 0 ? 'no time' : parts.join(' ')
}

/** When a step follows the one before: "at once", "2 days later", "1 to 3 days later". */
export function delayWords(after: StepDelay): string {
  if (after.kind === 'exactly') {
    return after.ms === 0 ? 'at once' : `${durationWords(after.ms)} later`
  }
  return `${durationWords(after.minMs)} to ${durationWords(after.maxMs)} later`
}

/** At which time of day a message leaves. */
export function timingWords(timing: StepTiming): string {
  switch (timing.kind) {
    case 'asap':
      return 'as soon as it is due'
    case 'varied':
      return 'at another time of day than before'
    case 'slots':
      return `between ${timing.slots.map(({ from, to }) => `${from} and ${to}`).join(', or ')}`
  }
}

/** What a step does: "an email (new-lead/hello)", "a task to call (Call them)". */
export function stepWords(step: Step): string {
  switch (step.kind) {
    case 'message':
      return `${step.channel === 'email' ? 'an email' : 'a text'} (${step.template})`
    case 'task':
      return `${step.task === 'other' ? 'a task' : `a task: ${step.task}`} (${step.title})`
    default:
      return `a ${step.kind} that ${describeFlowStep(step)}`
  }
}

/** The value of one key of a step or cadence, in words; null for one that has too many. */
export function valueWords(key: string, value: unknown): string | null {
  if (value === null || value === undefined) return 'not set'
  if (key.endsWith('Ms') && typeof value === 'number') return durationWords(value)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return WORDS[`${key} ${value}`] ?? `“${value}”`
  const words = OBJECTS[key]
  // The key says what the value is: both come from a cadence that was parsed.
  return words === undefined ? null : words(value as never)
}

const WORDS: Readonly<Record<string, string>> = {
  'days business': 'business days',
  'vary both': 'time of day and weekday',
  'vary time': 'the time of day',
  'vary none': 'nothing',
  'from owner': 'the lead’s owner',
}

const OBJECTS: Readonly<Record<string, (value: never) => string>> = {
  preferredHours: ({ from, to }: CadenceHours) => `${from} to ${to}`,
  end: (end: CadenceEnd) => endWords(end),
  days: (days: readonly number[]) => weekdayWords(days),
  blackouts: (names: readonly string[]) => (names.length === 0 ? 'none' : names.join(', ')),
  onDate: ({ field, offsetMs }: OnDate) =>
    offsetMs === 0
      ? field
      : `${durationWords(Math.abs(offsetMs))} ${offsetMs < 0 ? 'before' : 'after'} ${field}`,
  whenStale: (stale: WhenStale) => {
    switch (stale.kind) {
      case 'skip':
        return 'that it is left out'
      case 'send':
        return 'that it is sent all the same'
      case 'goto':
        return `that ${stale.stepId} takes its place`
    }
  },
  fallback: (fallback: Fallback) =>
    fallback.kind === 'skip'
      ? 'nothing'
      : `${fallback.channel === 'email' ? 'an email' : 'a text'} (${fallback.template})`,
}
