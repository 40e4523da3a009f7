import { sql } from 'kysely'
import { type Instant, instant, SECOND_MS } from '../domain/time.ts'
import type { Store } from '../store/connect.ts'
import { raiseAlert, resolveAlerts } from '../store/watch/alerts.ts'
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

/**
 * Why the wall clock cannot be trusted with a calling window right now; null when it can. Ops is
 * told when it cannot, and that it is over when it can again.
 */
export async function clockTrouble(store: Store, timing: Timing): Promise<string | null> {
  if (timing.mode === 'virtual') return null
  const { database, alerted } = await askDatabase(store)
  const now = timing.now()
  const ahead = whoIsAhead(now, timing.scheduledAt, database)
  if (ahead === null) {
    if (alerted) await resolveAlerts(store.db, 'clock_disagrees', null, now)
    return null
  }
  const because = `clock_disagrees: ${ahead} clock stands ahead of this machine’s`
  await raiseAlert(store.db, {
    kind: 'clock_disagrees',
    leadId: null,
    because,
    fix: 'Let all machines keep their clocks by NTP; what waited goes on by itself.',
    at: now,
  })
  return because
}

function whoIsAhead(now: Instant, scheduledAt: Instant, database: Instant): string | null {
  if (scheduledAt - now > TOLERANCE_MS) return 'Temporal’s'
  return database - now > TOLERANCE_MS ? 'the database’s' : null
}

/** The database's clock, and whether ops was told of clocks that differ. */
async function askDatabase(store: Store): Promise<{ database: Instant; alerted: boolean }> {
  const { rows } = await sql<{ database: Instant; alerted: boolean }>`
    select (extract(epoch from clock_timestamp()) * 1000)::bigint as database,
      exists (select from alerts where kind = 'clock_disagrees' and resolved_at is null) as alerted
  `.execute(store.db)
  const [row] = rows
  if (row === undefined) throw new Error('the database does not tell its time')
  return row
}

function wallClock(): Instant {
  return instant(Date.now())
}
