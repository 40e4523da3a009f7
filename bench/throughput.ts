import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker'
import type { LeadId } from '../src/domain/ids.ts'
import { type BenchEngine, startBenchEngine } from './support/engine.ts'
import type { Machine } from './support/machine.ts'

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
const TASK_QUEUE = 'bare'

/**
 * Posts leads until each is planned, and starts bare workflows until each has done its empty
 * activity: by turns, on the same server, from the same process, as many at once.
 */
export async function measureThroughput(machine: Machine, count: number): Promise<Throughput> {
  const bench = await startBenchEngine(machine)
  const bare = await startBare(machine, bench)
  try {
    const size = Math.ceil(count / ROUNDS)
    await planLeads(bench, 50)
    await bare.run(50)
    let leadsMs = 0
    let bareMs = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      bareMs += await timed(() => bare.run(size))
      leadsMs += await timed(() => planLeads(bench, size))
    }
    const total = size * ROUNDS
    return {
      count: total,
      rounds: ROUNDS,
      leadsPerSecond: perSecond(total, leadsMs),
      barePerSecond: perSecond(total, bareMs),
      ratio: Math.round((bareMs / leadsMs) * 1_000) / 1_000,
    }
  } finally {
    await bare.stop()
    await bench.stop()
  }
}

async function planLeads(bench: BenchEngine, count: number): Promise<void> {
  const ids: LeadId[] = []
  await inLanes(count, async () => {
    ids.push((await bench.post('patient')).leadId)
  })
  while ((await unplanned(bench, ids)) > 0) await new Promise((resolve) => setTimeout(resolve, 10))
}

async function unplanned({ store }: BenchEngine, ids: readonly LeadId[]): Promise<number> {
  const row = await store.db
    .selectFrom('leads')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('id', 'in', [...ids])
    .where('next_kind', '=', 'unplanned')
    .executeTakeFirstOrThrow()
  return row.count
}

async function startBare(machine: Machine, bench: BenchEngine) {
  const connection = await NativeConnection.connect({ address: machine.temporal.address })
  let done = 0
  const worker = await Worker.create({
    connection,
    namespace: bench.namespace,
    taskQueue: TASK_QUEUE,
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('bare-workflow.ts', import.meta.url)),
      logger: quiet,
    }),
    maxCachedWorkflows: 300,
    maxConcurrentActivityTaskExecutions: 40,
    activities: {
      nothing: async () => {
        done += 1
      },
    },
  })
  const running = worker.run()
  const { client } = bench.engine.link
  let started = 0
  return {
    run: async (count: number) => {
      const until = done + count
      await inLanes(count, async () => {
        started += 1
        await client.workflow.start('bare', {
          taskQueue: TASK_QUEUE,
          workflowId: `bare:${started}`,
        })
      })
      while (done < until) await new Promise((resolve) => setTimeout(resolve, 10))
    },
    stop: async () => {
      worker.shutdown()
      await running
      await connection.close()
    },
  }
}

async function inLanes(count: number, work: () => Promise<void>): Promise<void> {
  let left = count
  const lane = async () => {
    while (left > 0) {
      left -= 1
      await work()
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

function perSecond(count: number, ms: number): number {
  return Math.round((count / ms) * 10_000) / 10
}

const nothing = () => {}
const quiet = {
  log: nothing,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
}
