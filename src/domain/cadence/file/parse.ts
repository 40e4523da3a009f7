import type { Channel } from '../../policy/types.ts'
import type { Cadence, MessageStep, Step } from '../types.ts'
import { checksum } from '../versions/checksum.ts'
import { checkExits } from './check-exits.ts'
import { checkFlow, type PlacedStep } from './check-flow.ts'
import { toFlowStep } from './flow-steps.ts'
import { HEADER_SCHEMA, type Header, toHeader } from './header-schema.ts'
import { isRecord, problemAt, problemsOf } from './issues.ts'
import { toMessageStep, toOnDate } from './message-step.ts'
import type { Problem } from './problems.ts'
import { inReadingOrder, nearest, suggest } from './problems.ts'
import { readStepContent, STEP_KEYS, type StepContent, type StepKey } from './schema.ts'
import type { YamlPath, YamlSource } from './yaml-source.ts'
import { readYaml } from './yaml-source.ts'

export { cadenceJsonSchema } from './schema.ts'

/** A template that exists, as far as a cadence must know. */
export interface KnownTemplate {
  readonly channel: Channel
  readonly name: string
}

export type CadenceParsing =
  | { readonly ok: true; readonly cadence: Cadence; readonly checksum: string }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/**
 * Reads a cadence from the YAML `text` of `file` (the name is for the problems only). Answers the
 * cadence with the SHA-256 of the text, or every problem found, in the order of the file. Steps
 * must use one of `templates`; null skips that check.
 */
export function parseCadence(
  file: string,
  text: string,
  templates: readonly KnownTemplate[] | null = null,
): CadenceParsing {
  const reading = readYaml(file, text)
  if (!reading.ok) return reading
  const { source } = reading

  const header = HEADER_SCHEMA.safeParse(source.value)
  const steps = stepsOf(source).map((value, index) => readStep(source, value, ['steps', index]))
  const problems = [
    ...(header.success ? [] : problemsOf(source, header.error, [])),
    ...steps.flatMap((step) => step.problems),
    ...repeatedIds(source, steps),
    ...checkFlow(source, placedSteps(steps), idsOf(steps)),
    ...(templates === null ? [] : unknownTemplates(source, steps, templates)),
    ...(header.success ? endMismatches(source, header.data, steps) : []),
    ...(header.success ? checkExits(source, header.data, idsOf(steps)) : []),
  ]
  if (!header.success || problems.length > 0) {
    return { ok: false, problems: inReadingOrder(problems) }
  }
  const cadence = toCadence(
    header.data,
    steps.flatMap((step) => step.content ?? []),
  )
  return { ok: true, cadence, checksum: checksum(text) }
}

interface StepReading {
  readonly path: YamlPath
  /** The id as written, even when the rest is wrong. */
  readonly id: string | null
  readonly content: StepContent | null
  readonly problems: readonly Problem[]
}

function stepsOf(source: YamlSource): readonly unknown[] {
  const steps = isRecord(source.value) ? source.value.steps : undefined
  return Array.isArray(steps) ? steps : []
}

function readStep(source: YamlSource, value: unknown, path: YamlPath): StepReading {
  const id = isRecord(value) && typeof value.id === 'string' ? value.id : null
  const flawed = (problems: readonly Problem[]) => ({ path, id, content: null, problems })
  if (!isRecord(value)) {
    const fix = 'Write each step as keys and values, such as "- id: hello" and "email: …" below.'
    return flawed([
      problemAt(source, path, 'invalid_value', 'This step is not a set of keys.', fix),
    ])
  }
  const [key, ...more] = STEP_KEYS.filter((candidate) => candidate in value)
  if (key === undefined || more.length > 0) return flawed([kindProblem(source, path, value, key)])

  const read = readStepContent(key, value)
  if ('error' in read) return flawed(problemsOf(source, read.error, path))
  return { path, id, content: read.content, problems: [] }
}

/** A step that says nothing to do, or two things at once. */
function kindProblem(
  source: YamlSource,
  path: YamlPath,
  step: Readonly<Record<string, unknown>>,
  first: StepKey | undefined,
): Problem {
  if (first !== undefined) {
    const message = 'This step does more than one thing.'
    const fix = 'Give each thing to do a step of its own.'
    return problemAt(source, path, 'ambiguous_step', message, fix)
  }
  const meant = Object.keys(step).find((key) => nearest(key, STEP_KEYS) !== null)
  if (meant !== undefined) {
    const message = `"${meant}" is not a key of a step.`
    return {
      ...problemAt(source, path, 'unknown_key', message, suggest(meant, STEP_KEYS)),
      ...source.placeOfKey([...path, meant]),
    }
  }
  const message = 'This step does not say what to do.'
  return problemAt(source, path, 'missing_key', message, `Add one of: ${STEP_KEYS.join(', ')}.`)
}

function repeatedIds(source: YamlSource, steps: readonly StepReading[]): readonly Problem[] {
  return steps.flatMap(({ id, path }, index) => {
    const repeated = id !== null && steps.slice(0, index).some((other) => other.id === id)
    if (!repeated) return []
    const message = `Two steps have the id "${id}".`
    const fix = 'Give each step an id of its own: leads under way are found by it.'
    return [problemAt(source, [...path, 'id'], 'duplicate_step_id', message, fix)]
  })
}

function unknownTemplates(
  source: YamlSource,
  steps: readonly StepReading[],
  templates: readonly KnownTemplate[],
): readonly Problem[] {
  return steps.flatMap(({ content, path }) => {
    if (content?.key !== 'email' && content?.key !== 'sms') return []
    const own = content.key === 'email' ? content.data.email : content.data.sms
    const { fallback } = content.data
    const other = fallback?.kind === 'channel' ? fallback : null
    return [
      ...unknownTemplate(source, [...path, content.key], content.key, own, templates),
      ...(other === null
        ? []
        : unknownTemplate(
            source,
            [...path, 'fallback', other.channel],
            other.channel,
            other.template,
            templates,
          )),
    ]
  })
}

function unknownTemplate(
  source: YamlSource,
  path: YamlPath,
  channel: Channel,
  wanted: string,
  templates: readonly KnownTemplate[],
): readonly Problem[] {
  const names = templates.filter((known) => known.channel === channel).map(({ name }) => name)
  if (names.includes(wanted)) return []
  const kind = channel === 'email' ? 'email' : 'text'
  const ending = channel === 'email' ? '.md' : '.sms.txt'
  const meant = nearest(wanted, names)
  const fix = meant === null ? `Write templates/${wanted}${ending}.` : `Did you mean "${meant}"?`
  const message = `There is no ${kind} template "${wanted}".`
  return [problemAt(source, path, 'unknown_template', message, fix)]
}

/** Back to dead needs a lead that was dead before. */
function endMismatches(
  source: YamlSource,
  { purpose, end, exit = [], goal }: Header,
  steps: readonly StepReading[],
): readonly Problem[] {
  if (purpose !== 'nurture') return []
  const ends = [
    { end, path: ['end'] },
    ...exit.map((rule, index) => ({ end: rule.end, path: ['exit', index, 'end'] })),
    ...(goal === undefined ? [] : [{ end: goal.end, path: ['goal', 'end'] }]),
    ...steps.flatMap(({ content, path }) =>
      content?.key === 'end' ? [{ end: content.data.end, path: [...path, 'end'] }] : [],
    ),
  ]
  return ends.flatMap(({ end: written, path }) => {
    if (written !== 'back-to-dead') return []
    const message = 'A nurture cadence cannot end back-to-dead: its leads were not dead before.'
    const fix = 'Write end: { dead: unresponsive }, or change the purpose.'
    return [problemAt(source, path, 'end_mismatch', message, fix)]
  })
}

function idsOf(steps: readonly StepReading[]): readonly string[] {
  return steps.map(({ id }) => id ?? '')
}

function placedSteps(steps: readonly StepReading[]): readonly PlacedStep[] {
  return steps.flatMap(({ content, path }) =>
    content === null ? [] : [{ path, step: toStep(content, 'preferred') }],
  )
}

function toCadence(header: Header, contents: readonly StepContent[]): Cadence {
  const fallbackHours = header.hours === 'any' ? 'any' : 'preferred'
  return deepFreeze({
    ...toHeader(header),
    steps: contents.map((content) => toStep(content, fallbackHours)),
  })
}

function toStep(content: StepContent, fallbackHours: MessageStep['hours']): Step {
  switch (content.key) {
    case 'task': {
      const { id, after, task, 'on-date': date } = content.data
      return {
        kind: 'task',
        id,
        after,
        ...(date !== undefined && { onDate: toOnDate(date) }),
        task: task.kind,
        title: task.title,
        dueInMs: task.due,
        ...(task.for !== 'owner' && { assignee: task.for }),
      }
    }
    case 'email':
      return {
        ...toMessageStep(
          content.data,
          { channel: 'email', template: content.data.email },
          fallbackHours,
        ),
        ...(content.data.from !== undefined && { from: content.data.from }),
      }
    case 'sms':
      return toMessageStep(
        content.data,
        { channel: 'sms', template: content.data.sms },
        fallbackHours,
      )
    default:
      return toFlowStep(content)
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze)
    Object.freeze(value)
  }
  return value
}
