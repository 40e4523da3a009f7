import type { z } from 'zod'
import { checksum } from './checksum.ts'
import { isRecord, problemAt, problemsOf } from './issues.ts'
import type { Problem } from './problems.ts'
import { inReadingOrder, nearest, suggest } from './problems.ts'
import type { StepKey } from './schema.ts'
import { type Header, HEADER_SCHEMA, toHeader } from './header-schema.ts'
import { toMessageStep, toOnDate } from './message-step.ts'
import { STEP_KEYS, STEP_SCHEMAS } from './schema.ts'
import type { Cadence, MessageStep, Step } from './types.ts'
import type { YamlPath, YamlSource } from './yaml-source.ts'
import { readYaml } from './yaml-source.ts'
import type { Channel } from '../policy/types.ts'

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
    ...staleTargets(source, steps),
    ...(templates === null ? [] : unknownTemplates(source, steps, templates)),
    ...(header.success ? endMismatch(source, header.data) : []),
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

type StepContent = {
  [Key in StepKey]: { readonly key: Key; readonly data: z.output<(typeof STEP_SCHEMAS)[Key]> }
}[StepKey]

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

  const parsed = parseStep(key, value)
  if (!parsed.ok) return flawed(problemsOf(source, parsed.error, path))
  return { path, id, content: parsed.content, problems: [] }
}

type StepParsing =
  | { readonly ok: true; readonly content: StepContent }
  | { readonly ok: false; readonly error: z.ZodError }

function parseStep(key: StepKey, value: unknown): StepParsing {
  switch (key) {
    case 'email': {
      const { data, error } = STEP_SCHEMAS.email.safeParse(value)
      return error ? { ok: false, error } : { ok: true, content: { key, data } }
    }
    case 'sms': {
      const { data, error } = STEP_SCHEMAS.sms.safeParse(value)
      return error ? { ok: false, error } : { ok: true, content: { key, data } }
    }
    case 'task': {
      const { data, error } = STEP_SCHEMAS.task.safeParse(value)
      return error ? { ok: false, error } : { ok: true, content: { key, data } }
    }
  }
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
    const fix = 'Give each email, text and task a step of its own.'
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
    if (content === null || content.key === 'task') return []
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

/** A late message may give way to a later step only: so it always goes on. */
function staleTargets(source: YamlSource, steps: readonly StepReading[]): readonly Problem[] {
  return steps.flatMap(({ content, path }, index) => {
    const stale = content === null || content.key === 'task' ? undefined : content.data.stale
    if (typeof stale !== 'object') return []
    const later = steps.slice(index + 1).flatMap(({ id }) => id ?? [])
    if (later.includes(stale.goto)) return []
    const message = `No later step has the id "${stale.goto}".`
    const fix =
      later.length === 0
        ? 'Write stale: skip, for this is the last step.'
        : suggest(stale.goto, later)
    return [problemAt(source, [...path, 'stale', 'goto'], 'unknown_step', message, fix)]
  })
}

/** Back to dead needs a lead that was dead before. */
function endMismatch(source: YamlSource, header: Header): readonly Problem[] {
  if (header.purpose !== 'nurture' || header.end !== 'back-to-dead') return []
  const message = 'A nurture cadence cannot end back-to-dead: its leads were not dead before.'
  const fix = 'Write end: { dead: unresponsive }, or change the purpose.'
  return [problemAt(source, ['end'], 'end_mismatch', message, fix)]
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
      }
    }
    case 'email':
      return toMessageStep(
        content.data,
        { channel: 'email', template: content.data.email },
        fallbackHours,
      )
    case 'sms':
      return toMessageStep(
        content.data,
        { channel: 'sms', template: content.data.sms },
        fallbackHours,
      )
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze)
    Object.freeze(value)
  }
  return value
}
