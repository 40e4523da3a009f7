import { startBare } from './support/bare.ts'
import { type BenchEngine, startBenchEngine } from './support/engine.ts'
import type { Machine } from './support/machine.ts'
import { inLanes, perSecond, ratioOf, timed } from './support/rate.ts'

export interface Throughput {
  /** Of each kind, in all rounds. */
  readonly count: number
  readonly rounds: number
  /** Leads from post to first plan done, in a second. */
  readonly leadsPerSecond: number
  /** Bare workflows from start to their one empty activity done, in a second. */
  readonly barePerSecond: number
  /** How fast leads are, in terms of bare workflows. */
  readonly ratio: number
}

const ROUNDS = 6
/** As many as either kind has under way at once. */
const AT_ONCE = 16

/**
 * Posts leads until each is planned, and starts bare workflows until each has done its empty
 * activity: by turns, on the same server, from the same process, as many at once.
 */
export async function measureThroughput(machine: Machine, count: number): Promise<Throughput> {
  const bench = await startBenchEngine(machine)
  const bare = await startBare(machine, bench, 'bare')
  try {
    const size = Math.ceil(count / ROUNDS)
    await planLeads(bench, 50)
    await bare.run(50, AT_ONCE)
    let leadsMs = 0
    let bareMs = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      bareMs += await timed(() => bare.run(size, AT_ONCE))
      leadsMs += await timed(() => planLeads(bench, size))
    }
    const total = size * ROUNDS
    return {
      count: total,
      rounds: ROUNDS,
      leadsPerSecond: perSecond(total, leadsMs),
      barePerSecond: perSecond(total, bareMs),
      ratio: ratioOf(bareMs, leadsMs),
    }
  } finally {
    await bare.stop()
    await bench.stop()
  }
}

async function planLeads(bench: BenchEngine, count: number): Promise<void> {
  await inLanes(count, AT_ONCE, async () => void (await bench.post('patient')))
  while (await someAreUnplanned(bench)) await new Promise((resolve) => setTimeout(resolve, 25))
}

async function someAreUnplanned({ store }: BenchEngine): Promise<boolean> {
  const row = await store.db
    .selectFrom('leads')
    .select('id')
    .where('next_kind', '=', 'unplanned')
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
