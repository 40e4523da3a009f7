import type { z } from 'zod'
import { checksum } from './checksum.ts'
import { isRecord, problemAt, problemsOf } from './issues.ts'
import type { Problem } from './problems.ts'
import { inReadingOrder, nearest, suggest } from './problems.ts'
import type { StepKey } from './schema.ts'
import { HEADER_SCHEMA, STEP_KEYS, STEP_SCHEMAS } from './schema.ts'
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

type Header = z.output<typeof HEADER_SCHEMA>
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
    const channel = content.key
    const wanted = content.key === 'email' ? content.data.email : content.data.sms
    const names = templates.filter((known) => known.channel === channel).map(({ name }) => name)
    if (names.includes(wanted)) return []
    const kind = channel === 'email' ? 'email' : 'text'
    const ending = channel === 'email' ? '.md' : '.sms.txt'
    const meant = nearest(wanted, names)
    const fix = meant === null ? `Write templates/${wanted}${ending}.` : `Did you mean "${meant}"?`
    const message = `There is no ${kind} template "${wanted}".`
    return [problemAt(source, [...path, channel], 'unknown_template', message, fix)]
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
  const { hours, end } = header
  const fallbackHours = hours === 'any' ? 'any' : 'preferred'
  const endAfterMs = header['end-after']
  return deepFreeze({
    name: header.name,
    title: header.title,
    description: header.description ?? null,
    purpose: header.purpose,
    priority: header.priority,
    ...(header.topic === undefined ? {} : { topic: header.topic }),
    preferredHours: hours === undefined || hours === 'any' ? null : hours,
    spreadImportsMs: header['spread-imports'],
    steps: contents.map((content) => toStep(content, fallbackHours)),
    end:
      end === 'back-to-dead'
        ? { outcome: 'back_to_dead' as const }
        : { outcome: 'dead' as const, reason: end.dead },
    ...(endAfterMs === undefined ? {} : { endAfterMs }),
  })
}

function toStep(content: StepContent, fallbackHours: MessageStep['hours']): Step {
  switch (content.key) {
    case 'task': {
      const { id, after, task } = content.data
      return { kind: 'task', id, after, task: task.kind, title: task.title, dueInMs: task.due }
    }
    case 'email':
    case 'sms': {
      const { data } = content
      return {
        kind: 'message',
        id: data.id,
        after: data.after,
        channel: content.key,
        template: content.key === 'email' ? content.data.email : content.data.sms,
        timing: data.at,
        hours: data.hours ?? fallbackHours,
        staleAfterMs: data['stale-after'],
      }
    }
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze)
    Object.freeze(value)
  }
  return value
}
