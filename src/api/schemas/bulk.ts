import { z } from 'zod'
import type { BulkAction, BulkPace, LeadFilter } from '../../domain/bulk.ts'
import { id, type LeadId } from '../../domain/ids.ts'
import { DEAD_REASONS } from '../../domain/lead.ts'
import { RESUME_MODES } from '../../domain/pauses.ts'
import type { Instant } from '../../domain/time.ts'
import { SHOWN_STATUSES } from '../../leads/views/view.ts'
import { instantSchema, optionalText, text } from './common.ts'
import { deadDetails, deadSchema } from './dead.ts'
import { holdUntil } from './hold.ts'

const MOST_IDS = 10_000
const because = optionalText(500)

/** Conditions on leads, the same for lists and for bulk runs; everything given must hold. */
export const filterFields = {
  status: z.enum(SHOWN_STATUSES).optional(),
  reason: z.enum(DEAD_REASONS).optional(),
  cadence: text(100).optional(),
  step: text(100).optional(),
  source: text(200).optional(),
  owner: text(300).optional(),
  tag: text(100).optional(),
  state: text(50).optional(),
}

const whomSchema = z.strictObject({
  ...filterFields,
  segment: text(100).optional(),
  ids: z.array(text(100)).min(1).max(MOST_IDS).optional(),
  everyone: z.literal(true).optional(),
})

const actionSchema = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('enroll'),
    cadence: text(100),
    replace: z.boolean().optional(),
  }),
  z.strictObject({ action: z.literal('pause'), because }),
  z.strictObject({ action: z.literal('resume'), mode: z.enum(RESUME_MODES).optional() }),
  z.strictObject({ action: z.literal('skip') }),
  z.strictObject({ action: z.literal('jump'), step: text(100) }),
  z.strictObject({
    action: z.literal('hold'),
    until: instantSchema.optional(),
    for: text(50).optional(),
    because,
  }),
  z.strictObject({ action: z.literal('send-now') }),
  z.strictObject({ action: z.literal('mark-dead'), dead: deadSchema }),
  z.strictObject({ action: z.literal('revive'), cadence: optionalText(100) }),
])

const paceSchema = z
  .strictObject({
    perMinute: z.int().min(1).max(100_000).optional(),
    perDay: z.int().min(1).max(1_000_000).optional(),
  })
  .refine(({ perMinute, perDay }) => (perMinute === undefined) !== (perDay === undefined), {
    error: 'Write either perMinute or perDay.',
  })

/** What is to be done, to whom, and how fast. */
export const bulkSchema = z.strictObject({
  whom: whomSchema,
  do: actionSchema,
  pace: paceSchema.optional(),
  because,
})
export const bulkStartSchema = bulkSchema.extend({
  /** What the preview counted: more are refused. */
  expected: z.int().min(0).optional(),
})

type GivenBulk = z.output<typeof bulkSchema>

export const BULK_EXAMPLE = {
  whom: { source: 'spring-fair', status: 'dead', reason: 'unresponsive' },
  do: { action: 'enroll', cadence: 'event-follow-up' },
  pace: { perDay: 500 },
  because: 'the new catalogue is out',
}

const DEFAULT_PACE: BulkPace = { kind: 'per_minute', perMinute: 300 }

/** @throws Refusal 422 for a hold that names no time in the future */
export function bulkOf({ whom, ...given }: GivenBulk, now: Instant) {
  const { everyone, ids, segment = null, ...filter } = whom
  const conditions: LeadFilter = {
    ...filter,
    ...(ids !== undefined && { ids: ids.map((each) => id<LeadId>(each)) }),
  }
  return {
    filter: conditions,
    segment,
    everyone: everyone ?? false,
    work: actionOf(given.do, now),
    pace: paceOf(given.pace),
    because: given.because ?? 'asked for by an operator',
  }
}

function paceOf(given: z.output<typeof paceSchema> | undefined): BulkPace {
  if (given?.perDay !== undefined) return { kind: 'per_day', perDay: given.perDay }
  if (given?.perMinute !== undefined) return { kind: 'per_minute', perMinute: given.perMinute }
  return DEFAULT_PACE
}

function actionOf(given: z.output<typeof actionSchema>, now: Instant): BulkAction {
  switch (given.action) {
    case 'enroll':
      return { kind: 'enroll', cadence: given.cadence, replace: given.replace ?? false }
    case 'pause':
      return { kind: 'pause', because: given.because ?? 'paused by an operator' }
    case 'resume':
      return { kind: 'resume', mode: given.mode ?? 'shift' }
    case 'skip':
      return { kind: 'skip' }
    case 'jump':
      return { kind: 'jump', step: given.step }
    case 'hold':
      return {
        kind: 'hold',
        until: holdUntil(given, now),
        because: given.because ?? 'held by an operator',
      }
    case 'send-now':
      return { kind: 'send_now' }
    case 'mark-dead':
      return { kind: 'mark_dead', details: deadDetails(given.dead, now) }
    case 'revive':
      return { kind: 'revive', cadence: given.cadence ?? null }
  }
}
