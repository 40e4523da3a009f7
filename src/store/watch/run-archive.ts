import type { LeadId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import { keepValue, readKept } from '../kept-value.ts'

export interface KeptRun {
  readonly run_id: string
  readonly lead_id: LeadId
  readonly started_at: Instant
  readonly closing_at: Instant | null
  /** As the archive wrote it (`packHistory`); null when it is not archived, or was lost. */
  readonly history: string | null
  readonly archived_at: Instant | null
}

/** Runs that are over, or about to be, and not archived; the oldest first. */
export function runsToArchive(
  executor: Executor,
  options: { besides: readonly string[]; limit: number },
): Promise<Pick<KeptRun, 'run_id' | 'lead_id' | 'closing_at'>[]> {
  const { besides, limit } = options
  return executor
    .selectFrom('runs')
    .select(['run_id', 'lead_id', 'closing_at'])
    .where('closing_at', 'is not', null)
    .where('archived_at', 'is', null)
    .$if(besides.length > 0, (query) => query.where('run_id', 'not in', [...besides]))
    .orderBy('closing_at')
    .limit(limit)
    .execute()
}

/** Of these runs, those whose history is kept, or known to be lost. */
export async function archivedAmong(
  executor: Executor,
  runIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (runIds.length === 0) return new Set()
  const rows = await executor
    .selectFrom('runs')
    .select('run_id')
    .where('run_id', 'in', [...runIds])
    .where('archived_at', 'is not', null)
    .execute()
  return new Set(rows.map(({ run_id }) => run_id))
}

export interface ClosedRun {
  readonly runId: string
  readonly leadId: LeadId
  readonly startedAt: Instant
  readonly closedAt: Instant
  /** null: Temporal does not have it any more. */
  readonly history: string | null
}

/** Keeps a closed run's history, whether its beginning was noted or not. */
export async function archiveRun(executor: Executor, run: ClosedRun, at: Instant): Promise<void> {
  const kept = { closing_at: run.closedAt, history: run.history, archived_at: at }
  await executor
    .insertInto('runs')
    .values({ run_id: run.runId, lead_id: run.leadId, started_at: run.startedAt, ...kept })
    .onConflict((on) => on.column('run_id').doUpdateSet(kept))
    .execute()
}

/** Notes that a run's history is not to be had any more. */
export async function giveUpRun(executor: Executor, runId: string, at: Instant): Promise<void> {
  await executor
    .updateTable('runs')
    .set({ archived_at: at })
    .where('run_id', '=', runId)
    .where('archived_at', 'is', null)
    .execute()
}

/** All runs of a lead that were noted, oldest first. */
export function runsOf(executor: Executor, leadId: LeadId): Promise<KeptRun[]> {
  return executor
    .selectFrom('runs')
    .selectAll()
    .where('lead_id', '=', leadId)
    .orderBy('started_at')
    .execute()
}

/** Up to when Temporal's closed runs were listed; null before the first time. */
export async function archiveCursor(executor: Executor): Promise<number | null> {
  const kept = await readKept(executor, 'archive')
  return typeof kept === 'number' ? kept : null
}

/** Keeps up to when closed runs were looked for. */
export async function moveArchiveCursor(executor: Executor, to: Instant): Promise<void> {
  await keepValue(executor, 'archive', to, to)
}
