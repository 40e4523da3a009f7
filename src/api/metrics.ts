import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { DAY_MS, instant, MINUTE_MS, plus } from '../domain/time.ts'
import { consentsByStrength, slowestRevocationMs } from '../leads/evidence/revocations.ts'
import type { Store } from '../store/connect.ts'
import type { Executor } from '../store/executor.ts'
import type { Doorbell } from '../temporal/doorbell.ts'
import { registerHarmony } from '../temporal/metrics.ts'

/** Gauges that are read from the store whenever Prometheus asks. */
export function createMetrics(store: Store, doorbell: Doorbell): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'rekindle_' })
  registerHarmony(registry, store)
  gauge(registry, 'rekindle_signals_unprocessed', 'Signals that no planner has absorbed yet.', () =>
    store.db
      .selectFrom('signals')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('processed_at', 'is', null)
      .executeTakeFirstOrThrow()
      .then(({ count }) => Number(count)),
  )
  gauge(registry, 'rekindle_alerts_open', 'Alerts that nobody has resolved.', () =>
    store.db
      .selectFrom('alerts')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('resolved_at', 'is', null)
      .executeTakeFirstOrThrow()
      .then(({ count }) => Number(count)),
  )
  gauge(registry, 'rekindle_doorbell_healthy', '1 while Temporal hears our bells.', async () =>
    doorbell.healthy ? 1 : 0,
  )
  const leads = keptFor(COUNTED_EVERY_MS, () => leadsByStatus(store.db))
  grouped(registry, 'rekindle_leads', 'Leads by status.', 'status', leads)
  const touches = keptFor(COUNTED_EVERY_MS, () => touchesByState(store.db))
  grouped(registry, 'rekindle_touches', 'Touches by state.', 'state', touches)
  grouped(
    registry,
    'rekindle_written_consents',
    'Written consents to texts by the strength of their evidence.',
    'strength',
    keptFor(COUNTED_EVERY_MS, () => consentsByStrength(store.db)),
  )
  gauge(
    registry,
    'rekindle_revocation_slowest_seconds',
    'From received to effective, the slowest stop of the last 30 days.',
    keptFor(
      COUNTED_EVERY_MS,
      async () =>
        (await slowestRevocationMs(store.db, plus(instant(Date.now()), -30 * DAY_MS))) / 1_000,
    ),
  )
  return registry
}

/** These read a whole table: not more often than this, however often somebody scrapes. */
const COUNTED_EVERY_MS = MINUTE_MS

function keptFor<T>(ms: number, read: () => Promise<T>): () => Promise<T> {
  let kept: { readonly at: number; readonly value: Promise<T> } | null = null
  return () => {
    if (kept !== null && performance.now() - kept.at < ms) return kept.value
    const fresh = { at: performance.now(), value: read() }
    kept = fresh
    // A failed read is not kept.
    fresh.value.catch(() => {
      if (kept === fresh) kept = null
    })
    return fresh.value
  }
}

async function leadsByStatus(executor: Executor) {
  return executor
    .selectFrom('leads')
    .select(({ fn }) => ['status as label', fn.countAll<number>().as('count')])
    .groupBy('status')
    .execute()
}

async function touchesByState(executor: Executor) {
  return executor
    .selectFrom('touches')
    .select(({ fn }) => ['state as label', fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute()
}

function gauge(registry: Registry, name: string, help: string, value: () => Promise<number>): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    async collect() {
      this.set(await value())
    },
  })
}

function grouped(
  registry: Registry,
  name: string,
  help: string,
  label: string,
  rows: () => Promise<{ label: string; count: number }[]>,
): void {
  new Gauge({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    async collect() {
      this.reset()
      for (const row of await rows()) this.set({ [label]: row.label }, Number(row.count))
    },
  })
}
