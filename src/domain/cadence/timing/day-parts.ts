import { DAY_MS, type Instant, instant, MINUTE_MS, SECOND_MS } from '../../time.ts'
import { atLocal, type LocalDay, weekdayOf } from '../../time-zones.ts'
import { minuteOfDay } from '../duration.ts'
import type { TimeSlot } from '../types.ts'

/** Part of a local day: milliseconds since local midnight, the end exclusive. */
export interface DayPart {
  readonly fromMs: number
  readonly toMs: number
  /** Only on these ISO weekdays; absent: on any. */
  readonly days?: readonly number[]
}

/** A stretch of time in whole seconds, the end exclusive. */
export interface Span {
  readonly from: Instant
  readonly to: Instant
}

/** A part shorter than this is no other time of day for the one who is written to. */
const SHORTEST_PART_MS = 120 * MINUTE_MS
const MOST_PARTS = 4

/** Slots as parts of a day. One that ends before it starts crosses midnight: it becomes two. */
export function partsOf(slots: readonly TimeSlot[]): readonly DayPart[] {
  return slots.flatMap(({ from, to, days }) => {
    const fromMs = minuteOfDay(from) * MINUTE_MS
    const toMs = minuteOfDay(to) * MINUTE_MS
    if (fromMs < toMs) return [{ fromMs, toMs, ...(days !== undefined && { days }) }]
    return [
      { fromMs: 0, toMs },
      { fromMs, toMs: DAY_MS },
    ].filter((part) => part.fromMs < part.toMs)
  })
}

/** Hours cut into morning, midday and so on: up to four equal parts of two hours or more. */
export function timesOfDay(hours: TimeSlot): readonly DayPart[] {
  return partsOf([hours]).flatMap(({ fromMs, toMs }) => {
    const length = toMs - fromMs
    const count = Math.max(1, Math.min(MOST_PARTS, Math.floor(length / SHORTEST_PART_MS)))
    return Array.from({ length: count }, (_, index) => ({
      fromMs: fromMs + Math.round((length * index) / count),
      toMs: fromMs + Math.round((length * (index + 1)) / count),
    }))
  })
}

/** `parts` without what lies nearer than `distanceMs` to `msOfDay` on the clock's circle. */
export function awayFrom(
  parts: readonly DayPart[],
  msOfDay: number,
  distanceMs: number,
): readonly DayPart[] {
  const around = [-DAY_MS, 0, DAY_MS].map((turn) => ({
    fromMs: msOfDay + turn - distanceMs,
    toMs: msOfDay + turn + distanceMs,
  }))
  return around.reduce(without, parts)
}

/** `parts` of the local day as time, cut to what lies in [earliest, latest). */
export function spansOn(
  day: LocalDay,
  parts: readonly DayPart[],
  zone: string,
  earliest: number,
  latest: number,
): readonly Span[] {
  const weekday = weekdayOf(day)
  return parts.flatMap(({ fromMs, toMs, days }) => {
    if (days?.includes(weekday) === false) return []
    const from = wholeSecond(Math.max(atLocal(day, fromMs, zone), earliest))
    const to = Math.min(atLocal(day, toMs, zone), latest)
    return to - from >= SECOND_MS ? [{ from: instant(from), to: instant(to) }] : []
  })
}

/** Together, in milliseconds. */
export function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { from, to }) => sum + (to - from), 0)
}

/** The whole second at `fraction` (0 up to 1) of the spans laid end to end; they are not empty. */
export function pointIn(spans: readonly Span[], fraction: number): Instant | null {
  let rest = Math.floor(fraction * lengthOf(spans))
  for (const { from, to } of spans) {
    if (rest < to - from) return instant(from + Math.floor(rest / SECOND_MS) * SECOND_MS)
    rest -= to - from
  }
  return null
}

function without(parts: readonly DayPart[], gap: DayPart): readonly DayPart[] {
  return parts.flatMap((part) =>
    [
      { ...part, toMs: Math.min(part.toMs, gap.fromMs) },
      { ...part, fromMs: Math.max(part.fromMs, gap.toMs) },
    ].filter(({ fromMs, toMs }) => fromMs < toMs),
  )
}

function wholeSecond(ms: number): number {
  return Math.ceil(ms / SECOND_MS) * SECOND_MS
}
