import { z } from 'zod'
import { DAY_MS } from '../../time.ts'
import { parseRate, RATE_PATTERN } from '../duration.ts'
import type { Cadence, Throttle } from '../types.ts'
import { entry, exits, goal, toEntry, toExit } from './entry-schema.ts'
import { toEnd } from './flow-steps.ts'
import { onReply, revival, toReplyRules, toRevival } from './header-rules.ts'
import {
  blackouts,
  duration,
  end,
  hint,
  name,
  stepDays,
  stepId,
  timeOfDay,
  timeText,
} from './schema-parts.ts'

/** What a cadence says of itself, beside its steps. */

const hours = z
  .strictObject({ from: timeOfDay('from'), to: timeOfDay('to') })
  .refine(({ from, to }) => from < to, { error: 'must end later than they start' })

const rate = timeText(parseRate, RATE_PATTERN, 'throttle')
const throttle = z
  .union([
    rate.transform((touches): Throttle => ({ touches, first: null })),
    z
      .strictObject({ touches: rate.optional(), first: rate.optional() })
      .refine((rates) => Object.keys(rates).length > 0, { error: 'names no rate' })
      .transform(({ touches = null, first = null }): Throttle => ({ touches, first })),
  ])
  .describe(hint('throttle'))

/** The keys but for `steps`. */
export const header = {
  name,
  title: z.string().trim().min(1).max(120).describe(hint('title')),
  description: z.string().trim().min(1).optional().describe(hint('description')),
  purpose: z.enum(['nurture', 'revival', 'check-in']).describe(hint('purpose')),
  priority: z.int().min(0).max(100).default(50).describe(hint('priority')),
  topic: stepId('topic').optional(),
  hours: z
    .union([z.literal('any'), hours])
    .optional()
    .describe(hint('hours')),
  days: stepDays.optional(),
  blackouts: blackouts.optional(),
  throttle: throttle.optional(),
  entry: entry.optional(),
  exit: exits.optional(),
  goal: goal.optional(),
  'on-reply': onReply.optional(),
  revival: revival.optional(),
  'spread-imports': duration('spread-imports').default(DAY_MS),
  'end-after': duration('end-after').optional(),
  end,
}

/** The cadence but for its steps, which are checked one by one so that errors name the step. */
export const HEADER_SCHEMA = z.strictObject({ ...header, steps: z.array(z.unknown()).min(1) })
export const HEADER_KEYS: readonly string[] = [...Object.keys(header), 'steps']
export type Header = z.output<typeof HEADER_SCHEMA>

/** A checked header as the cadence without its steps. */
export function toHeader(header: Header): Omit<Cadence, 'steps'> {
  const { hours, days, blackouts: calendars, throttle: most, end: written } = header
  const endAfterMs = header['end-after']
  const { 'on-reply': answers, revival: returns } = header
  return {
    name: header.name,
    title: header.title,
    description: header.description ?? null,
    purpose: header.purpose,
    priority: header.priority,
    ...(header.topic === undefined ? {} : { topic: header.topic }),
    preferredHours: hours === undefined || hours === 'any' ? null : hours,
    spreadImportsMs: header['spread-imports'],
    ...(days !== undefined && { days }),
    ...(calendars !== undefined && { blackouts: calendars }),
    ...(most !== undefined && { throttle: most }),
    ...(header.entry !== undefined && { entry: toEntry(header.entry) }),
    ...(header.exit !== undefined && { exits: header.exit.map(toExit) }),
    ...(header.goal !== undefined && { goal: toExit(header.goal) }),
    ...(answers !== undefined && { onReply: toReplyRules(answers) }),
    ...(returns !== undefined && { revival: toRevival(returns) }),
    end: toEnd(written),
    ...(endAfterMs === undefined ? {} : { endAfterMs }),
  }
}
