import { type Cadence, DEFAULT_END_AFTER_MS, type Step } from '../types.ts'
import { delayWords, stepWords, timingWords, valueWords } from '../words/change-words.ts'
import { ruleSentences } from '../words/header-words.ts'
import { describeFlowStep } from '../words/step-words.ts'

/** One difference between two versions of a cadence. */
export interface CadenceChange {
  readonly kind: 'added' | 'removed' | 'moved' | 'retimed' | 'reworded' | 'changed' | 'setting'
  /** null for a setting of the whole cadence. */
  readonly step: string | null
  /** One sentence that a marketer understands. */
  readonly words: string
}

/** What a later version changes: settings first, then steps in their new order, then what is gone. */
export function diffCadences(before: Cadence, after: Cadence): CadenceChange[] {
  return [
    ...settingChanges(before, after),
    ...after.steps.flatMap((step) => stepChanges(before, after, step)),
    ...before.steps.filter((step) => stepOf(after, step.id) === undefined).map(removed),
  ]
}

function stepChanges(before: Cadence, after: Cadence, step: Step): CadenceChange[] {
  const was = stepOf(before, step.id)
  if (was === undefined) {
    const words = `Step ${step.id} is new ${placeWords(after, step.id)}: ${stepWords(step)}, ${delayWords(step.after)}.`
    return [{ kind: 'added', step: step.id, words }]
  }
  return [...moves(before, after, step.id), ...retimings(was, step), ...rewordings(was, step)]
}

function removed(step: Step): CadenceChange {
  const words = `Step ${step.id} is gone: ${stepWords(step)}.`
  return { kind: 'removed', step: step.id, words }
}

/** A step that stands in another order among those which both versions have. */
function moves(before: Cadence, after: Cadence, stepId: string): CadenceChange[] {
  if (!movedSteps(before, after).has(stepId)) return []
  const words = `Step ${stepId} stands ${placeWords(after, stepId)} now; before, ${placeWords(before, stepId)}.`
  return [{ kind: 'moved', step: stepId, words }]
}

/** The fewest steps that must have been moved to get from one order to the other. */
function movedSteps(before: Cadence, after: Cadence): ReadonlySet<string> {
  const old = before.steps.map(({ id }) => id)
  const shared = after.steps.map(({ id }) => id).filter((id) => old.includes(id))
  const kept = new Set(longestRising(shared.map((id) => old.indexOf(id))).map((i) => old[i]))
  return new Set(shared.filter((id) => !kept.has(id)))
}

/** The longest subsequence whose numbers rise; cadences are short, so quadratic will do. */
function longestRising(numbers: readonly number[]): readonly number[] {
  const best: (readonly number[])[] = []
  for (const [index, number] of numbers.entries()) {
    const before = numbers
      .slice(0, index)
      .flatMap((each, i) => (each < number ? [best[i] ?? []] : []))
      .reduce((a, b) => (b.length > a.length ? b : a), [])
    best.push([...before, number])
  }
  return best.reduce((a, b) => (b.length > a.length ? b : a), [])
}

function retimings(was: Step, is: Step): CadenceChange[] {
  const change = (words: string): CadenceChange => ({ kind: 'retimed', step: is.id, words })
  const [delayWas, delayIs] = [delayWords(was.after), delayWords(is.after)]
  const changes =
    delayWas === delayIs ? [] : [change(`Step ${is.id} comes ${delayIs} instead of ${delayWas}.`)]
  if (was.kind !== 'message' || is.kind !== 'message') return changes
  const [timeWas, timeIs] = [timingWords(was.timing), timingWords(is.timing)]
  if (timeWas !== timeIs) {
    changes.push(change(`Step ${is.id} leaves ${timeIs} instead of ${timeWas}.`))
  }
  return changes
}

/** Keys that have sentences of their own. */
const TOLD: ReadonlySet<string> = new Set(['id', 'after', 'timing'])

function rewordings(was: Step, is: Step): CadenceChange[] {
  if (
    was.kind !== is.kind ||
    (was.kind === 'message' && is.kind === 'message' && was.channel !== is.channel)
  ) {
    const words = `Step ${is.id} is ${stepWords(is)} instead of ${stepWords(was)}.`
    return [{ kind: 'changed', step: is.id, words }]
  }
  const changed = keysOf(was, is).filter((key) => !TOLD.has(key) && !isSame(was, is, key))
  if (
    was.kind === 'message' ||
    is.kind === 'message' ||
    was.kind === 'task' ||
    is.kind === 'task'
  ) {
    return changed.map((key) => keyChange(was, is, key))
  }
  if (changed.length === 0) return []
  const words = `Step ${is.id} ${describeFlowStep(is)}. Before, it ${describeFlowStep(was)}.`
  return [{ kind: 'changed', step: is.id, words }]
}

function keyChange(was: Step, is: Step, key: string): CadenceChange {
  const [from, to] = [valueWords(key, valueOf(was, key)), valueWords(key, valueOf(is, key))]
  const isWording = key === 'template' || key === 'title'
  const name = STEP_KEYS[key] ?? key
  const words =
    from === null || to === null
      ? `Step ${is.id}: ${name} has changed.`
      : `Step ${is.id}: ${name} is ${to} instead of ${from}.`
  return { kind: isWording ? 'reworded' : 'changed', step: is.id, words }
}

const STEP_KEYS: Readonly<Record<string, string>> = {
  template: 'its message',
  title: 'its title',
  task: 'the kind of task',
  dueInMs: 'the time to do it',
  assignee: 'who gets it',
  hours: 'whether preferred hours hold',
  staleAfterMs: 'how late it may be before it is left out',
  whenStale: 'what becomes of it when it is late',
  onDate: 'the date that it goes by',
  vary: 'what differs from the last attempt',
  days: 'the days on which it leaves',
  blackouts: 'the calendars that it keeps free',
  fallback: 'what goes to whom it cannot reach',
  from: 'whom it comes from',
}

const SETTINGS: Readonly<Record<string, string>> = {
  title: 'The title',
  description: 'The description',
  purpose: 'The purpose',
  priority: 'The priority',
  topic: 'The topic',
  preferredHours: 'The preferred hours',
  spreadImportsMs: 'The span over which imports start',
  end: 'The end',
  endAfterMs: 'The time to answer the last message',
  onReply: 'What answers do',
  revival: 'How its dead come back',
}

function settingChanges(before: Cadence, after: Cadence): CadenceChange[] {
  const [was, is] = [withDefaults(before), withDefaults(after)]
  const settings = keysOf(was, is)
    .filter((key) => !TOLD_APART.has(key) && !isSame(was, is, key))
    .map((key) => {
      const name = SETTINGS[key] ?? `The setting ${key}`
      const [from, to] = [valueWords(key, valueOf(was, key)), valueWords(key, valueOf(is, key))]
      if (from === null || to === null) return `${name} has changed.`
      return `${name} is ${to} instead of ${from}.`
    })
  return [...settings, ...ruleChanges(before, after)].map((words) => ({
    kind: 'setting',
    step: null,
    words,
  }))
}

/** The name never changes; steps and rules have sentences of their own. */
const TOLD_APART: ReadonlySet<string> = new Set([
  ...['steps', 'name', 'entry', 'exits', 'goal', 'days', 'blackouts', 'throttle'],
])

/** Whom it takes, what ends it, and when it may speak: the sentences that came and went. */
function ruleChanges(before: Cadence, after: Cadence): string[] {
  const [was, is] = [ruleSentences(before), ruleSentences(after)]
  return [
    ...is.filter((sentence) => !was.includes(sentence)).map((sentence) => `New: ${sentence}`),
    ...was.filter((sentence) => !is.includes(sentence)).map((sentence) => `Gone: ${sentence}`),
  ]
}

/** What is left out and what says the default is the same. */
function withDefaults(cadence: Cadence): Cadence {
  const { topic = null, endAfterMs = DEFAULT_END_AFTER_MS } = cadence
  return { ...cadence, topic, endAfterMs }
}

function placeWords({ steps }: Cadence, stepId: string): string {
  const before = steps[steps.findIndex(({ id }) => id === stepId) - 1]
  return before === undefined ? 'at the beginning' : `after ${before.id}`
}

function keysOf(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
}

function isSame(a: object, b: object, key: string): boolean {
  return JSON.stringify(sorted(valueOf(a, key))) === JSON.stringify(sorted(valueOf(b, key)))
}

/** The same value has its keys in one order, whichever file or column it came from. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value ?? null
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]))
}

function valueOf(value: object, key: string): unknown {
  return (value as Readonly<Record<string, unknown>>)[key]
}

function stepOf({ steps }: Cadence, stepId: string): Step | undefined {
  return steps.find(({ id }) => id === stepId)
}
