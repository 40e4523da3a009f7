import type { DeadDetails } from '../../lead.ts'
import { DAY_MS, type Instant, instant, parseInstant, plus } from '../../time.ts'
import { atLocal, dayOfDate, localTime } from '../../time-zones.ts'
import type { OnDate } from '../types.ts'

/** Steps that are due by a date on the lead. */

/** Dates that are known of a lead. */
export interface KnownDates {
  readonly attributes: Readonly<Record<string, unknown>>
  readonly createdAt: Instant
  /** What the lead was dead for before this episode. */
  readonly dead: DeadDetails | null
}

/** Which dates a step may hang on: the fields by their names, and attributes of the lead. */
const DATE_FIELDS = ['lead.created', 'dead.contractEnds', 'dead.until'] as const
export const DATE_FIELD_PATTERN = `^(lead\\.attributes\\.[A-Za-z_][A-Za-z0-9_-]{0,99}|${DATE_FIELDS.join('|').replaceAll('.', '\\.')})$`
const ATTRIBUTE_PREFIX = 'lead.attributes.'

/** A day of the lead's calendar, or an exact instant of no length. */
export interface DateWindow {
  readonly from: Instant
  readonly lengthMs: number
}

/**
 * When a step that hangs on a date is wanted: the whole local day for a plain date ("2027-06-30")
 * and an offset in whole days, else the very instant. Null when the lead has no such date.
 */
export function dateWindow(
  { field, offsetMs }: OnDate,
  dates: KnownDates,
  zone: string,
): DateWindow | null {
  const known = dateOf(field, dates)
  if (known === null) return null
  if (typeof known === 'number') return windowAround(known, offsetMs, zone)
  const day = dayOfDate(known)
  if (offsetMs % DAY_MS !== 0) return { from: plus(atLocal(day, 0, zone), offsetMs), lengthMs: 0 }
  return wholeDay(day + offsetMs / DAY_MS, zone)
}

/** "2027-06-30" or an instant; null when it is not there, or no date. */
function dateOf(
  field: string,
  { attributes, createdAt, dead }: KnownDates,
): string | Instant | null {
  switch (field) {
    case 'lead.created':
      return createdAt
    case 'dead.contractEnds':
      return dead?.reason === 'competitor' ? readDate(dead.contractEnds) : null
    case 'dead.until':
      return dead?.reason === 'postponing' ? (dead.postponements.at(-1)?.until ?? null) : null
    default:
      return readDate(attributes[field.slice(ATTRIBUTE_PREFIX.length)])
  }
}

/** Dates come from forms and CRMs: plain ones, or with a time and an offset. */
function readDate(value: unknown): string | Instant | null {
  if (typeof value !== 'string') return null
  const text = value.trim()
  try {
    dayOfDate(text)
    return text
  } catch {
    return parseInstant(text)
  }
}

/** A known instant with an offset in whole days stands for its local day; else for itself. */
function windowAround(at: Instant, offsetMs: number, zone: string): DateWindow {
  if (offsetMs % DAY_MS !== 0 || offsetMs === 0) return { from: plus(at, offsetMs), lengthMs: 0 }
  return wholeDay(localTime(at, zone).day + offsetMs / DAY_MS, zone)
}

function wholeDay(day: number, zone: string): DateWindow {
  const from = atLocal(day, 0, zone)
  return { from, lengthMs: instant(atLocal(day + 1, 0, zone)) - from }
}
