import type { Instant } from '../time.ts'
import { atLocal, localDay, localTime } from '../time-zones.ts'

/** Something the company writes about; a cadence belongs to one, or to none. */
export interface Topic {
  /** Small letters, digits and hyphens; it never changes. */
  readonly id: string
  /** What people see in the preference centre. */
  readonly title: string
}

/** How long a pause lasts that a lead asks for. */
const PAUSE_MONTHS = 3

/** The same time of day, three calendar months on; the last day of a shorter month. */
export function pauseEnds(now: Instant, zone: string): Instant {
  const { year, month, dayOfMonth, msOfDay } = localTime(now, zone)
  const first = localDay(year, month + PAUSE_MONTHS, 1)
  const lastOfMonth = new Date(Date.UTC(year, month + PAUSE_MONTHS, 0)).getUTCDate()
  return atLocal(first + Math.min(dayOfMonth, lastOfMonth) - 1, msOfDay, zone)
}
