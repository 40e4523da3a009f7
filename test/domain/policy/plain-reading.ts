import { Temporal } from 'temporal-polyfill/implementation'
import {
  areaCodesFile,
  type HolidayCalendar,
  type HolidayRule,
  holidaysFile,
  jurisdictionsFile,
  type WeekHours,
  zipZonesText,
} from '../../../src/domain/policy/data.ts'

/**
 * The calling windows read from the tables in the plainest way, by another calendar and without any
 * code of the policy: slow, and right by inspection. Tests compare the policy with it.
 */

export interface Asked {
  readonly phone: string | null
  readonly state: string | null
  readonly zip: string | null
  readonly timezone: string | null
}

interface Row {
  readonly hours: WeekHours
  readonly calendars: readonly string[]
  readonly effectiveFrom: string | null
}

export interface PlainPlace {
  readonly rows: readonly Row[]
  readonly zones: readonly string[]
}

const { states, unknown, federal } = jurisdictionsFile
const UNKNOWN: Row = {
  hours: unknown.hours,
  calendars: Object.keys(holidaysFile.calendars),
  effectiveFrom: null,
}

/** null for a number of another country, which is never texted. */
export function plainPlace({ phone, state, zip, timezone }: Asked): PlainPlace | null {
  if (phone !== null && !phone.startsWith('+1')) return null
  const code = phone?.slice(2, 5) ?? ''
  if (Object.values(areaCodesFile.otherCountries).some(({ codes }) => codes.includes(code))) {
    return null
  }
  const area = areaCodesFile.unitedStates[code]
  const given = state !== null && state in states ? state : null
  const codes = [...new Set([...(area ? [area.state] : []), ...(given === null ? [] : [given])])]
  const address = addressZones(given, zip, timezone)
  const zones = [...new Set([...(area?.zones ?? []), ...address])]
  const everywhere = Object.values(states).flatMap((row) =>
    row.kind === 'territory' ? [] : row.zones,
  )
  return {
    rows: codes.length === 0 ? [UNKNOWN] : codes.map(rowOf),
    zones: zones.length === 0 ? [...new Set(everywhere)] : zones,
  }
}

function rowOf(code: string): Row {
  const row = states[code]
  if (row === undefined || row.hours === null) return UNKNOWN
  const { hours, holidays, effectiveFrom } = row
  return { hours, calendars: holidays === null ? [] : [holidays], effectiveFrom }
}

function addressZones(state: string | null, zip: string | null, zone: string | null) {
  if (zone !== null && isPlace(zone)) return [zone]
  const ofZip = zip === null ? null : plainZipZone(zip.slice(0, 5))
  if (ofZip !== null) return [ofZip]
  return state === null ? [] : (states[state]?.zones ?? [])
}

function isPlace(zone: string): boolean {
  if (!/^[A-Z][A-Za-z_]+\/[A-Z]/.test(zone) || zone.startsWith('Etc/')) return false
  try {
    Temporal.Now.zonedDateTimeISO(zone)
    return true
  } catch {
    return false
  }
}

function plainZipZone(zip: string): string | null {
  const text = zipZonesText()
  const line = text.split('\n').find((one) => one.startsWith(`${zip.slice(0, 3)} `))
  for (const group of line?.split(' ').slice(1) ?? []) {
    for (const range of group.slice(1).split(',')) {
      const [from = '', to = from] = range.split('-')
      if (zip.slice(3) < from || zip.slice(3) > to) continue
      return new RegExp(`^${group.charAt(0)}=(.*)$`, 'm').exec(text)?.[1] ?? null
    }
  }
  return null
}

/** Whether every row allows in every zone. */
export function plainAllows(place: PlainPlace | null, at: number): boolean {
  if (place === null) return false
  const local = place.zones.map((zone) =>
    Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone),
  )
  return (
    local.every((shown) => within(federal.hours, shown)) &&
    place.rows.every((row) => local.every((shown) => rowAllows(row, shown))) &&
    place.rows.every(({ hours }) => fixedAllows(hours, at))
  )
}

function rowAllows(row: Row, shown: Temporal.ZonedDateTime): boolean {
  const date = shown.toPlainDate()
  if (row.effectiveFrom !== null && date.toString() < row.effectiveFrom) return true
  const { weekdays, saturday, sunday } = row.hours
  const hours = date.dayOfWeek === 7 ? sunday : date.dayOfWeek === 6 ? saturday : weekdays
  return within(hours, shown) && !row.calendars.some((id) => isClosed(id, date))
}

function fixedAllows({ atUtcOffset }: WeekHours, at: number): boolean {
  if (atUtcOffset === undefined) return true
  const zone = atUtcOffset.offset
  return within(
    atUtcOffset.hours,
    Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone),
  )
}

function within(hours: string | null, shown: Temporal.ZonedDateTime): boolean {
  const time = shown.toPlainTime().toString({ smallestUnit: 'second' }).slice(0, 8)
  return hours !== null && time >= `${hours.slice(0, 5)}:00` && time < `${hours.slice(6)}:00`
}

const years = new Map<string, ReadonlySet<string>>()

function isClosed(id: string, date: Temporal.PlainDate): boolean {
  return [date.year, date.year + 1].some((year) => {
    const key = `${id} ${year}`
    const days = years.get(key) ?? closedIn(id, year)
    years.set(key, days)
    return days.has(date.toString())
  })
}

function closedIn(id: string, year: number): ReadonlySet<string> {
  const calendar = holidaysFile.calendars[id]
  return new Set(calendar?.days.flatMap((rule) => datesOf(calendar, rule, year)))
}

function datesOf(calendar: HolidayCalendar, rule: HolidayRule, year: number): string[] {
  if (year < (rule.since ?? 0) || (rule.years === 'even' && year % 2 === 1)) return []
  const date = dateOf(rule, year)
  if (rule.kind !== 'date') return [date.toString()]
  const shifted = calendar.observance
    .filter(({ when }) => date.dayOfWeek === (when === 'saturday' ? 6 : 7))
    .filter(({ only }) => only?.includes(rule.name) ?? true)
    .map(({ closeAlso }) => date.add({ days: closeAlso === 'next' ? 1 : -1 }).toString())
  return [date.toString(), ...shifted]
}

function dateOf(rule: HolidayRule, year: number): Temporal.PlainDate {
  switch (rule.kind) {
    case 'date':
      return new Temporal.PlainDate(year, rule.month, rule.day)
    case 'nth_weekday':
      return weekdaysOf(year, rule.month, rule.weekday)
        .at(rule.n - 1)
        ?.add({ days: rule.plusDays ?? 0 }) as Temporal.PlainDate
    case 'last_weekday':
      return weekdaysOf(year, rule.month, rule.weekday).at(-1) as Temporal.PlainDate
    case 'easter':
      return easterOf(year).add({ days: rule.offset })
    case 'election_day':
      return (weekdaysOf(year, 11, 1)[0] as Temporal.PlainDate).add({ days: 1 })
    case 'utah_juneteenth': {
      const date = new Temporal.PlainDate(year, 6, 19)
      const weekend = date.dayOfWeek > 5
      return date.add({ days: weekend ? 8 - date.dayOfWeek : 1 - date.dayOfWeek })
    }
  }
}

function weekdaysOf(year: number, month: number, weekday: number): Temporal.PlainDate[] {
  const first = new Temporal.PlainDate(year, month, 1)
  return Array.from({ length: first.daysInMonth }, (_, days) => first.add({ days })).filter(
    ({ dayOfWeek }) => dayOfWeek === weekday,
  )
}

/** Gauss's rule, as amended for the Gregorian calendar. */
function easterOf(year: number): Temporal.PlainDate {
  const century = Math.floor(year / 100)
  const moon = (15 + century - Math.floor(century / 4) - Math.floor((13 + 8 * century) / 25)) % 30
  const sun = (4 + century - Math.floor(century / 4)) % 7
  const d = (19 * (year % 19) + moon) % 30
  const e = (2 * (year % 4) + 4 * (year % 7) + 6 * d + sun) % 7
  const late = (d === 29 && e === 6) || (d === 28 && e === 6 && year % 19 > 10) ? 7 : 0
  return new Temporal.PlainDate(year, 3, 22).add({ days: d + e - late })
}
