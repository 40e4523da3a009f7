import { DAY_MS, HOUR_MS, MINUTE_MS } from '../time.ts'
import type { Rate, StepDelay, TimeSlot } from './types.ts'
import { inWeekOrder, parseWeekdays, WEEKDAY_PATTERN } from './weekdays.ts'

const RUN = WEEKDAY_PATTERN.slice(1, -1)

const UNITS: Readonly<Record<string, number>> = {
  m: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
  w: 7 * DAY_MS,
}

/** No step waits longer than this: a lead sleeps dead for longer, not in a cadence. */
const LONGEST_DELAY_MS = 400 * DAY_MS

export const DURATION_PATTERN = '^(0|[0-9]+(m|h|d|w)( [0-9]+(m|h|d))*)$'
export const DELAY_PATTERN =
  '^(0|[0-9]+(m|h|d|w)( [0-9]+(m|h|d))*)(\\.\\.[0-9]+(m|h|d|w)( [0-9]+(m|h|d))*)?$'
export const TIME_PATTERN = '^([01][0-9]|2[0-3]):[0-5][0-9]$'
/** "mon", "mon..thu", "tue,thu": days before a slot. */
const DAYS_PATTERN = `${RUN}(,${RUN})*`
export const SLOT_PATTERN = `^(${DAYS_PATTERN} )?([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$`
export const OFFSET_PATTERN = '^(0|[+-]?[0-9]+(m|h|d|w)( [0-9]+(m|h|d))*)$'
export const RATE_PATTERN = '^[1-9][0-9]{0,6}/(h|d|w)$'

/** "30m", "3h", "2d", "1w", "1d 12h" or "0" in milliseconds; null when it is none of these. */
export function parseDuration(text: string): number | null {
  const trimmed = text.trim()
  if (!new RegExp(DURATION_PATTERN).test(trimmed)) return null
  if (trimmed === '0') return 0
  const ms = trimmed
    .split(' ')
    .reduce((sum, part) => sum + Number(part.slice(0, -1)) * (UNITS[part.slice(-1)] ?? 0), 0)
  return ms <= LONGEST_DELAY_MS ? ms : null
}

/** A duration in its largest whole units, which parseDuration reads back: "1d 12h", "15m", "0". */
export function writeDuration(ms: number): string {
  const days = Math.floor(ms / DAY_MS)
  const hours = Math.floor((ms % DAY_MS) / HOUR_MS)
  const minutes = Math.round((ms % HOUR_MS) / MINUTE_MS)
  const parts = [
    [days, 'd'],
    [hours, 'h'],
    [minutes, 'm'],
  ] as const
  const written = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count}${unit}`)
  return written.length === 0 ? '0' : written.join(' ')
}

/** A duration, or a span "1d..3d" within which each lead gets its own; null when it is neither. */
export function parseDelay(text: string): StepDelay | null {
  const [from, to, ...rest] = text.split('..')
  if (from === undefined || rest.length > 0) return null
  const minMs = parseDuration(from)
  if (minMs === null) return null
  if (to === undefined) return { kind: 'exactly', ms: minMs }
  const maxMs = parseDuration(to)
  if (maxMs === null || maxMs <= minMs) return null
  return { kind: 'between', minMs, maxMs }
}

/** "09:00-11:00", also "tue,thu 09:00-11:00"; null when it is no slot, or ends before it starts. */
export function parseSlot(text: string): TimeSlot | null {
  const trimmed = text.trim()
  if (!new RegExp(SLOT_PATTERN).test(trimmed)) return null
  const [times = '', days] = trimmed.split(' ').toReversed()
  const [from, to] = times.split('-')
  if (from === undefined || to === undefined || from >= to) return null
  const weekdays = days?.split(',').flatMap((each) => parseWeekdays(each) ?? [])
  return weekdays === undefined ? { from, to } : { from, to, days: inWeekOrder(weekdays) }
}

/** "-60d", "+3d", "12h" or "0" in milliseconds, negative before the date; null for another text. */
export function parseOffset(text: string): number | null {
  const trimmed = text.trim()
  if (!new RegExp(OFFSET_PATTERN).test(trimmed)) return null
  const ms = parseDuration(trimmed.replace(/^[+-]/, ''))
  return ms === null ? null : trimmed.startsWith('-') ? -ms : ms
}

const RATE_SPANS: Readonly<Record<string, number>> = { h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS }

/** "200/d": at most so many in any such span; null when it is no rate. */
export function parseRate(text: string): Rate | null {
  const trimmed = text.trim()
  if (!new RegExp(RATE_PATTERN).test(trimmed)) return null
  const [most, unit = ''] = trimmed.split('/')
  const perMs = RATE_SPANS[unit]
  return perMs === undefined ? null : { most: Number(most), perMs }
}

/** Minutes since local midnight of "HH:MM"; 24:00 is 1440. The text was checked before. */
export function minuteOfDay(time: string): number {
  const [hours, minutes] = time.split(':')
  return Number(hours) * 60 + Number(minutes)
}
