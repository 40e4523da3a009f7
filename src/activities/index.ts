import { Context } from '@temporalio/activity'
import { instant } from '../domain/time.ts'
import type { LeadActivities } from './contract.ts'
import type { ActivityDeps, Timing } from './deps.ts'
import { withoutWords } from './failure.ts'
import { lookAt } from './look.ts'
import { makeTouch } from './touch/touch.ts'

/** Told to Temporal while a touch is under way, so that a dead process is noticed soon. */
const HEARTBEAT_MS = 4_000

/** The activities, with everything from outside handed in. */
export function createActivities(
  deps: ActivityDeps,
  timingOf: (scheduledAt: Timing['scheduledAt']) => Timing,
): LeadActivities {
  const timing = () => {
    const { info } = Context.current()
    return timingOf(instant(info.currentAttemptScheduledTimestampMs))
  }
  const runId = () => Context.current().info.workflowExecution?.runId ?? 'none'
  return {
    look: async (input) => {
      try {
        return await lookAt(deps, input, runId(), timing())
      } catch (error) {
        throw withoutWords('look', error)
      }
    },
    touch: async (input) => {
      const context = Context.current()
      const beat = setInterval(() => context.heartbeat(), HEARTBEAT_MS)
      try {
        return await makeTouch(deps, input, runId(), timing())
      } catch (error) {
        throw withoutWords('touch', error)
      } finally {
        clearInterval(beat)
      }
    },
  }
}
