import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  bundleWorkflowCode,
  type NativeConnection,
  Worker,
  type WorkflowBundleOption,
} from '@temporalio/worker'
import { createBulkActivities } from '../activities/bulk.ts'
import { virtualTiming, wallTiming } from '../activities/clock.ts'
import type { ActivityDeps } from '../activities/deps.ts'
import { createActivities } from '../activities/index.ts'
import { TASK_QUEUES } from '../domain/contract.ts'
import type { Doorbell } from '../temporal/doorbell.ts'

export interface WorkerOptions {
  readonly connection: NativeConnection
  readonly namespace: string
  readonly deps: ActivityDeps
  /** `virtual` where nothing real leaves; with real providers always `wall`. */
  readonly clock: 'wall' | 'virtual'
  readonly emailsPerSecond?: number
  readonly textsPerSecond?: number
  /** Rings the leads of bulk runs; without it the relay does. */
  readonly doorbell?: Pick<Doorbell, 'ring'>
  /** Made once for several workers; made here when absent. */
  readonly bundle?: WorkflowBundleOption
}

export interface RunningWorkers {
  /** Rejects when a worker failed for good; resolves after stop(). */
  readonly done: Promise<void>
  /** Lets what is under way end, then stops. */
  stop(): Promise<void>
}

/** Mostly asleep leads need little cache: a woken one is rebuilt from its short history. */
const CACHED_WORKFLOWS = 300

/**
 * What waits should wait at the server, which serves a lead's own form before any import; whatever
 * a worker has taken waits here in turn for the one thread and the store's few connections. So a
 * worker takes little at once; for more throughput run more workers.
 */
const WORKFLOW_TASKS_AT_ONCE = 6
const LOOKS_AT_ONCE = 8
/**
 * Each poll keeps a place for what it may bring. The places that are left are for what begins in
 * the answer to another call, which spares the server a task and a call: a new lead's workflow in
 * the answer to its start, a look in the answer to its workflow task.
 */
const WORKFLOW_TASK_POLLS = 3
const LOOK_POLLS = 2
/** Bulk runs are many leads, one after the other: two of them at once leave room for the rest. */
const BULK_RUNS_AT_ONCE = 2

/** One worker per kind of work: the workflows with their looks, and a queue per channel. */
export async function startWorkers(options: WorkerOptions): Promise<RunningWorkers> {
  const { connection, namespace, deps } = options
  const timing = options.clock === 'wall' ? wallTiming : virtualTiming
  const activities = createActivities(deps, timing)
  const base = { connection, namespace, activities, shutdownGraceTime: '20s' } as const
  const leads = await Worker.create({
    ...base,
    taskQueue: TASK_QUEUES.leads,
    workflowBundle: options.bundle ?? (await workflowBundle()),
    maxCachedWorkflows: CACHED_WORKFLOWS,
    maxConcurrentActivityTaskExecutions: LOOKS_AT_ONCE,
    activityTaskPollerBehavior: { type: 'simple-maximum', maximum: LOOK_POLLS },
    maxConcurrentWorkflowTaskExecutions: WORKFLOW_TASKS_AT_ONCE,
    workflowTaskPollerBehavior: { type: 'simple-maximum', maximum: WORKFLOW_TASK_POLLS },
    // Most leads are woken so rarely that no cache knows them.
    nonStickyToStickyPollRatio: 0.5,
  })
  const email = await Worker.create({
    ...base,
    taskQueue: TASK_QUEUES.email,
    maxConcurrentActivityTaskExecutions: 20,
    maxTaskQueueActivitiesPerSecond: options.emailsPerSecond ?? 50,
  })
  const sms = await Worker.create({
    ...base,
    taskQueue: TASK_QUEUES.sms,
    maxConcurrentActivityTaskExecutions: 20,
    maxTaskQueueActivitiesPerSecond: options.textsPerSecond ?? 50,
  })
  const { doorbell } = options
  const bulk = await Worker.create({
    ...base,
    activities: createBulkActivities(deps, timing, (rings) => doorbell?.ring(rings)),
    taskQueue: TASK_QUEUES.bulk,
    maxConcurrentActivityTaskExecutions: BULK_RUNS_AT_ONCE,
  })
  const workers = [leads, email, sms, bulk]
  const runs = Promise.all(workers.map((worker) => worker.run()))
  // Whoever waits for `done` hears of a failure; nobody else must crash of it.
  runs.catch(() => {})
  const done = runs.then(() => {})
  return {
    done,
    stop: async () => {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown()
      await done.catch(() => {})
    },
  }
}

/** The workflow code: what the build made, else bundled now from the source (two seconds). */
export async function workflowBundle(): Promise<WorkflowBundleOption> {
  const built = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url))
  if (existsSync(built)) return { codePath: built }
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const entry = new URL(`../workflows/index.${extension}`, import.meta.url)
  return bundleWorkflowCode({ workflowsPath: fileURLToPath(entry), logger: QUIET })
}

const nothing = () => {}
const QUIET = {
  log: nothing,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
}
