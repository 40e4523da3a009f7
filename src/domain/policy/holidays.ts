import { type LocalDay, localDay, weekdayOf } from '../time-zones.ts'
import { type HolidayCalendar, type HolidayRule, holidaysFile } from './data.ts'

/** A day on which a calendar closes. */
export interface Holiday {
  readonly name: string
  /** The day that a rule of observance closes besides the holiday's own date. */
  readonly observed: boolean
  /** It is closed to be careful: the law may not enforce it, or not everywhere. */
  readonly careful: boolean
}

/** Tells whether a calendar closes a local day, and for which holiday. */
export type Calendar = (day: LocalDay) => Holiday | null

const calendars: ReadonlyMap<string, Calendar> = new Map(
  Object.entries(holidaysFile.calendars).map(([id, one]) => [id, calendarOf(one)]),
)

/** Every calendar we know: what the window for unknown places is closed by. */
export const EVERY_CALENDAR: readonly Calendar[] = [...calendars.values()]

/** A calendar by its name in data/holidays.json. Throws for a name that the file does not have. */
export function calendarNamed(id: string): Calendar {
  const found = calendars.get(id)
  if (found === undefined) throw new Error(`data/holidays.json has no calendar ${id}`)
  return found
}

/** Years are kept, and dropped together when there are absurdly many. */
const MOST_YEARS = 200

function calendarOf(calendar: HolidayCalendar): Calendar {
  const years = new Map<number, ReadonlyMap<LocalDay, Holiday>>()
  return (day) => {
    const year = new Date(day * 86_400_000).getUTCFullYear()
    let days = years.get(year)
    if (days === undefined) {
      if (years.size >= MOST_YEARS) years.clear()
      days = daysAround(calendar, year)
      years.set(year, days)
    }
    return days.get(day) ?? null
  }
}

/** A year's closed days; those that the next New Year closes before it are among them. */
function daysAround(calendar: HolidayCalendar, year: number): ReadonlyMap<LocalDay, Holiday> {
  const found = new Map<LocalDay, Holiday>()
  for (const one of [year - 1, year, year + 1]) {
    for (const rule of calendar.days) {
      const day = dayOf(rule, one)
      if (day === null) continue
      const careful = rule.uncertain === true || rule.counties !== undefined
      found.set(day, { name: rule.name, observed: false, careful })
      const also = observedDay(calendar, rule, day)
      if (also !== null && !found.has(also)) {
        found.set(also, { name: rule.name, observed: true, careful })
      }
    }
  }
  return found
}

/** The day that a rule of observance closes besides a holiday of a fixed date; null when none. */
function observedDay(
  { observance }: HolidayCalendar,
  rule: HolidayRule,
  day: LocalDay,
): LocalDay | null {
  if (rule.kind !== 'date') return null
  const weekday = weekdayOf(day)
  const shift = observance.find(
    ({ when, only }) =>
      weekday === (when === 'saturday' ? 6 : 7) && (only === undefined || only.includes(rule.name)),
  )
  if (shift === undefined) return null
  return shift.closeAlso === 'previous' ? day - 1 : day + 1
}

/** The day of a holiday in a year; null in a year without it. */
function dayOf(rule: HolidayRule, year: number): LocalDay | null {
  if (rule.since !== undefined && year < rule.since) return null
  if (rule.years === 'even' && year % 2 !== 0) return null
  switch (rule.kind) {
    case 'date':
      return localDay(year, rule.month, rule.day)
    case 'nth_weekday':
      return nthWeekday(year, rule.month, rule.weekday, rule.n) + (rule.plusDays ?? 0)
    case 'last_weekday': {
      const next = localDay(year, rule.month + 1, 1)
      const back = (weekdayOf(next) - rule.weekday + 7) % 7
      return next - (back === 0 ? 7 : back)
    }
    case 'easter':
      return easter(year) + rule.offset
    case 'election_day':
      return nthWeekday(year, 11, 1, 1) + 1
    case 'utah_juneteenth':
      return utahJuneteenth(year)
  }
}

function nthWeekday(year: number, month: number, weekday: number, n: number): LocalDay {
  const first = localDay(year, month, 1)
  return first + ((weekday - weekdayOf(first) + 7) % 7) + (n - 1) * 7
}

/**
 * Utah Code 63G-1-301: from Tuesday to Friday the holiday is the Monday before, from Saturday and
 * Sunday the Monday after; June 19 itself is then none.
 */
function utahJuneteenth(year: number): LocalDay {
  const day = localDay(year, 6, 19)
  const weekday = weekdayOf(day)
  return weekday >= 6 ? day + (8 - weekday) : day - (weekday - 1)
}

/** Easter Sunday of the Gregorian calendar, by the anonymous algorithm (Meeus, chapter 8). */
function easter(year: number): LocalDay {
  const a = year % 19
  const b = Math.floor(year / 100)
  const c = year % 100
  const d = Math.floor(b / 4)
  const e = b % 4
  const f = Math.floor((b + 8) / 25)
  const g = Math.floor((b - f + 1) / 3)
  const h = (19 * a + b - d - g + 15) % 30
  const i = Math.floor(c / 4)
  const k = c % 4
  const l = (32 + 2 * e + 2 * i - h - k) % 7
  const m = Math.floor((a + 11 * h + 22 * l) / 451)
  const month = Math.floor((h + l - 7 * m + 114) / 31)
  return localDay(year, month, ((h + l - 7 * m + 114) % 31) + 1)
}
