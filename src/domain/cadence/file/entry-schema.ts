import { z } from 'zod'
import { conditionSchema } from '../conditions/condition-schema.ts'
import type { EntryRules, ExitRule, ReEntry } from '../header-types.ts'
import { toEnd } from './flow-steps.ts'
import { duration, end, hint } from './schema-parts.ts'

/** Who comes into a cadence, and what ends it before its last step. */

const reEntry = z
  .union([
    z.enum(['never', 'always']).transform((kind): ReEntry => ({ kind })),
    z
      .strictObject({ after: duration('re-entry.after') })
      .transform(({ after: ms }): ReEntry => ({ kind: 'after', ms })),
  ])
  .describe(hint('re-entry'))

export const entry = z
  .strictObject({
    sources: z
      .array(z.string().trim().min(1).max(200).describe(hint('sources')))
      .min(1)
      .optional()
      .describe(hint('sources')),
    when: conditionSchema.optional().describe(hint('when')),
    're-entry': reEntry.optional(),
  })
  .describe(hint('entry'))

const exitRule = z.strictObject({ when: conditionSchema.describe(hint('when')), end })
export const exits = z.array(exitRule).min(1).max(20).describe(hint('exit'))
export const goal = z
  .strictObject({ when: conditionSchema.describe(hint('when')), end: end.default('hand-off') })
  .describe(hint('goal'))

/** Whom a cadence takes, from what its file says. */
export function toEntry(written: z.output<typeof entry>): EntryRules {
  const { sources, when, 're-entry': again } = written
  return {
    ...(sources !== undefined && { sources }),
    ...(when !== undefined && { when }),
    ...(again !== undefined && { reEntry: again }),
  }
}

/** What ends a cadence early, from what its file says. */
export function toExit({ when, end: written }: z.output<typeof exitRule>): ExitRule {
  return { when, end: toEnd(written) }
}
