import { DAY_MS, HOUR_MS, type Instant, instant, MINUTE_MS, SECOND_MS } from './time.ts'

/**
 * Wall clocks of IANA zones. Intl is slow (microseconds an answer), so the offsets of a zone are
 * found once per block of about a year and kept: they are piecewise constant.
 */

/** A stretch of time during which a zone keeps one offset. */
export interface ZoneStretch {
  /** Local time minus UTC. */
  readonly offsetMs: number
  /** Exclusive. The offset may stay the same after it: look again. */
  readonly until: number
}

/** A local calendar day as the number of days since 1970-01-01. */
export type LocalDay = number

/** What a wall clock and a calendar in a zone show. */
export interface LocalTime {
  readonly day: LocalDay
  readonly year: number
  /** 1–12 */
  readonly month: number
  readonly dayOfMonth: number
  /** ISO: 1 Monday … 7 Sunday */
  readonly weekday: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  /** Milliseconds the wall clock shows since its midnight; not the time elapsed on a DST day. */
  readonly msOfDay: number
}

interface ZoneTable {
  readonly format: Intl.DateTimeFormat
  readonly blocks: Map<number, readonly ZoneStretch[]>
}

const BLOCK_MS = 392 * DAY_MS
/** No zone has changed its clock twice within a week for many decades. */
const SAMPLE_MS = 7 * DAY_MS
/** Limits against input that names endless spellings of zones, or far-fetched years. */
const MOST_ZONES = 1_000
const MOST_BLOCKS = 64
const LONGEST_NAME = 64

/** A name that is no zone is kept as null: asking Intl again costs more than a decision. */
const tables = new Map<string, ZoneTable | null>()

/** Names that Intl accepts and that tell an offset from UTC, not a place with its rules. */
const OFFSET_NAMES = new Set(['utc', 'gmt', 'uct', 'zulu', 'universal', 'greenwich'])
const OFFSET_SHAPE = /^([+-]|etc\/|(gmt|utc)[+-]?\d|(est|mst|hst)$)/i

/**
 * True for an IANA zone that stands for a place ("America/New_York", "US/Eastern"). Fixed offsets
 * ("+05:00", "UTC", "Etc/GMT+5", "EST") are none: they say nothing about where a person is.
 */
export function isZone(name: string): boolean {
  if (OFFSET_NAMES.has(name.toLowerCase()) || OFFSET_SHAPE.test(name)) return false
  return tableOf(name) !== null
}

/** The offset of a zone at an instant. Throws a RangeError for a name Intl does not know. */
export function stretchAt(zone: string, at: number): ZoneStretch {
  const table = tableOf(zone)
  if (table === null) throw new RangeError('Unknown time zone; check it with isZone() first')
  const block = Math.floor(at / BLOCK_MS)
  let stretches = table.blocks.get(block)
  if (stretches === undefined) {
    if (table.blocks.size >= MOST_BLOCKS) table.blocks.clear()
    stretches = stretchesBetween(table.format, block * BLOCK_MS, (block + 1) * BLOCK_MS)
    table.blocks.set(block, stretches)
  }
  for (const stretch of stretches) if (at < stretch.until) return stretch
  throw new RangeError('An instant is a finite number of milliseconds')
}

/** What the wall clock of a zone shows at an instant. */
export function localTime(at: Instant, zone: string): LocalTime {
  const shown = at + stretchAt(zone, at).offsetMs
  const day = Math.floor(shown / DAY_MS)
  const msOfDay = shown - day * DAY_MS
  const calendar = new Date(shown)
  return {
    day,
    year: calendar.getUTCFullYear(),
    month: calendar.getUTCMonth() + 1,
    dayOfMonth: calendar.getUTCDate(),
    weekday: weekdayOf(day),
    hour: Math.floor(msOfDay / HOUR_MS),
    minute: Math.floor((msOfDay % HOUR_MS) / MINUTE_MS),
    second: Math.floor((msOfDay % MINUTE_MS) / SECOND_MS),
    msOfDay,
  }
}

/**
 * The first instant at which the wall clock of a zone shows `msOfDay` on a day. A time that a
 * forward change skips becomes the first instant after the gap.
 */
export function atLocal(day: LocalDay, msOfDay: number, zone: string): Instant {
  const wall = day * DAY_MS + msOfDay
  // Any instant of the day before: offsets never reach 24 hours.
  let from = wall - 2 * DAY_MS
  for (;;) {
    const { offsetMs, until } = stretchAt(zone, from)
    const candidate = Math.max(wall - offsetMs, from)
    if (candidate < until) return instant(candidate)
    from = until
  }
}

/** ISO weekday of a local day: 1 Monday … 7 Sunday. */
export function weekdayOf(day: LocalDay): number {
  return ((((day + 3) % 7) + 7) % 7) + 1
}

/** The local day of a calendar date. */
export function localDay(year: number, month: number, dayOfMonth: number): LocalDay {
  return Date.UTC(year, month - 1, dayOfMonth) / DAY_MS
}

/**
 * The local day of a date written "YYYY-MM-DD". Throws a RangeError for another text: dates come
 * from our own data and from checked settings.
 */
export function dayOfDate(date: string): LocalDay {
  const ms = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN
  if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(date)) {
    throw new RangeError('A date is written YYYY-MM-DD, and must exist')
  }
  return ms / DAY_MS
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** An instant in words for a person: "Tue 24 Nov 10:05 New York". Local time of the zone. */
export function describeLocal(at: Instant, zone: string): string {
  const local = localTime(at, zone)
  const weekday = WEEKDAYS[local.weekday - 1]
  const month = MONTHS[local.month - 1]
  return `${weekday} ${local.dayOfMonth} ${month} ${clock(local)} ${placeOf(zone)}`
}

/** The time of day in words: "10:05 New York". */
export function describeClock(at: Instant, zone: string): string {
  return `${clock(localTime(at, zone))} ${placeOf(zone)}`
}

/** The place a zone is named after: "New York" for America/New_York. */
function placeOf(zone: string): string {
  return zone.slice(zone.lastIndexOf('/') + 1).replaceAll('_', ' ')
}

function clock(local: LocalTime): string {
  return `${twoDigits(local.hour)}:${twoDigits(local.minute)}`
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}

function tableOf(zone: string): ZoneTable | null {
  const known = tables.get(zone)
  if (known !== undefined) return known
  if (zone.length > LONGEST_NAME) return null
  const format = formatOf(zone)
  if (tables.size >= MOST_ZONES) tables.clear()
  const table =
    format === null ? null : { format, blocks: new Map<number, readonly ZoneStretch[]>() }
  tables.set(zone, table)
  return table
}

function formatOf(timeZone: string): Intl.DateTimeFormat | null {
  if (timeZone.length === 0) return null
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    return null
  }
}

function stretchesBetween(
  format: Intl.DateTimeFormat,
  start: number,
  end: number,
): readonly ZoneStretch[] {
  const stretches: ZoneStretch[] = []
  let offsetMs = offsetAt(format, start)
  for (let from = start; from < end; from += SAMPLE_MS) {
    const to = Math.min(from + SAMPLE_MS, end)
    const next = offsetAt(format, to)
    if (next === offsetMs) continue
    stretches.push({ offsetMs, until: changeBetween(format, from, to, next) })
    offsetMs = next
  }
  const last = stretches.at(-1)
  if (last?.until !== end) stretches.push({ offsetMs, until: end })
  return stretches
}

/** The first whole second in (from, to] at which the zone has the offset `after`. */
function changeBetween(
  format: Intl.DateTimeFormat,
  from: number,
  to: number,
  after: number,
): number {
  let before = from
  let changed = to
  while (changed - before > SECOND_MS) {
    const middle = before + Math.floor((changed - before) / 2 / SECOND_MS) * SECOND_MS
    if (offsetAt(format, middle) === after) changed = middle
    else before = middle
  }
  return changed
}

/** Local time minus UTC at a whole second, asked of Intl. */
function offsetAt(format: Intl.DateTimeFormat, at: number): number {
  const shown = { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0 }
  for (const { type, value } of format.formatToParts(at)) {
    if (isShown(type)) shown[type] = Number(value)
  }
  const { year, month, day, hour, minute, second } = shown
  return Date.UTC(year, month - 1, day, hour, minute, second) - at
}

type Shown = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second'

function isShown(type: string): type is Shown {
  return ['year', 'month', 'day', 'hour', 'minute', 'second'].includes(type)
}
