import { z } from 'zod'
import type { BulkAction, BulkPace, LeadFilter } from '../../domain/bulk.ts'
import { DEAD_REASONS } from '../../domain/lead.ts'
import { RESUME_MODES } from '../../domain/pauses.ts'
import type { Instant } from '../../domain/time.ts'
import type { WantedBulk } from '../../leads/bulk/start.ts'
import { invalidField } from '../../leads/intake.ts'
import { SHOWN_STATUSES } from '../../leads/views/view.ts'
import { type FormFields, readAction } from '../read-form.ts'

/** A field that is left empty asks nothing. */
const absent = (value: unknown) =>
  typeof value === 'string' && value.trim() === '' ? undefined : value
const optional = z.preprocess(absent, z.string().trim().max(300).optional())

const filterForm = z.object({
  whomStatus: z.preprocess(absent, z.enum(SHOWN_STATUSES).optional()),
  whomReason: z.preprocess(absent, z.enum(DEAD_REASONS).optional()),
  whomCadence: optional,
  whomStep: optional,
  whomSource: optional,
  whomOwner: optional,
  whomTag: optional,
  whomState: optional,
})

const paceForm = z.object({
  paceCount: z.coerce.number().int().min(1).max(100_000).catch(300),
  whomSegment: optional,
  paceUnit: z.enum(['per_minute', 'per_day']).catch('per_minute'),
  everyone: optional,
  runBecause: optional,
  mode: z.enum(RESUME_MODES).catch('shift'),
})

/** What the form of the page for many leads asks for. @throws Refusal 422 that names the field */
export function readBulk(fields: FormFields, zone: string, now: Instant): WantedBulk {
  const form = paceForm.parse(fields)
  return {
    work: readWork(fields, zone, now, form.mode),
    filter: readFilter(fields),
    segment: form.whomSegment ?? null,
    everyone: form.everyone !== undefined,
    pace: paceOf(form.paceUnit, form.paceCount),
    because: form.runBecause ?? 'asked for in the console',
  }
}

function readFilter(fields: FormFields): LeadFilter {
  const read = filterForm.safeParse(fields)
  if (!read.success) {
    throw invalidField('whom', 'A condition is not understood.', 'Choose from what is offered.')
  }
  const { data } = read
  const all: LeadFilter = {
    status: data.whomStatus,
    reason: data.whomReason,
    cadence: data.whomCadence,
    step: data.whomStep,
    source: data.whomSource,
    owner: data.whomOwner,
    tag: data.whomTag,
    state: data.whomState,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

function paceOf(unit: BulkPace['kind'], count: number): BulkPace {
  return unit === 'per_day'
    ? { kind: 'per_day', perDay: count }
    : { kind: 'per_minute', perMinute: count }
}

function readWork(
  fields: FormFields,
  zone: string,
  now: Instant,
  mode: (typeof RESUME_MODES)[number],
): BulkAction {
  const action = readAction(fields, zone, now)
  switch (action.kind) {
    case 'resume':
      return { kind: 'resume', mode }
    case 'enroll':
    case 'pause':
    case 'skip':
    case 'jump':
    case 'hold':
    case 'send_now':
    case 'mark_dead':
    case 'revive':
      return action
    case 'convert':
    case 'disposition':
    case 'opt_out':
    case 'erase':
      throw invalidField('kind', 'This is done to one lead at a time.', 'Choose another action.')
  }
}
