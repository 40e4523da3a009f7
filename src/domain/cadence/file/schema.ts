import { z } from 'zod'
import { DAY_MS } from '../../time.ts'
import { CONDITION_JSON_SCHEMA } from '../conditions/condition-json-schema.ts'
import { FLOW_KEYS, FLOW_SCHEMAS, type FlowContent } from './flow-schemas.ts'
import { header } from './header-schema.ts'
import { after, fallbackTo, messageKeys, onDate } from './message-step.ts'
import { duration, hint, stepId, template } from './schema-parts.ts'

/**
 * The cadence language. Each kind of step has its own entry in STEP_SCHEMAS, known by the key
 * that only it has; a new kind is a new entry and a case in `toStep` (parse.ts). The steps that
 * write to nobody are in flow-schemas.ts.
 */

export const STEP_SCHEMAS = {
  email: z.strictObject({
    ...messageKeys,
    email: template('email'),
    from: z.literal('owner').optional().describe(hint('from')),
    fallback: fallbackTo('sms'),
  }),
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
        for: z.string().trim().min(1).max(300).default('owner').describe(hint('for')),
      })
      .describe(hint('task')),
  }),
  ...FLOW_SCHEMAS,
} as const

export type StepKey = keyof typeof STEP_SCHEMAS
export const STEP_KEYS = [
  'email',
  'sms',
  'task',
  ...FLOW_KEYS,
] as const satisfies readonly StepKey[]

/** What a step says, by its kind. */
export type StepContent =
  | { readonly key: 'email'; readonly data: z.output<typeof STEP_SCHEMAS.email> }
  | { readonly key: 'sms'; readonly data: z.output<typeof STEP_SCHEMAS.sms> }
  | { readonly key: 'task'; readonly data: z.output<typeof STEP_SCHEMAS.task> }
  | FlowContent

/** Reads a step that has the key of its kind; `key` and `data` belong together. */
export function readStepContent(
  key: StepKey,
  value: unknown,
): { readonly content: StepContent } | { readonly error: z.ZodError } {
  const { data, error } = STEP_SCHEMAS[key].safeParse(value)
  return error ? { error } : { content: { key, data } as StepContent }
}

const WHOLE_SCHEMA = z.strictObject({
  ...header,
  steps: z
    .array(z.union(Object.values(STEP_SCHEMAS)))
    .min(1)
    .describe(hint('steps')),
})

/** JSON Schema (draft 2020-12) of a cadence file, for completion and checks in an editor. */
export function cadenceJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(WHOLE_SCHEMA, { io: 'input' })
  const $defs = { condition: CONDITION_JSON_SCHEMA }
  return { $schema, title: 'Rekindle cadence', ...rest, $defs }
}
