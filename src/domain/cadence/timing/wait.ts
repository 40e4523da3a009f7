import { type Instant, plus, SECOND_MS } from '../../time.ts'
import { localTime, weekdayOf } from '../../time-zones.ts'
import type { WaitUntil } from '../flow-types.ts'
import { stableFraction } from '../hash.ts'
import type { StepDelay } from '../types.ts'
import { partsOf, pointIn, spansOn } from './day-parts.ts'

export interface WaitInput {
  readonly after: StepDelay
  readonly until: WaitUntil | null
  /** When the step before finished. */
  readonly anchor: Instant
  /** How long the lead was held since the anchor. */
  readonly pausedMs: number
  /** IANA zone of the weekdays and times of day. */
  readonly zone: string
  /** What tells this wait from others: the ids of the lead, its episode and the step. */
  readonly seeds: readonly string[]
}

/** Any weekday comes within a week; one more for a wait that ends late on its day. */
const DAYS_AHEAD = 8

/**
 * When a wait is over: after its delay, within a span at a time of the lead's own, and then at the
 * first hour that suits. What waits for an hour is spread over it, as leads that wait together
 * would all go on in its first second.
 */
export function waitEnds({ after, until, anchor, pausedMs, zone, seeds }: WaitInput): Instant {
  const fraction = stableFraction(...seeds)
  const [minMs, spanMs] =
    after.kind === 'exactly' ? [after.ms, 0] : [after.minMs, after.maxMs - after.minMs]
  const earliest = plus(anchor, minMs + pausedMs + Math.floor(fraction * spanMs))
  return until === null ? earliest : firstSuiting(earliest, until, zone, fraction)
}

function firstSuiting(
  earliest: Instant,
  { weekdays, slots }: WaitUntil,
  zone: string,
  fraction: number,
): Instant {
  const { day: today } = localTime(earliest, zone)
  const parts = partsOf(slots.length === 0 ? [WHOLE_DAY] : slots)
  for (let day = today; day <= today + DAYS_AHEAD; day += 1) {
    if (weekdays.length > 0 && !weekdays.includes(weekdayOf(day))) continue
    const [span] = spansOn(day, parts, zone, earliest, Number.POSITIVE_INFINITY).toSorted(
      (a, b) => a.from - b.from,
    )
    if (span === undefined) continue
    if (isIn(earliest, span)) return earliest
    return slots.length === 0 ? span.from : (pointIn([span], fraction) ?? span.from)
  }
  return earliest
}

const WHOLE_DAY = { from: '00:00', to: '24:00' }

/** Spans begin on whole seconds, and one that is cut begins with the second after the cut. */
function isIn(at: Instant, { from }: { readonly from: Instant }): boolean {
  return from - at < SECOND_MS
}
