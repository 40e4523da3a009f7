import type { Client } from '@temporalio/client'
import {
  type Bell,
  BULK_WORKFLOW,
  type BulkInput,
  bulkWorkflowId,
  DOORBELL,
  PRIORITY,
  TASK_QUEUES,
} from '../domain/contract.ts'
import type { BulkId } from '../domain/ids.ts'
import { type Clock, instant } from '../domain/time.ts'
import type { Store } from '../store/connect.ts'
import { heardBulk, unheardBulk } from '../store/work/bulk-runs.ts'
import type { Log } from './log.ts'
import { createLoop, type Loop } from './loop.ts'
import { troubleOf } from './trouble.ts'

export interface BulkRelayOptions {
  readonly client: Client
  readonly store: Store
  readonly log: Log
  /** How often to look, in milliseconds. */
  readonly everyMs?: number
  readonly now?: Clock
}

export interface BulkRelay extends Loop {
  /** One turn now. */
  turn(): Promise<void>
}

const EVERY_MS = 500
const AT_ONCE = 50
const TIMEOUT_MS = 5_000

/**
 * Starts and rings the workflows of bulk runs, from the rows alone: of new ones, of those that an
 * operator changed, and of those whose workflow was not here again when it should have been.
 */
export function createBulkRelay(options: BulkRelayOptions): BulkRelay {
  const { client, store, log } = options
  const everyMs = options.everyMs ?? EVERY_MS
  const now = options.now ?? (() => instant(Date.now()))

  async function turn(): Promise<void> {
    for (const { id, revision } of await unheardBulk(store.db, now(), AT_ONCE)) {
      await ring(client, id, revision)
      await heardBulk(store.db, id, revision)
    }
  }

  async function turnAndRest(): Promise<number> {
    try {
      await turn()
      return everyMs
    } catch (error) {
      const { code, message } = troubleOf(error)
      if (code === 'temporal_failed') throw error
      log.warn({ loop: 'bulk-relay', code }, message)
      return everyMs * 10
    }
  }

  const loop = createLoop({ name: 'bulk-relay', log, turn: turnAndRest, restAfterFailureMs: 5_000 })
  return { ...loop, turn }
}

async function ring(client: Client, bulkId: BulkId, seq: number): Promise<void> {
  const bell: Bell = { seq, kind: 'bulk' }
  const input: BulkInput = { v: 1, bulkId }
  await client.withDeadline(Date.now() + TIMEOUT_MS, () =>
    client.workflow.signalWithStart(BULK_WORKFLOW, {
      workflowId: bulkWorkflowId(bulkId),
      taskQueue: TASK_QUEUES.leads,
      args: [input],
      signal: DOORBELL,
      signalArgs: [bell],
      priority: { priorityKey: PRIORITY.import },
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    }),
  )
}
