import { sql } from 'kysely'
import { Gauge, type Registry } from 'prom-client'
import { type Clock, type Instant, instant, MINUTE_MS, plus, SECOND_MS } from '../domain/time.ts'
import type { Store } from '../store/connect.ts'
import { countStuck } from '../store/watch/stuck.ts'
import type { Archiver } from './archive.ts'
import type { RunningDoorbell } from './create-doorbell.ts'
import type { Relay } from './relay.ts'
import type { Sweep } from './sweep.ts'

/** How well Temporal and the rows agree; counts of leads or runs. */
export interface Harmony {
  /** Open leads without a next instant, a task or a named hold: always 0, or something is wrong. */
  readonly stuck: number
  /** Leads whose workflow has not heard of their last change for a while. */
  readonly unrung: number
  /** How long the longest of them waits, in seconds. */
  readonly unrungSeconds: number
  /** Leads whose next instant has passed by more than five minutes. */
  readonly overdue: number
  /** Closed runs whose history is not archived yet. */
  readonly unarchived: number
}

const UNRUNG_AFTER_MS = 2 * SECOND_MS
const OVERDUE_AFTER_MS = 5 * MINUTE_MS

/** Counts in the store; four statements that use partial indexes, and one over the open leads. */
export async function readHarmony(store: Store, at: Instant): Promise<Harmony> {
  const { rows: unrung } = await sql<{ count: number; since: number | null }>`
    select count(*)::int as count, min(updated_at) as since from leads
    where rung_revision < revision and updated_at <= ${plus(at, -UNRUNG_AFTER_MS)}`.execute(
    store.db,
  )
  const { rows: overdue } = await sql<{ count: number }>`
    select count(*)::int as count from leads
    where next_at < ${plus(at, -OVERDUE_AFTER_MS)} and next_kind in ('touch', 'look')
  `.execute(store.db)
  const { rows: runs } = await sql<{ count: number }>`
    select count(*)::int as count from runs
    where closing_at is not null and archived_at is null`.execute(store.db)
  const since = unrung[0]?.since ?? null
  return {
    stuck: await countStuck(store.db),
    unrung: unrung[0]?.count ?? 0,
    unrungSeconds: since === null ? 0 : Math.max(at - since, 0) / SECOND_MS,
    overdue: overdue[0]?.count ?? 0,
    unarchived: runs[0]?.count ?? 0,
  }
}

const FRESH_MS = 5_000

/** Registers the counts; the store is asked at most once in five seconds, however often scraped. */
export function registerHarmony(
  registry: Registry,
  store: Store,
  now: Clock = () => instant(Date.now()),
): void {
  let cached: { at: number; harmony: Promise<Harmony> } | null = null
  const harmony = () => {
    if (cached === null || performance.now() - cached.at > FRESH_MS) {
      cached = { at: performance.now(), harmony: readHarmony(store, now()) }
      // A failed read is not kept.
      cached.harmony.catch(() => {
        cached = null
      })
    }
    return cached.harmony
  }
  for (const [key, [name, help]] of STORED) {
    gauge(registry, name, help, async () => (await harmony())[key])
  }
}

/** What one process does to keep Temporal and the rows in line. */
export interface Keepers {
  readonly doorbell: RunningDoorbell
  readonly relay: Relay
  readonly sweep: Sweep
  readonly archiver: Archiver
}

/** Registers what this process has done since its start. */
export function registerKeepers(
  registry: Registry,
  { doorbell, relay, sweep, archiver }: Keepers,
): void {
  const told: readonly (readonly [name: string, help: string, read: () => number])[] = [
    ['doorbell_healthy', '1 while Temporal hears us', () => Number(doorbell.healthy)],
    ['doorbell_open', 'Rings that wait or are under way', () => doorbell.counts().open],
    ['doorbell_heard', 'Rings heard since the start', () => doorbell.counts().heard],
    ['doorbell_left', 'Rings left to the relay since the start', () => doorbell.counts().left],
    ['relay_rung', 'Leads rung by the relay since the start', () => relay.rung()],
    ['sweep_checked', 'Workflows looked for since the start', () => sweep.counts().checked],
    ['sweep_restarted', 'Workflows started again', () => sweep.counts().restarted],
    ['sweep_late', 'Leads late although their workflow runs', () => sweep.counts().late],
    ['archive_runs', 'Runs archived since the start', () => archiver.counts().archived],
    ['archive_lost', 'Runs gone before they were archived', () => archiver.counts().lost],
  ]
  for (const [name, help, read] of told) gauge(registry, name, help, read)
}

function gauge(
  registry: Registry,
  name: string,
  help: string,
  value: () => number | Promise<number>,
): void {
  new Gauge({
    name: `rekindle_${name}`,
    help,
    registers: [registry],
    async collect() {
      this.set(await value())
    },
  })
}

const STORED: readonly (readonly [keyof Harmony, readonly [name: string, help: string]])[] = [
  ['stuck', ['leads_stuck', 'Open leads without a next instant, a task or a named hold']],
  ['unrung', ['leads_unrung', 'Leads whose workflow has not heard of their last change']],
  ['unrungSeconds', ['leads_unrung_seconds', 'How long the longest of them waits']],
  ['overdue', ['leads_overdue', 'Leads whose next instant passed more than five minutes ago']],
  ['unarchived', ['runs_unarchived', 'Closed runs whose history is not archived yet']],
]
