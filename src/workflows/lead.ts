import {
  ActivityFailure,
  allHandlersFinished,
  condition,
  defineQuery,
  defineSignal,
  isCancellation,
  makeContinueAsNewFunc,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow'
import type { LeadActivities } from '../activities/contract.ts'
import {
  type Bell,
  DOORBELL,
  type LeadInput,
  type LookInput,
  type Plan,
  STATUS_QUERY,
  TASK_QUEUES,
} from '../domain/contract.ts'
import type { LeadId } from '../domain/ids.ts'
import { searchAttributes } from './search-attributes.ts'

const doorbell = defineSignal<[Bell]>(DOORBELL)
const status = defineQuery<Plan | null>(STATUS_QUERY)

/** Touches only our own store, so it is tried for as long as it takes: no outage ends a lead. */
const { look } = proxyActivities<LeadActivities>({
  taskQueue: TASK_QUEUES.leads,
  startToCloseTimeout: '30s',
  retry: { initialInterval: '1s', maximumInterval: '1m' },
})

/** Start-to-close is longer than the provider's deadline: no attempt overlaps another's call. */
const { touch } = proxyActivities<LeadActivities>({
  startToCloseTimeout: '90s',
  heartbeatTimeout: '15s',
  retry: { initialInterval: '1s', maximumInterval: '30s', maximumAttempts: 8 },
})

/**
 * One lead, from its first day to its last: look at the rows, wait for the planned time or the
 * bell, make the touch, and so on. Every rule, clock and cadence lives in the activities; this
 * is the durable skeleton around them, so it rarely has to change.
 */
export async function lead(input: LeadInput): Promise<void> {
  const { leadId } = input
  let plan: Plan | null = input.plan ?? null
  let rung = 0
  /** Bells up to here had rung before a look began, which therefore saw what they told of. */
  let answered = 0
  setHandler(doorbell, ({ seq }) => {
    rung = Math.max(rung, seq)
  })
  setHandler(status, () => plan)

  const lookAgain = async () => {
    const before = rung
    const seen = await see(leadId, null)
    answered = before
    return seen
  }

  plan ??= await lookAgain()
  while (true) {
    const current: Plan = plan
    const stale = () => rung > Math.max(current.revision, answered)
    setCurrentDetails(current.details)
    if (current.transitioned !== null || workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished)
      return await goOnAsNew(leadId, current, stale())
    }
    if (current.next.do === 'complete' && !stale()) return
    const calm = await waitUnlessRung(current, stale)
    plan = calm && current.next.do === 'touch' ? await make(leadId, current) : await lookAgain()
  }
}

/** Absorbs what happened and plans what comes next. */
function see(leadId: LeadId, trouble: LookInput['trouble']): Promise<Plan> {
  const summary = 'read what happened, plan what comes next'
  return look.executeWithOptions({ summary }, [{ v: 1, leadId, trouble }])
}

/** Makes the planned touch. When it cannot even be tried, the lead is parked, never ended. */
async function make(leadId: LeadId, plan: Plan): Promise<Plan> {
  if (plan.next.do !== 'touch') return see(leadId, null)
  const { touch: ref } = plan.next
  const options = {
    taskQueue: TASK_QUEUES[ref.channel],
    priority: { priorityKey: plan.priority },
    summary: plan.summary,
  }
  try {
    return await touch.executeWithOptions(options, [
      { v: 1, leadId, revision: plan.revision, touch: ref },
    ])
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error
    return await see(leadId, 'touch_failed')
  }
}

/** True when the planned time came; false when the bell rang first. */
async function waitUnlessRung({ next, summary }: Plan, stale: () => boolean): Promise<boolean> {
  if (next.do === 'complete' || stale()) return false
  if (next.ms === null) return await condition(stale).then(() => false)
  if (next.ms <= 0) return true
  return !(await condition(stale, next.ms, { summary }))
}

/** A stale plan is not carried over: the bell that made it stale is not either. */
async function goOnAsNew(leadId: LeadId, plan: Plan, stale: boolean): Promise<void> {
  const { transitioned } = plan
  const options = transitioned && { typedSearchAttributes: searchAttributes(transitioned) }
  const again = makeContinueAsNewFunc<typeof lead>(options ?? {})
  await again({ v: 1, leadId, ...(stale ? {} : { plan: { ...plan, transitioned: null } }) })
}
