import { DAY_MS } from '../time.ts'
import { dayOfDate, type LocalDay, weekdayOf } from '../time-zones.ts'
import { calendarNamed } from './holidays.ts'
import type { OpenDays } from './types.ts'

/** The days that a cadence closes to its messages: manners, told in words. */

const FEDERAL_HOLIDAYS = 'US-FED'
const BUSINESS_WEEK: readonly number[] = [1, 2, 3, 4, 5]

/** Why nothing of the cadence leaves on a local day, as the end of a sentence; null: it may. */
export function closedBecause(days: OpenDays, day: LocalDay): string | null {
  const weekdays = days.business ? BUSINESS_WEEK : days.weekdays
  if (weekdays !== null && !weekdays.includes(weekdayOf(day))) {
    return days.business ? 'no business day' : `not among the cadence’s days (${namesOf(weekdays)})`
  }
  const holiday = days.business ? calendarNamed(FEDERAL_HOLIDAYS)(day) : null
  if (holiday !== null) return `no business day (${holiday.name})`
  const closed = days.closed.find(({ from, to }) => dayOfDate(from) <= day && day <= dayOfDate(to))
  return closed === undefined ? null : `closed by the calendar ${closed.calendar}`
}

/** The weekdays (ISO) on which anything can leave. */
export function openWeekdays({ business, weekdays }: OpenDays): readonly number[] {
  return business ? BUSINESS_WEEK : (weekdays ?? [1, 2, 3, 4, 5, 6, 7])
}

/** How much longer than usual an opening may have to be looked for, in milliseconds. */
export function closedForMs({ closed }: OpenDays): number {
  return closed.reduce(
    (sum, { from, to }) => sum + (dayOfDate(to) - dayOfDate(from) + 1) * DAY_MS,
    0,
  )
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

function namesOf(weekdays: readonly number[]): string {
  return weekdays.flatMap((weekday) => WEEKDAYS[weekday - 1] ?? []).join(', ')
}
