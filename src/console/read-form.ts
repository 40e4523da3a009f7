import { z } from 'zod'
import { DEAD_REASONS, type DeadDetails, type DeadReason } from '../domain/lead.ts'
import { RESUME_MODES } from '../domain/pauses.ts'
import { DISPOSITIONS } from '../domain/signals.ts'
import { type Instant, MINUTE_MS } from '../domain/time.ts'
import { atLocal, localDay } from '../domain/time-zones.ts'
import type { Action } from '../leads/actions.ts'
import { invalidField } from '../leads/intake.ts'

/** What a form sends, by the names of its fields. */
export type FormFields = Readonly<Record<string, unknown>>

/** A field that may be left empty. */
const optional = z
  .string()
  .max(2_000)
  .optional()
  .transform((text) => (text === undefined || text.trim() === '' ? null : text.trim()))

/** A day as a date field sends it; null when it is left empty. */
export const day = z.union([z.literal(''), z.iso.date()]).transform((text) => text || null)

const actionSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('enroll'), cadence: z.string().min(1), replace: optional }),
  z.object({ kind: z.literal('pause'), because: optional }),
  z.object({ kind: z.literal('resume'), mode: z.enum(RESUME_MODES).catch('shift') }),
  z.object({ kind: z.literal('skip') }),
  z.object({ kind: z.literal('jump'), step: z.string().min(1) }),
  z.object({ kind: z.literal('hold'), until: z.string(), because: optional }),
  z.object({ kind: z.literal('send_now') }),
  z.object({ kind: z.literal('mark_dead') }),
  z.object({ kind: z.literal('revive'), cadence: optional }),
  z.object({ kind: z.literal('convert'), note: optional }),
  z.object({
    kind: z.literal('disposition'),
    outcome: z.enum(DISPOSITIONS),
    until: optional,
    note: optional,
  }),
  z.object({ kind: z.literal('erase'), confirm: optional }),
])

const deathSchema = z.object({
  reason: z.enum(DEAD_REASONS, 'Choose a reason.'),
  words: optional,
  competitor: optional,
  why: optional,
  contractEnds: optional,
  fault: optional,
})

/**
 * An operator's action from its form; dates are on the wall of the lead's zone.
 * @throws Refusal 422 that names the field
 */
export function readAction(fields: FormFields, zone: string, now: Instant): Action {
  const parsed = actionSchema.safeParse(fields)
  if (!parsed.success) throw formProblem(parsed.error)
  const form = parsed.data
  switch (form.kind) {
    case 'enroll':
      return { kind: 'enroll', cadence: form.cadence, replace: form.replace !== null }
    case 'pause':
      return { kind: 'pause', because: form.because ?? 'paused by an operator' }
    case 'hold': {
      const until = readLocal(form.until, zone, now)
      return { kind: 'hold', until, because: form.because ?? 'held by an operator' }
    }
    case 'mark_dead':
      return { kind: 'mark_dead', details: readDeath(fields) }
    case 'disposition': {
      const { outcome, note } = form
      const dead = outcome === 'dead' || outcome === 'bad_lead'
      const until = outcome === 'later' ? readLocal(form.until ?? '', zone, now) : null
      return { kind: 'disposition', outcome, details: dead ? readDeath(fields) : null, until, note }
    }
    case 'erase':
      if (form.confirm?.toLowerCase() !== 'erase') {
        throw invalidField('confirm', 'Nothing was erased.', 'Type “erase” to confirm it.')
      }
      return { kind: 'erase' }
    case 'resume':
    case 'skip':
    case 'jump':
    case 'send_now':
    case 'revive':
    case 'convert':
      return form
  }
}

/** What is recorded beside a dead reason. */
function readDeath(fields: FormFields): DeadDetails {
  const parsed = deathSchema.safeParse(fields)
  if (!parsed.success) throw formProblem(parsed.error)
  const { reason, words, competitor, why, contractEnds, fault } = parsed.data
  const details: Readonly<Record<DeadReason, DeadDetails>> = {
    unresponsive: { reason: 'unresponsive', attempts: [] },
    bad_contact_info: { reason: 'bad_contact_info', failures: [] },
    competitor: {
      reason: 'competitor',
      competitor,
      why: oneOf(why, ['price', 'feature', 'timing', 'other']),
      contractEnds: readDate(contractEnds),
    },
    no_matching_offering: {
      reason: 'no_matching_offering',
      wanted: words,
      fault: oneOf(fault, ['poor_sourcing', 'inadequate_offering']),
    },
    not_interested: { reason: 'not_interested', words },
    postponing: { reason: 'postponing', postponements: [] },
    unqualified: { reason: 'unqualified', criterion: words },
    hostile: { reason: 'hostile', words },
    spam: { reason: 'spam', evidence: words },
    opted_out: { reason: 'opted_out', how: 'told a person', words },
    duplicate: { reason: 'duplicate', survivor: null },
  }
  return details[reason]
}

function oneOf<T extends string>(value: string | null, allowed: readonly T[]): T | null {
  return allowed.find((each) => each === value) ?? null
}

function readDate(text: string | null): string | null {
  if (text === null) return null
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))) return text
  throw invalidField('contractEnds', 'This is no date.', 'Write it as 2027-03-31.')
}

/** "2027-03-31T09:00" on the wall of a zone, in the future. */
function readLocal(text: string, zone: string, now: Instant): Instant {
  const parts = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})/.exec(text)?.slice(1).map(Number)
  const [year, month, day, hour, minute] = parts ?? []
  if (
    year === undefined ||
    month === undefined ||
    day === undefined ||
    hour === undefined ||
    minute === undefined
  ) {
    throw invalidField('until', 'There is no date and time.', 'Choose both.')
  }
  const at = atLocal(localDay(year, month, day), (hour * 60 + minute) * MINUTE_MS, zone)
  if (at <= now) {
    throw invalidField('until', 'This time is over for the lead.', 'Choose a later one.')
  }
  return at
}

function formProblem(error: z.ZodError): Error {
  const [issue] = error.issues
  const field = issue?.path.join('.') ?? 'form'
  return invalidField(field, issue?.message ?? 'The form cannot be read.', `Correct “${field}”.`)
}
