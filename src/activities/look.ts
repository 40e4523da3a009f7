import type { LookInput, Plan } from '../domain/contract.ts'
import type { Instant } from '../domain/time.ts'
import { absorb } from '../leads/absorb.ts'
import { raiseAlert, resolveAlerts } from '../store/alerts.ts'
import type { Executor } from '../store/executor.ts'
import { type LeadRow, lockLead, patchLead } from '../store/leads.ts'
import { noteRun } from '../store/runs.ts'
import type { EngineRules } from '../domain/company.ts'
import type { ActivityDeps, Timing } from './deps.ts'
import { makePlan } from './make-plan.ts'
import { closeOpenTouches } from './touch/reconcile.ts'

/**
 * Looks at a lead: absorbs its new signals in order, closes what a crash left open, plans. One
 * transaction under the lead's row lock; running it again changes nothing more.
 */
export async function lookAt(
  deps: ActivityDeps,
  input: LookInput,
  runId: string,
  timing: Timing,
): Promise<Plan> {
  const settings = await deps.settings()
  return await deps.store.transaction(async (trx) => {
    const lead = await lockLead(trx, input.leadId)
    if (lead === null) return UNKNOWN_LEAD
    const now = timing.now()
    if (input.trouble !== null) await park(trx, lead, input.trouble, now)
    else await resolveAlerts(trx, 'parked', lead.id, now)
    return await absorbAndPlan(deps, trx, lead, { runId, now, wall: timing.wall(), settings })
  })
}

export interface Moment {
  readonly runId: string
  readonly now: Instant
  readonly wall: Instant
  readonly settings: EngineRules
}

/** What every visit to a locked lead ends with: everything new absorbed, and a fresh plan. */
export async function absorbAndPlan(
  deps: Pick<ActivityDeps, 'ledgerKey'>,
  trx: Executor,
  lead: LeadRow,
  moment: Moment,
): Promise<Plan> {
  const { now, wall, runId, settings } = moment
  await noteRun(trx, lead, runId, now)
  await closeOpenTouches(trx, deps.ledgerKey, lead, { now, wall })
  await absorb(trx, lead, now, settings)
  if (lead.reconcile_first) await patchLead(trx, lead, { reconcile_first: false })
  return await makePlan(deps, trx, lead, now, settings)
}

/** The touch could not even be tried, again and again: ops is told, and the lead goes on later. */
async function park(
  trx: Executor,
  lead: LeadRow,
  trouble: NonNullable<LookInput['trouble']>,
  at: Instant,
): Promise<void> {
  await raiseAlert(trx, {
    kind: 'parked',
    leadId: lead.id,
    because: `an activity kept failing: ${trouble}`,
    fix: 'Read the failure in the lead’s workflow, mend its cause; the lead tries again by itself.',
    at,
  })
}

/** A bell for a lead that the store does not know (restored from an older backup, say). */
const UNKNOWN_LEAD: Plan = {
  v: 1,
  revision: Number.MAX_SAFE_INTEGER,
  next: { do: 'complete' },
  summary: 'no such lead',
  details: 'The store does not know this lead.',
  priority: 5,
  transitioned: null,
}
