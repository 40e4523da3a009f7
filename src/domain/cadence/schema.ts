import { z } from 'zod'
import type { DeadReason } from '../lead.ts'
import { DAY_MS } from '../time.ts'
import {
  DELAY_PATTERN,
  DURATION_PATTERN,
  parseDelay,
  parseDuration,
  parseSlot,
  SLOT_PATTERN,
  TIME_PATTERN,
} from './duration.ts'
import type { StepTiming, TimeSlot } from './types.ts'

/**
 * The cadence language. Each kind of step has its own entry in STEP_SCHEMAS, known by the key
 * that only it has; a new kind is a new entry and a case in `toStep` (parse.ts).
 */

const NAME_PATTERN = /^[a-z0-9]+(-[a-z0-9]+)*$/
const TEMPLATE_PATTERN = /^[a-z0-9]+(-[a-z0-9]+)*(\/[a-z0-9]+(-[a-z0-9]+)*)*$/

/** What silence at the end may mean. The other dead reasons need proof that silence is not. */
const END_REASONS = [
  'unresponsive',
  'not_interested',
  'postponing',
  'competitor',
  'no_matching_offering',
  'unqualified',
] as const satisfies readonly DeadReason[]

/** What to write for each key: the fix of an error, and the help in an editor. */
export const HINTS: Readonly<Record<string, string>> = {
  name: 'Write a short name of small letters, digits and hyphens, such as new-lead.',
  title: 'Write the name people see, such as "New lead".',
  description: 'Write a sentence that says whom the cadence is for.',
  purpose: 'Use nurture, revival or check-in.',
  priority: 'Write a whole number from 0 to 100; the higher cadence replaces the lower.',
  topic: 'Write the id of a topic of the settings, such as offers.',
  hours: 'Write { from: 09:00, to: 19:00 }, or any; in a step: any or preferred.',
  from: 'Write a time of day such as 09:00.',
  to: 'Write a time of day such as 19:00.',
  'spread-imports': 'Write a duration such as 5d: imported leads start within it.',
  'end-after': 'Write a duration such as 3d: the time to answer the last message.',
  steps: 'List at least one step, each beginning with "- id:".',
  id: 'Write a short name of small letters, digits and hyphens, unique in the cadence.',
  email: 'Write the name of an email template, such as new-lead/first-reply.',
  sms: 'Write the name of a text template, such as new-lead/hello.',
  task: 'Write { kind: call, title: "Call them", due: 1d }.',
  kind: 'Use call, voicemail or other.',
  due: 'Write a duration such as 1d.',
  after: 'Write a number with a unit (m, h, d, w) such as 3h or 2d, or a span such as 1d..3d.',
  at: 'Use asap, varied, or a list of slots such as ["09:00-11:00", "15:00-17:00"].',
  'stale-after': 'Write a duration such as 2d, or never.',
  end: 'Write { dead: unresponsive }, or back-to-dead.',
  dead: `Use one of: ${END_REASONS.join(', ')}.`,
}

const name = z.string().regex(NAME_PATTERN).describe(hint('name'))
const template = (channel: 'email' | 'sms') =>
  z.string().regex(TEMPLATE_PATTERN).describe(hint(channel))

const duration = (key: string) => timeText(parseDuration, DURATION_PATTERN, key)
const delay = timeText(parseDelay, DELAY_PATTERN, 'after')
const slot = timeText(parseSlot, SLOT_PATTERN, 'at')
const timeOfDay = (key: string) => z.string().regex(new RegExp(TIME_PATTERN)).describe(hint(key))

const hours = z
  .strictObject({ from: timeOfDay('from'), to: timeOfDay('to') })
  .refine(({ from, to }) => from < to, { error: 'must end later than they start' })

const timing = z
  .union([z.enum(['asap', 'varied']), z.array(slot).min(1)])
  .transform(toTiming)
  .describe(hint('at'))

const messageKeys = {
  id: name,
  after: delay.default({ kind: 'exactly', ms: 0 }),
  at: timing.default({ kind: 'varied' }),
  hours: z.enum(['any', 'preferred']).optional().describe(hint('hours')),
  'stale-after': z
    .union([z.literal('never').transform(() => null), duration('stale-after')])
    .default(null)
    .describe(hint('stale-after')),
}

export const STEP_SCHEMAS = {
  email: z.strictObject({ ...messageKeys, email: template('email') }),
  sms: z.strictObject({ ...messageKeys, sms: template('sms') }),
  task: z.strictObject({
    id: name,
    after: messageKeys.after,
    task: z
      .strictObject({
        kind: z.enum(['call', 'voicemail', 'other']).describe(hint('kind')),
        title: z.string().trim().min(1).max(200).describe(hint('title')),
        due: duration('due').default(DAY_MS),
      })
      .describe(hint('task')),
  }),
} as const

export type StepKey = keyof typeof STEP_SCHEMAS
export const STEP_KEYS = ['email', 'sms', 'task'] as const satisfies readonly StepKey[]

const header = {
  name,
  title: z.string().trim().min(1).max(120).describe(hint('title')),
  description: z.string().trim().min(1).optional().describe(hint('description')),
  purpose: z.enum(['nurture', 'revival', 'check-in']).describe(hint('purpose')),
  priority: z.int().min(0).max(100).default(50).describe(hint('priority')),
  topic: name.optional().describe(hint('topic')),
  hours: z
    .union([z.literal('any'), hours])
    .optional()
    .describe(hint('hours')),
  'spread-imports': duration('spread-imports').default(DAY_MS),
  'end-after': duration('end-after').optional(),
  end: z
    .union([
      z.literal('back-to-dead'),
      z.strictObject({ dead: z.enum(END_REASONS).describe(hint('dead')) }),
    ])
    .describe(hint('end')),
}

/** The cadence but for its steps, which are checked one by one so that errors name the step. */
export const HEADER_SCHEMA = z.strictObject({ ...header, steps: z.array(z.unknown()).min(1) })
export const HEADER_KEYS: readonly string[] = [...Object.keys(header), 'steps']

const WHOLE_SCHEMA = z.strictObject({
  ...header,
  steps: z
    .array(z.union([STEP_SCHEMAS.email, STEP_SCHEMAS.sms, STEP_SCHEMAS.task]))
    .min(1)
    .describe(hint('steps')),
})

/** JSON Schema (draft 2020-12) of a cadence file, for completion and checks in an editor. */
export function cadenceJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(WHOLE_SCHEMA, { io: 'input' })
  return { $schema, title: 'Rekindle cadence', ...rest }
}

/**
 * A duration, span or slot as text. YAML reads a bare 0 as a number: it is taken as "0"; any
 * other number lacks its unit and is refused like a word.
 */
function timeText<T>(parse: (text: string) => T | null, pattern: string, key: string) {
  return z
    .union([z.string().meta({ pattern }), z.literal(0)])
    .transform((value, context): T => {
      const parsed = parse(String(value))
      if (parsed !== null) return parsed
      context.addIssue({ code: 'custom', message: 'cannot be read as a time' })
      return z.NEVER
    })
    .describe(hint(key))
}

function toTiming(value: 'asap' | 'varied' | readonly TimeSlot[]): StepTiming {
  return typeof value === 'string' ? { kind: value } : { kind: 'slots', slots: value }
}

function hint(key: string): string {
  return HINTS[key] ?? ''
}
