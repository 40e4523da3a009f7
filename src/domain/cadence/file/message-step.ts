import { z } from 'zod'
import type { Channel } from '../../policy/types.ts'
import { DAY_MS } from '../../time.ts'
import { OFFSET_PATTERN, parseOffset } from '../duration.ts'
import { DATE_FIELD_PATTERN } from '../timing/on-date.ts'
import type { Fallback, MessageStep, StepTiming, TimeSlot, WhenStale } from '../types.ts'
import {
  blackouts,
  delay,
  duration,
  hint,
  slot,
  stepDays,
  stepId,
  template,
  timeText,
} from './schema-parts.ts'

/** What emails and texts have in common. */

export const after = delay().default({ kind: 'exactly', ms: 0 })

/** The date that a step is due by. */
export const onDate = z
  .strictObject({
    field: z.string().regex(new RegExp(DATE_FIELD_PATTERN)).describe(hint('field')),
    offset: timeText(parseOffset, OFFSET_PATTERN, 'offset').default(0),
  })
  .describe(hint('on-date'))
  .optional()

const timing = z
  .union([z.enum(['asap', 'varied']), z.array(slot).min(1)])
  .transform(toTiming)
  .describe(hint('at'))

const whenStale = z
  .union([z.enum(['skip', 'send']), z.strictObject({ goto: stepId('goto') })])
  .describe(hint('stale'))
  .optional()

export const messageKeys = {
  id: stepId('id'),
  after,
  'on-date': onDate,
  at: timing.default({ kind: 'varied' }),
  vary: z.enum(['both', 'time', 'weekday', 'none']).optional().describe(hint('vary')),
  hours: z.enum(['any', 'preferred']).optional().describe(hint('hours')),
  days: stepDays.optional(),
  blackouts: blackouts.optional(),
  'stale-after': z
    .union([z.literal('never').transform(() => null), duration('stale-after')])
    .optional()
    .describe(hint('stale-after')),
  stale: whenStale,
}

/** Where an email goes that cannot be mailed, and a text that cannot be texted. */
export const fallbackTo = (channel: Channel) =>
  z
    .union([z.literal('skip'), z.strictObject({ [channel]: template(channel) })])
    .transform((written): Fallback => {
      if (written === 'skip') return { kind: 'skip' }
      return { kind: 'channel', channel, template: String(written[channel]) }
    })
    .describe(hint('fallback'))
    .optional()

const MESSAGE_KEYS = z.strictObject({ ...messageKeys, fallback: fallbackTo('sms') })

/** What waits for a date is of no use long after it, unless the cadence says so. */
const STALE_AFTER_DATE_MS = 3 * DAY_MS

/** An email or text as written becomes a step; `fallbackHours` are the cadence's. */
export function toMessageStep(
  data: z.output<typeof MESSAGE_KEYS>,
  what: { readonly channel: Channel; readonly template: string },
  fallbackHours: MessageStep['hours'],
): MessageStep {
  const { vary, days, blackouts: calendars, stale, fallback } = data
  const date = data['on-date']
  const staleAfterMs = data['stale-after']
  return {
    kind: 'message',
    id: data.id,
    after: data.after,
    ...what,
    timing: data.at,
    hours: data.hours ?? fallbackHours,
    staleAfterMs:
      staleAfterMs === undefined ? (date === undefined ? null : STALE_AFTER_DATE_MS) : staleAfterMs,
    ...(date !== undefined && { onDate: toOnDate(date) }),
    ...(vary !== undefined && { vary }),
    ...(days !== undefined && { days }),
    ...(calendars !== undefined && { blackouts: calendars }),
    ...(stale !== undefined && { whenStale: toWhenStale(stale) }),
    ...(fallback !== undefined && { fallback }),
  }
}

/** The date that a step hangs on, from what its file says; the offset in milliseconds. */
export function toOnDate({
  field,
  offset,
}: NonNullable<z.output<typeof onDate>>): NonNullable<MessageStep['onDate']> {
  return { field, offsetMs: offset }
}

function toWhenStale(stale: NonNullable<z.output<typeof whenStale>>): WhenStale {
  return typeof stale === 'string' ? { kind: stale } : { kind: 'goto', stepId: stale.goto }
}

function toTiming(value: 'asap' | 'varied' | readonly TimeSlot[]): StepTiming {
  return typeof value === 'string' ? { kind: value } : { kind: 'slots', slots: value }
}
