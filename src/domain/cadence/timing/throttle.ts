import { type Instant, plus } from '../../time.ts'
import { stableFraction } from '../hash.ts'
import type { Rate, Throttle } from '../types.ts'

/** What a cadence has sent to all its leads of late, as far as its throttle asks. */
export interface ThrottleFacts {
  /** When each message within the span left or was intended, oldest first. */
  readonly touches: readonly Instant[]
  /** Of those, each that was the first of its episode. */
  readonly first: readonly Instant[]
}

/** Since when sends must be known to judge a throttle; null when it asks nothing. */
export function throttleSince({ touches, first }: Throttle, now: Instant): Instant | null {
  const spans = [touches, first].flatMap((rate) => rate?.perMs ?? [])
  return spans.length === 0 ? null : plus(now, -Math.max(...spans))
}

export interface ThrottleQuestion {
  readonly throttle: Throttle
  readonly sent: ThrottleFacts
  /** Nothing of this episode has left yet. */
  readonly isFirst: boolean
  /** What spreads this lead from the others that wait. */
  readonly seeds: readonly string[]
}

export interface ThrottleWait {
  readonly at: Instant
  readonly because: string
}

/**
 * When a lead asks again whose cadence has sent its share; null when there is room now. Leads that
 * wait are spread over a whole span from the first free place on, another way each time, so that
 * none is always the last.
 */
export function throttleWait(
  { throttle, sent, isFirst, seeds }: ThrottleQuestion,
  now: Instant,
): ThrottleWait | null {
  const waits = [
    waitFor(throttle.touches, sent.touches, now, 'messages'),
    isFirst ? waitFor(throttle.first, sent.first, now, 'first messages') : null,
  ].flatMap((wait) => wait ?? [])
  const longest = waits.toSorted((a, b) => b.freeAt - a.freeAt)[0]
  if (longest === undefined) return null
  const { rate, freeAt, what } = longest
  const fraction = stableFraction(...seeds, 'throttle', String(now))
  const because = `the cadence sends at most ${rate.most} ${what} ${perWords(rate)}, and has`
  return { at: plus(freeAt, Math.floor(fraction * rate.perMs)), because }
}

function waitFor(rate: Rate | null, sent: readonly Instant[], now: Instant, what: string) {
  if (rate === null) return null
  const counted = sent.filter((at) => at > now - rate.perMs)
  const earliest = counted[counted.length - rate.most]
  return earliest === undefined ? null : { rate, what, freeAt: plus(earliest, rate.perMs) }
}

const SPANS: readonly (readonly [number, string])[] = [
  [3_600_000, 'an hour'],
  [86_400_000, 'a day'],
]

function perWords({ perMs }: Rate): string {
  return SPANS.find(([ms]) => ms === perMs)?.[1] ?? 'a week'
}
