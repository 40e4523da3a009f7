import type { LookInput, Plan } from '../domain/contract.ts'
import { type Instant, MINUTE_MS, plus } from '../domain/time.ts'
import { absorb } from '../leads/absorb.ts'
import { stampMessages } from '../store/channels/messages.ts'
import type { Executor } from '../store/executor.ts'
import { type LeadRow, lockLead, patchLead } from '../store/leads.ts'
import { appendLedger } from '../store/ledger.ts'
import { newsOf } from '../store/news.ts'
import { noteRun } from '../store/runs.ts'
import { raiseAlert, resolveAlerts } from '../store/watch/alerts.ts'
import type { ActivityDeps, Moment, Timing } from './deps.ts'
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
    const moment = { runId, now, wall: timing.wall(), settings }
    const plan = await absorbAndPlan(deps, trx, lead, moment)
    if (plan.next.do !== 'touch') await resolveAlerts(trx, 'parked', lead.id, now)
    else if (input.trouble !== null) return await park(trx, lead, plan, input.trouble, now)
    return plan
  })
}

/** What every visit to a locked lead ends with: everything new absorbed, and a fresh plan. */
export async function absorbAndPlan(
  deps: Pick<ActivityDeps, 'ledgerKey'>,
  trx: Executor,
  lead: LeadRow,
  moment: Moment,
): Promise<Plan> {
  const { now, wall, settings } = moment
  await noteRun(trx, lead, moment.runId, now)
  const { signals, openTouches } = await newsOf(trx, lead.id)
  if (openTouches) await closeOpenTouches(trx, deps.ledgerKey, lead, { now, wall })
  await stampMessages(trx, lead, { now, wall })
  await absorb(trx, lead, signals, now, settings)
  if (lead.status === 'erased') await noteErasure(deps, trx, lead, now)
  if (lead.reconcile_first) await patchLead(trx, lead, { reconcile_first: false })
  return await makePlan(deps, trx, lead, moment)
}

/** What was said of an erased lead is gone; that it was erased, and when, stays in its ledger. */
async function noteErasure(
  { ledgerKey }: Pick<ActivityDeps, 'ledgerKey'>,
  trx: Executor,
  lead: LeadRow,
  at: Instant,
): Promise<void> {
  const noted = await trx
    .selectFrom('ledger_entries')
    .select('seq')
    .where('lead_id', '=', lead.id)
    .where('kind', '=', 'erasure')
    .executeTakeFirst()
  if (noted) return
  await appendLedger(trx, ledgerKey, lead, [{ kind: 'erasure', at, meta: {}, payload: null }])
}

/** How long a lead rests whose touch could not even be tried; a bell ends the rest. */
const PARKED_MS = 15 * MINUTE_MS

/** The touch could not even be tried, again and again: ops is told, and the lead goes on later. */
async function park(
  trx: Executor,
  lead: LeadRow,
  plan: Plan,
  trouble: NonNullable<LookInput['trouble']>,
  at: Instant,
): Promise<Plan> {
  await raiseAlert(trx, {
    kind: 'parked',
    leadId: lead.id,
    because: `an activity kept failing: ${trouble}`,
    fix: 'Read the failure in the lead’s workflow, mend its cause; the lead tries again by itself.',
    at,
  })
  if (plan.next.do === 'touch' && plan.next.ms >= PARKED_MS) return plan
  const details = 'parked: the next message could not be tried; looks again in 15 minutes'
  const nextAt = plus(at, PARKED_MS)
  await patchLead(trx, lead, { next_kind: 'look', next_at: nextAt, next_words: details })
  return { ...plan, next: { do: 'wait', ms: PARKED_MS }, summary: details, details }
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
