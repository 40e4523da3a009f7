import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineSignal,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow'
import type { BulkActivities } from '../activities/contract.ts'
import { type Bell, type BulkInput, DOORBELL, TASK_QUEUES } from '../domain/contract.ts'

const doorbell = defineSignal<[Bell]>(DOORBELL)

/** Touches only our own store, so it is tried for as long as it takes. */
const { bulkBatch } = proxyActivities<BulkActivities>({
  taskQueue: TASK_QUEUES.bulk,
  startToCloseTimeout: '2m',
  retry: { initialInterval: '1s', maximumInterval: '1m' },
})

/**
 * One operation on many leads, batch by batch. Whom it concerns, how far it has come and whether
 * it was paused stands in its row; this is the durable clock beside it.
 */
export async function bulk(input: BulkInput): Promise<void> {
  let rung = 0
  setHandler(doorbell, ({ seq }) => {
    rung = Math.max(rung, seq)
  })
  while (true) {
    const before = rung
    const { next, details } = await bulkBatch(input)
    setCurrentDetails(details)
    const stale = () => rung > before
    // Whoever rang during the batch may have changed what it ended with.
    if (next.do === 'complete' && !stale()) return
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished)
      return await continueAsNew<typeof bulk>(input)
    }
    if (next.do === 'complete' || stale()) continue
    if (next.ms === null) await condition(stale)
    else await condition(stale, next.ms)
  }
}
