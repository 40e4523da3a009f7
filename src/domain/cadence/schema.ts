import { z } from 'zod'
import { DAY_MS } from '../time.ts'
import { header } from './header-schema.ts'
import { after, fallbackTo, messageKeys, onDate } from './message-step.ts'
import { duration, hint, stepId, template } from './schema-parts.ts'

/**
 * The cadence language. Each kind of step has its own entry in STEP_SCHEMAS, known by the key
 * that only it has; a new kind is a new entry and a case in `toStep` (parse.ts).
 */

export const STEP_SCHEMAS = {
  email: z.strictObject({ ...messageKeys, email: template('email'), fallback: fallbackTo('sms') }),
  sms: z.strictObject({ ...messageKeys, sms: template('sms'), fallback: fallbackTo('email') }),
  task: z.strictObject({
    id: stepId('id'),
    after,
    'on-date': onDate,
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
