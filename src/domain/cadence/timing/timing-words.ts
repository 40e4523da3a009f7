import type { Channel } from '../../policy/types.ts'
import { DAY_MS, HOUR_MS, type Instant, MINUTE_MS } from '../../time.ts'
import { describeLocal, localTime } from '../../time-zones.ts'
import type { OnDate, Step } from '../types.ts'

/** Why a step is due when it is, in words. */

/** Consecutive attempts on a channel are at least this far apart on the clock. */
export const CLOCK_DISTANCE_MS = 90 * MINUTE_MS

interface Delay {
  readonly step: Step
  readonly pausedMs: number
  readonly spreadMs: number
}

/** How long after what a step is due: "2 days after the step before, and 3 hours on hold". */
export function delayInWords({ step: { after, onDate }, pausedMs, spreadMs }: Delay): string {
  const wait =
    after.kind === 'exactly'
      ? inWords(after.ms)
      : `${inWords(after.minMs)} to ${inWords(after.maxMs)}`
  const isNone = after.kind === 'exactly' && after.ms === 0
  if (onDate !== undefined) return dateInWords(onDate)
  const base = isNone ? 'At once' : `${wait} after the step before`
  const paused = pausedMs > 0 ? `, and ${inWords(pausedMs)} on hold` : ''
  const spread = spreadMs > 0 ? `, imported leads spread over ${inWords(spreadMs)}` : ''
  return `${base}${paused}${spread}`
}

function dateInWords({ field, offsetMs }: OnDate): string {
  if (offsetMs === 0) return `On the date ${field}`
  const side = offsetMs < 0 ? 'before' : 'after'
  return `${capital(inWords(Math.abs(offsetMs)))} ${side} ${field}`
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** In what it differs from the last attempt on the channel: only what is so. */
export function differenceInWords(
  last: { readonly at: Instant } | null,
  { channel, at }: { readonly channel: Channel; readonly at: Instant },
  zone: string,
): string {
  if (last === null) return ''
  const [then, now] = [localTime(last.at, zone), localTime(at, zone)]
  const apart = Math.abs(then.msOfDay - now.msOfDay)
  const differs = [
    ...(Math.min(apart, DAY_MS - apart) >= CLOCK_DISTANCE_MS ? ['time of day'] : []),
    ...(then.weekday === now.weekday ? [] : ['weekday']),
  ]
  if (differs.length === 0) return ''
  const before = `${channel === 'email' ? 'email' : 'text'} (${describeLocal(last.at, zone)})`
  return `, another ${differs.join(' and ')} than the last ${before}`
}

/** "2 days", "3 hours", "30 minutes": rounded to the largest unit that tells enough. */
function inWords(ms: number): string {
  if (ms >= 2 * DAY_MS || (ms > 0 && ms % DAY_MS === 0)) return count(ms / DAY_MS, 'day')
  if (ms >= 2 * HOUR_MS || (ms > 0 && ms % HOUR_MS === 0)) return count(ms / HOUR_MS, 'hour')
  return count(ms / MINUTE_MS, 'minute')
}

function count(amount: number, unit: string): string {
  const rounded = Math.round(amount)
  return `${rounded} ${unit}${rounded === 1 ? '' : 's'}`
}
