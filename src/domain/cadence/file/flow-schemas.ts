import { z } from 'zod'
import { cadenceCondition } from '../conditions/condition-schema.ts'
import { ASKED_SIGNALS } from '../conditions/conditions.ts'
import { parseWeekdays, WEEKDAY_PATTERN } from '../weekdays.ts'
import { delay, duration, end, hint, name, slot, stepId } from './schema-parts.ts'

/** The steps that write to nobody, as they are written; `toFlowStep` reads them. */

const MOST_WEIGHT = 1_000
/** A lead that has gone round so often does not get anywhere. */
const MOST_ROUNDS = 20

const after = delay().default({ kind: 'exactly', ms: 0 })
const base = { id: name, after }

const weekdays = z
  .array(z.string().regex(new RegExp(WEEKDAY_PATTERN)))
  .min(1)
  .transform((written) => [...new Set(written.flatMap((each) => parseWeekdays(each) ?? []))])
  .describe(hint('weekday'))

const until = z
  .strictObject({
    weekday: weekdays.optional(),
    at: z
      .union([slot.transform((one) => [one]), z.array(slot).min(1)])
      .optional()
      .describe(hint('at')),
  })
  .refine(({ weekday, at }) => weekday !== undefined || at !== undefined, {
    error: 'names no weekday and no time of day',
  })
  .describe(hint('until'))

const signal = z.enum(ASKED_SIGNALS)

const awaited = z
  .strictObject({
    signal: z
      .union([signal.transform((one) => [one]), z.array(signal).min(1)])
      .optional()
      .describe(hint('signal')),
    name: z.string().min(1).max(100).optional(),
    when: cadenceCondition.optional().describe(hint('when')),
  })
  .refine(({ signal: signals, when }) => (signals === undefined) !== (when === undefined), {
    error: 'names a signal or a condition, one of the two',
  })
  .refine(({ signal: signals, name: custom }) => custom === undefined || isCustom(signals), {
    error: 'has a name, and only the signal custom has one',
  })
  .describe(hint('wait-for'))

function isCustom(signals: readonly string[] | undefined): boolean {
  return signals?.length === 1 && signals[0] === 'custom'
}

const branchArm = z
  .strictObject({
    when: cadenceCondition.optional().describe(hint('when')),
    else: z.literal(true).optional(),
    goto: stepId('goto'),
  })
  .refine(({ when, else: otherwise }) => (when === undefined) !== (otherwise === undefined), {
    error: 'needs a condition in "when", or "else: true"',
  })

const branch = z
  .array(branchArm)
  .min(1)
  .max(20)
  .refine((arms) => !arms.slice(0, -1).some((arm) => arm.else), {
    error: 'has "else" before its end',
  })
  .describe(hint('branch'))

const weight = z.int().min(1).max(MOST_WEIGHT).describe(hint('weight'))
const split = z
  .union([
    z
      .record(stepId('goto'), weight)
      .transform((arms) =>
        Object.entries(arms).map(([goto, share]) => ({ arm: goto, weight: share, goto })),
      ),
    z.array(z.strictObject({ arm: stepId('arm'), weight, goto: stepId('goto') })),
  ])
  .refine((arms) => arms.length >= 2 && arms.length <= 20, { error: 'needs two arms or more' })
  .refine((arms) => new Set(arms.map(({ arm }) => arm)).size === arms.length, {
    error: 'names an arm twice',
  })
  .describe(hint('split'))

const tag = z.string().trim().min(1).max(100)
const ATTRIBUTE_NAME = /^[A-Za-z_][\w-]{0,99}$/
const update = z
  .strictObject({
    attributes: z
      .record(
        z.string().regex(ATTRIBUTE_NAME),
        z.union([z.string().max(1_000), z.number(), z.boolean(), z.null()]),
      )
      .optional()
      .describe(hint('attributes')),
    score: z.int().min(-1_000).max(1_000).optional().describe(hint('score')),
    owner: z.string().trim().min(1).max(300).nullable().optional().describe(hint('owner')),
    tags: z
      .strictObject({ add: z.array(tag).default([]), remove: z.array(tag).default([]) })
      .optional()
      .describe(hint('tags')),
  })
  .refine((given) => Object.values(given).some((value) => value !== undefined), {
    error: 'changes nothing',
  })
  .describe(hint('update'))

export const FLOW_SCHEMAS = {
  wait: z.strictObject({ id: name, wait: delay('wait'), until: until.optional() }),
  'wait-for': z.strictObject({
    id: name,
    'wait-for': awaited,
    timeout: duration('timeout'),
    // oxlint-disable-next-line unicorn/no-thenable -- a word of the language, and never a function
    then: stepId('then').optional(),
    else: stepId('else').optional(),
  }),
  branch: z.strictObject({ ...base, branch }),
  split: z.strictObject({ ...base, split }),
  webhook: z.strictObject({
    ...base,
    webhook: z.strictObject({ to: name }).describe(hint('webhook')),
  }),
  update: z.strictObject({ ...base, update }),
  goto: z.strictObject({
    ...base,
    goto: stepId('goto'),
    'at-most': z.int().min(1).max(MOST_ROUNDS).optional().describe(hint('at-most')),
  }),
  end: z.strictObject({ ...base, end }),
} as const

export type FlowKey = keyof typeof FLOW_SCHEMAS
export const FLOW_KEYS = [
  'wait',
  'wait-for',
  'branch',
  'split',
  'webhook',
  'update',
  'goto',
  'end',
] as const satisfies readonly FlowKey[]

/** What one of these steps says, by its kind. */
export type FlowContent = {
  [Key in FlowKey]: { readonly key: Key; readonly data: z.output<(typeof FLOW_SCHEMAS)[Key]> }
}[FlowKey]
