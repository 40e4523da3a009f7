import { Context } from '@temporalio/activity'
import { instant } from '../domain/time.ts'
import { type BatchContext, bulkBatch } from '../leads/bulk/batch.ts'
import type { BulkActivities } from './contract.ts'
import type { ActivityDeps, Timing } from './deps.ts'
import { withoutWords } from './failure.ts'

/** The activities of bulk runs. Without `ring` the relay finds the leads, from the rows. */
export function createBulkActivities(
  { store, settings }: Pick<ActivityDeps, 'store' | 'settings'>,
  timingOf: (scheduledAt: Timing['scheduledAt']) => Timing,
  ring: BatchContext['ring'] = () => {},
): BulkActivities {
  return {
    bulkBatch: async ({ bulkId }) => {
      const { info } = Context.current()
      const timing = timingOf(instant(info.currentAttemptScheduledTimestampMs))
      try {
        return await bulkBatch(
          {
            store,
            rules: await settings(),
            now: timing.now(),
            wall: timing.wall,
            ring,
            attempt: info.attempt,
          },
          bulkId,
        )
      } catch (error) {
        throw withoutWords('bulkBatch', error)
      }
    },
  }
}
