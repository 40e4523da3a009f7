import { DAY_MS, HOUR_MS, type Instant, instant, MINUTE_MS, SECOND_MS } from '../time.ts'
import { type LocalDay, stretchAt, weekdayOf } from '../time-zones.ts'

/**
 * The window engine: when does every constraint allow? It knows zones, weekdays, closed days and
 * windows across midnight, and nothing of law or manners; those are data.
 */

/** Part of a local day. A window that ends past midnight has `toMs` above 24 hours. */
export interface DayWindow {
  /** Milliseconds the wall clock shows since midnight; inclusive. */
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
}

/** The windows that open on each weekday: Monday first, seven entries; an empty one is closed. */
export type Week = readonly (readonly DayWindow[])[]

/** One rule about the wall clock of one zone. */
export interface WindowConstraint {
  /** IANA zone, valid. */
  readonly zone: string
  readonly week: Week
  /** Whole local days without any window, whatever the week says (holidays). */
  readonly closedOn?: (day: LocalDay) => boolean
  /** The constraint binds from this local day on (inclusive) … */
  readonly effectiveFrom?: LocalDay
  /** … and before this one; outside its effective days it allows everything. */
  readonly effectiveUntil?: LocalDay
}

/** How far ahead a next allowed instant is searched. */
export const SEARCH_MS = 30 * DAY_MS

/**
 * A window from texts "HH:MM" (to may be "24:00"). It crosses midnight when `to` is not after
 * `from`; equal texts make 24 hours. It ends `endsEarlierMs` before `to`. Null when nothing is
 * left of it. Throws a RangeError for other texts: those come from our own data and settings.
 */
export function dayWindow(from: string, to: string, endsEarlierMs = 0): DayWindow | null {
  const fromMs = msOfDay(from)
  const closesMs = msOfDay(to)
  const toMs = (closesMs > fromMs ? closesMs : closesMs + DAY_MS) - endsEarlierMs
  return toMs > fromMs ? { fromMs, toMs } : null
}

/** The same window on every weekday but the resting ones (ISO: 1 Monday … 7 Sunday). */
export function everyDay(window: DayWindow | null, restDays: readonly number[] = []): Week {
  return [1, 2, 3, 4, 5, 6, 7].map((weekday) =>
    window === null || restDays.includes(weekday) ? [] : [window],
  )
}

/** True when the constraint allows this instant, judged by what its zone's wall clock shows. */
export function windowAllows(constraint: WindowConstraint, at: Instant): boolean {
  const shown = at + stretchAt(constraint.zone, at).offsetMs
  const day = Math.floor(shown / DAY_MS)
  return isOpen(constraint, day, shown - day * DAY_MS)
}

/** True when every constraint allows this instant. */
export function allAllow(constraints: readonly WindowConstraint[], at: Instant): boolean {
  return constraints.every((constraint) => windowAllows(constraint, at))
}

/**
 * The first whole second, at or after `from`, at which every constraint allows; null when there is
 * none within `searchMs`.
 */
export function nextAllowedAt(
  constraints: readonly WindowConstraint[],
  from: Instant,
  searchMs: number = SEARCH_MS,
): Instant | null {
  return firstCommon(
    constraints.map((constraint) => (at, limit) => nextOpen(constraint, at, limit)),
    from,
    searchMs,
  )
}

/** For how many milliseconds of [from, to) every constraint allows. */
export function openMs(
  constraints: readonly WindowConstraint[],
  from: Instant,
  to: Instant,
): number {
  const edges = new Set<number>([from, to])
  for (const constraint of constraints) {
    for (let at: number = from; at < to; ) {
      const { offsetMs, until } = stretchAt(constraint.zone, at)
      const end = Math.min(until, to)
      for (const edge of edgesShown(constraint, at + offsetMs, end + offsetMs)) {
        edges.add(edge - offsetMs)
      }
      edges.add(end)
      at = end
    }
  }
  const sorted = [...edges].sort((a, b) => a - b)
  return sorted.reduce((open, edge, index) => {
    const next = sorted[index + 1]
    return next !== undefined && allAllow(constraints, instant(edge)) ? open + next - edge : open
  }, 0)
}

/** The wall times in [from, until) at which the answer may change. */
function edgesShown(constraint: WindowConstraint, from: number, until: number): number[] {
  const edges: number[] = []
  for (let day = Math.floor(from / DAY_MS) - 1; day * DAY_MS < until; day++) {
    edges.push(day * DAY_MS)
    for (const { fromMs, toMs } of constraint.week[weekdayOf(day) - 1] ?? []) {
      edges.push(day * DAY_MS + fromMs, day * DAY_MS + toMs)
    }
  }
  return edges.filter((edge) => edge > from && edge < until)
}

/** Finds the first whole second, at or after `at`, that one judge allows; null beyond `limit`. */
export type NextOpen = (at: Instant, limit: Instant) => Instant | null

/**
 * The first whole second, at or after `from`, at which all judges allow at once; null when there
 * is none within `searchMs`. Each answer is a lower bound for all, so nothing is skipped.
 */
export function firstCommon(
  judges: readonly NextOpen[],
  from: Instant,
  searchMs: number = SEARCH_MS,
): Instant | null {
  const limit = instant(from + searchMs)
  let at = instant(Math.ceil(from / SECOND_MS) * SECOND_MS)
  for (;;) {
    const before = at
    for (const judge of judges) {
      const open = judge(at, limit)
      if (open === null || open > limit) return null
      at = open
    }
    if (at === before) return at
  }
}

function nextOpen(constraint: WindowConstraint, from: Instant, limit: Instant): Instant | null {
  let at: number = from
  while (at <= limit) {
    // Within a stretch of one offset local time runs evenly; at its end the walk begins anew, so
    // hours that a clock change skips or repeats are judged by what the clock really shows.
    const { offsetMs, until } = stretchAt(constraint.zone, at)
    const open = nextOpenShown(constraint, at + offsetMs, Math.min(limit + 1, until) + offsetMs)
    if (open !== null) return instant(open - offsetMs)
    at = until
  }
  return null
}

/** The first wall time in [from, until) that is open; both are local milliseconds. */
function nextOpenShown(constraint: WindowConstraint, from: number, until: number): number | null {
  for (let shown = from; shown < until; ) {
    const day = Math.floor(shown / DAY_MS)
    const start = day * DAY_MS
    if (isOpen(constraint, day, shown - start)) return shown
    let next = start + DAY_MS
    for (const { fromMs } of windowsOf(constraint, day)) {
      const opens = start + fromMs
      if (opens > shown && opens < next) next = opens
    }
    shown = next
  }
  return null
}

function isOpen(constraint: WindowConstraint, day: LocalDay, msOfDay: number): boolean {
  if (!binds(constraint, day)) return true
  if (constraint.closedOn?.(day) === true) return false
  for (const { fromMs, toMs } of constraint.week[weekdayOf(day) - 1] ?? []) {
    if (msOfDay >= fromMs && msOfDay < toMs) return true
  }
  for (const { toMs } of constraint.week[weekdayOf(day - 1) - 1] ?? []) {
    if (msOfDay < toMs - DAY_MS) return constraint.closedOn?.(day - 1) !== true
  }
  return false
}

/** The windows that open on a day. */
function windowsOf(constraint: WindowConstraint, day: LocalDay): readonly DayWindow[] {
  if (constraint.closedOn?.(day) === true) return []
  return constraint.week[weekdayOf(day) - 1] ?? []
}

function binds({ effectiveFrom, effectiveUntil }: WindowConstraint, day: LocalDay): boolean {
  if (effectiveFrom !== undefined && day < effectiveFrom) return false
  return effectiveUntil === undefined || day < effectiveUntil
}

const CLOCK = /^([01]\d|2[0-3]):([0-5]\d)$|^24:00$/

function msOfDay(text: string): number {
  const match = CLOCK.exec(text)
  if (match === null) throw new RangeError('A time of day is written "HH:MM"')
  if (match[1] === undefined) return DAY_MS
  return Number(match[1]) * HOUR_MS + Number(match[2]) * MINUTE_MS
}
