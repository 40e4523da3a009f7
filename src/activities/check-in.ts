import type { EngineRules } from '../domain/company/company.ts'
import type { Instant } from '../domain/time.ts'
import type { LeadFacts } from '../leads/facts.ts'
import { checkInBy } from '../leads/revival-rules.ts'
import { startEpisode } from '../leads/transitions.ts'
import type { Executor } from '../store/executor.ts'
import { type LeadRow, patchLead } from '../store/leads.ts'
import { addTask } from '../store/work/tasks.ts'
import type { ActivityDeps } from './deps.ts'
import { judgeCall, noteDrop, warnedOf } from './drops.ts'

const BECAUSE = 'the planned check-in is due'

/** Writes to the dead lead once, or gives a person the task when the lead named a date. */
export async function checkIn(
  deps: Pick<ActivityDeps, 'ledgerKey'>,
  trx: Executor,
  lead: LeadRow,
  facts: LeadFacts,
  now: Instant,
  { revival }: EngineRules,
): Promise<void> {
  const reason = lead.dead_reason
  if (reason === null) return
  const by = await checkInBy(trx, lead, reason, revival)
  if (by === null) return checkInByCall(deps, trx, lead, facts, now)
  await startEpisode(
    trx,
    lead,
    { kind: 'check-in', ...by, begunBy: 'check_in_due' },
    { kind: 'check_in_due', signalId: null, because: BECAUSE, at: now },
  )
}

/** The planner has waited for the cap; whom a person may not call at all is not checked in on. */
async function checkInByCall(
  deps: Pick<ActivityDeps, 'ledgerKey'>,
  trx: Executor,
  lead: LeadRow,
  facts: LeadFacts,
  now: Instant,
): Promise<void> {
  const call = await judgeCall(trx, lead, facts, now)
  const { decision } = call
  if (decision.allowed) {
    await addTask(trx, {
      leadId: lead.id,
      kind: 'call',
      title: 'Check in with the lead',
      because: warnedOf(BECAUSE, call),
      assignee: lead.owner,
      dueAt: now,
      at: now,
    })
  } else {
    const drop = { kind: 'denied', by: decision.deniedBy, decision } as const
    await noteDrop(deps, trx, lead, facts, 'check-in', drop, now)
  }
  await patchLead(trx, lead, { check_in_at: null, check_ins: lead.check_ins + 1 })
}
