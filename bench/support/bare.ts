import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker'
import type { BenchEngine } from './engine.ts'
import type { Machine } from './machine.ts'
import { inLanes } from './rate.ts'

export interface Bare {
  /** Starts so many, so many at once; resolves when each has done its empty activity. */
  run(count: number, atOnce: number): Promise<void>
  stop(): Promise<void>
}

const TASK_QUEUE = 'bare'

/** A worker for workflows that do next to nothing, in the engine's own namespace. */
export async function startBare(
  machine: Machine,
  bench: BenchEngine,
  workflow: 'bare' | 'bareWithTimer',
): Promise<Bare> {
  const connection = await NativeConnection.connect({ address: machine.temporal.address })
  let done = 0
  const worker = await Worker.create({
    connection,
    namespace: bench.namespace,
    taskQueue: TASK_QUEUE,
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('../bare-workflow.ts', import.meta.url)),
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
    run: async (count, atOnce) => {
      const until = done + count
      await inLanes(count, atOnce, async () => {
        started += 1
        await client.workflow.start(workflow, {
          taskQueue: TASK_QUEUE,
          workflowId: `${workflow}:${started}`,
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

const nothing = () => {}
const quiet = {
  log: nothing,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
}
