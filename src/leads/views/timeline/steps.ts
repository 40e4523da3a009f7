import type { LeadId } from '../../../domain/ids.ts'
import { toIso } from '../../../domain/time.ts'
import type { Executor } from '../../../store/executor.ts'
import type { StepResult } from '../../../store/step-results.ts'
import { isoOrNull } from '../view.ts'
import type { TimelineEntry } from './entry.ts'

/** What steps came to that write to nobody, the points they gave, and whom they told. */
export async function stepEntries(executor: Executor, leadId: LeadId): Promise<TimelineEntry[]> {
  return [
    ...(await results(executor, leadId)),
    ...(await points(executor, leadId)),
    ...(await deliveries(executor, leadId)),
  ]
}

async function results(executor: Executor, leadId: LeadId): Promise<TimelineEntry[]> {
  const rows = await executor
    .selectFrom('step_results')
    .selectAll()
    .where('lead_id', '=', leadId)
    // A task stands there for itself.
    .where('kind', '!=', 'task')
    .orderBy('at')
    .execute()
  return rows.map((row) => ({
    at: toIso(row.at),
    receivedAt: null,
    kind: 'step',
    title: `step ${row.step_id}, ${WORDS[row.outcome]}${row.goes_to === null ? '' : `, to ${row.goes_to}`}: ${row.because}`,
    details: {
      episode: row.episode_id,
      step: row.step_id,
      visit: row.visit,
      kind: row.kind,
      outcome: row.outcome,
      arm: row.arm,
      goesTo: row.goes_to,
      because: row.because,
    },
  }))
}

const WORDS: Readonly<Record<StepResult['outcome'], string>> = {
  waited: 'a wait',
  came: 'a wait that was answered',
  timed_out: 'a wait in vain',
  branched: 'a branch',
  drawn: 'a split',
  told: 'a webhook',
  updated: 'an update',
  jumped: 'a jump',
  passed: 'no more jumps',
  ended: 'the end',
  given: 'a task',
}

async function points(executor: Executor, leadId: LeadId): Promise<TimelineEntry[]> {
  const rows = await executor
    .selectFrom('score_changes')
    .selectAll()
    .where('lead_id', '=', leadId)
    .orderBy('at')
    .execute()
  return rows.map((row) => ({
    at: toIso(row.at),
    receivedAt: null,
    kind: 'score',
    title: `score ${row.points > 0 ? '+' : ''}${row.points}: ${row.because}`,
    details: { points: row.points, because: row.because, by: row.by },
  }))
}

async function deliveries(executor: Executor, leadId: LeadId): Promise<TimelineEntry[]> {
  const rows = await executor
    .selectFrom('webhook_deliveries')
    .selectAll()
    .where('lead_id', '=', leadId)
    .orderBy('created_at')
    .execute()
  return rows.map((row) => ({
    at: toIso(row.happened_at),
    receivedAt: toIso(row.created_at),
    kind: 'webhook',
    title: `webhook ${row.webhook}: ${row.state}${row.because === null ? '' : ` (${row.because})`}`,
    details: {
      id: row.id,
      webhook: row.webhook,
      step: row.step_id,
      state: row.state,
      attempts: row.attempts,
      status: row.status,
      because: row.because,
      settledAt: isoOrNull(row.settled_at),
    },
  }))
}
