import { sql } from 'kysely'
import { type Instant, instant, SECOND_MS } from '../domain/time.ts'
import type { Store } from '../store/connect.ts'
import type { Timing } from './deps.ts'

/** Clocks that differ by more than this are not both right. */
const TOLERANCE_MS = 2 * SECOND_MS

/**
 * The activities' clock where time may be skipped: Temporal's own, and never behind the wall. It
 * is the wall clock for a lead that was never fast-forwarded, also when an attempt waited long in
 * its queue; for one that was, it is the virtual instant at which the attempt was scheduled.
 */
export function virtualTiming(scheduledAt: Instant): Timing {
  const now = () => instant(Math.max(scheduledAt, Date.now()))
  return { mode: 'virtual', scheduledAt, now, wall: wallClock }
}

/** The activities' clock wherever a real provider is wired. */
export function wallTiming(scheduledAt: Instant): Timing {
  return { mode: 'wall', scheduledAt, now: wallClock, wall: wallClock }
}

/** Why the wall clock cannot be trusted with a calling window right now; null when it can. */
export async function clockTrouble(store: Store, timing: Timing): Promise<string | null> {
  if (timing.mode === 'virtual') return null
  if (timing.scheduledAt - timing.now() > TOLERANCE_MS) {
    return 'clock_disagrees: Temporal’s clock stands ahead of this machine’s'
  }
  const { rows } = await sql<{ ms: number }>`
    select (extract(epoch from clock_timestamp()) * 1000)::bigint as ms
  `.execute(store.db)
  const database = rows[0]?.ms
  if (database !== undefined && database - timing.now() > TOLERANCE_MS) {
    return 'clock_disagrees: the database’s clock stands ahead of this machine’s'
  }
  return null
}

function wallClock(): Instant {
  return instant(Date.now())
}
