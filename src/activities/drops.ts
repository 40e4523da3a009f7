import type { Drop } from '../domain/plan/plan.ts'
import { type CallVerdict, explainDecision, mayCall } from '../domain/policy/index.ts'
import type { Instant } from '../domain/time.ts'
import type { LeadFacts } from '../leads/facts.ts'
import { relationshipOf } from '../leads/tasks/relationship.ts'
import type { Executor } from '../store/executor.ts'
import type { LeadRow } from '../store/leads.ts'
import { appendLedger } from '../store/ledger.ts'
import type { ActivityDeps } from './deps.ts'

/** Whether a person may be given the task to call this lead. */
export async function judgeCall(
  trx: Executor,
  lead: LeadRow,
  { plan }: LeadFacts,
  now: Instant,
): Promise<CallVerdict> {
  return mayCall(plan.person, await relationshipOf(trx, lead.id), now, plan.rules)
}

/** Why a task to call is given, and what to know before the call. */
export function warnedOf(because: string, { warning }: CallVerdict): string {
  return warning === null ? because : `${because}. Before calling: ${warning}`
}

/** Writes down in the ledger why a step, or a check-in, was left out. */
export async function noteDrop(
  deps: Pick<ActivityDeps, 'ledgerKey'>,
  trx: Executor,
  lead: LeadRow,
  { episode }: LeadFacts,
  stepId: string,
  drop: Drop,
  now: Instant,
): Promise<void> {
  const because = drop.kind === 'denied' ? explainDecision(drop.decision) : drop.because
  const by = drop.kind === 'denied' ? drop.by : drop.kind
  await appendLedger(trx, deps.ledgerKey, lead, [
    {
      kind: 'decision',
      at: now,
      meta: { episode: episode?.id ?? null, step: stepId, verdict: 'dropped', by },
      payload: {
        because,
        ...(drop.kind === 'denied'
          ? { rules: drop.decision.rules, rulesVersion: drop.decision.rulesVersion }
          : {}),
      },
    },
  ])
}
