import { type BenchEngine, type Posted, startBenchEngine } from './support/engine.ts'
import type { Machine } from './support/machine.ts'
import { type Latencies, latencies } from './support/percentiles.ts'

export interface SpeedToLead {
  /** Post accepted → first email accepted by SMTP, in milliseconds: one lead after the other. */
  readonly idle: Latencies
  /** The same while leads are imported at the lowest priority. */
  readonly duringImport: Latencies & {
    readonly imported: number
    /** How long until every imported lead was planned, in seconds. */
    readonly importSeconds: number
  }
}

export interface SpeedOptions {
  readonly idleLeads: number
  readonly imported: number
}

/** A form each quarter of a second is a busy day. */
const HOT_EVERY_MS = 250

/** Measures how soon a new lead hears from us. */
export async function measureSpeedToLead(
  machine: Machine,
  { idleLeads, imported }: SpeedOptions,
): Promise<SpeedToLead> {
  const bench = await startBenchEngine(machine)
  try {
    for (let warm = 0; warm < 20; warm += 1) await speedOf(await bench.post('form'))
    const idle: number[] = []
    for (let lead = 0; lead < idleLeads; lead += 1)
      idle.push(await speedOf(await bench.post('form')))
    return { idle: latencies(idle), duringImport: await duringImport(bench, imported) }
  } finally {
    await bench.stop()
  }
}

async function duringImport(
  bench: BenchEngine,
  imported: number,
): Promise<SpeedToLead['duringImport']> {
  const began = performance.now()
  const planned = importAndPlan(bench, imported)
  let over = false
  const end = planned.finally(() => {
    over = true
  })
  const hot: Promise<number>[] = []
  while (!over) {
    hot.push(bench.post('form').then(speedOf))
    await pause(HOT_EVERY_MS)
  }
  await end
  const importSeconds = Math.round((performance.now() - began) / 100) / 10
  return { ...latencies(await Promise.all(hot)), imported, importSeconds }
}

/** Imports leads; resolves when every one of them is planned. */
async function importAndPlan(bench: BenchEngine, count: number): Promise<void> {
  await bench.importLeads(count)
  while ((await unplannedImports(bench)) > 0) await pause(100)
}

async function unplannedImports({ store }: BenchEngine): Promise<number> {
  const row = await store.db
    .selectFrom('leads')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('next_kind', '=', 'unplanned')
    .where('priority', '=', 5)
    .executeTakeFirstOrThrow()
  return row.count
}

async function speedOf({ acceptedAtMs, mailAtMs }: Posted): Promise<number> {
  return (await mailAtMs) - acceptedAtMs
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
