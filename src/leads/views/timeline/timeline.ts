import type { LeadId } from '../../../domain/ids.ts'
import { toIso } from '../../../domain/time.ts'
import type { Executor } from '../../../store/executor.ts'
import { queueEntries } from '../queue-view.ts'
import { isoOrNull } from '../view.ts'
import { rowsOf, type TimelineEntry } from './entry.ts'
import { messageEntries, touchEntries } from './messages.ts'
import { versionMoves } from './moves.ts'
import { signalEntries } from './signals.ts'
import { stepEntries } from './steps.ts'

/** Everything that happened to a lead, in order; it may hold what the lead wrote. */
export async function timelineOf(executor: Executor, leadId: LeadId): Promise<TimelineEntry[]> {
  const parts = [
    await signalEntries(executor, leadId),
    await transitions(executor, leadId),
    await episodes(executor, leadId),
    await versionMoves(executor, leadId),
    await messageEntries(executor, leadId),
    await touchEntries(executor, leadId),
    await decisions(executor, leadId),
    await tasks(executor, leadId),
    await holds(executor, leadId),
    await queueEntries(executor, leadId),
    await stepEntries(executor, leadId),
  ]
  return parts.flat().sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
}

async function transitions(executor: Executor, leadId: LeadId): Promise<TimelineEntry[]> {
  const rows = await rowsOf(executor, 'transitions', leadId, 'at')
  return rows.map((row) => ({
    at: toIso(row.at),
    receivedAt: null,
    kind: 'transition',
    title: `${row.from_status ?? 'new'} → ${row.to_status}${row.dead_reason === null ? '' : ` (${row.dead_reason})`}: ${row.because}`,
    details: {
      from: row.from_status,
      to: row.to_status,
      reason: row.dead_reason,
      cause: row.cause,
      signalId: row.signal_id,
    },
  }))
}

async function episodes(executor: Executor, leadId: LeadId): Promise<TimelineEntry[]> {
  const rows = await executor
    .selectFrom('episodes')
    .innerJoin('cadence_versions', 'cadence_versions.id', 'episodes.cadence_version_id')
    .selectAll('episodes')
    .select('cadence_versions.version')
    .where('lead_id', '=', leadId)
    .orderBy('number')
    .execute()
  return rows.map((row) => ({
    at: toIso(row.started_at),
    receivedAt: null,
    kind: 'episode',
    title: `${row.kind} in ${row.cadence_name}, version ${row.version}, begun by ${row.began_by}`,
    details: {
      id: row.id,
      cadence: row.cadence_name,
      version: row.version,
      kind: row.kind,
      endedAt: isoOrNull(row.ended_at),
      outcome: row.outcome,
      step: row.step_id,
    },
  }))
}

async function decisions(executor: Executor, leadId: LeadId): Promise<TimelineEntry[]> {
  const rows = await executor
    .selectFrom('ledger_entries')
    .selectAll()
    .where('lead_id', '=', leadId)
    .where('kind', '=', 'decision')
    .orderBy('seq')
    .execute()
  return rows.map((row) => ({
    at: toIso(row.at),
    receivedAt: null,
    kind: 'decision',
    title: `decision ${row.seq}`,
    details: { seq: row.seq, ...row.meta, ...row.payload },
  }))
}

async function tasks(executor: Executor, leadId: LeadId): Promise<TimelineEntry[]> {
  const rows = await rowsOf(executor, 'tasks', leadId, 'created_at')
  return rows.map((row) => ({
    at: toIso(row.created_at),
    receivedAt: null,
    kind: 'task',
    title: `task for a person: ${row.title}`,
    details: {
      id: row.id,
      kind: row.kind,
      because: row.because,
      assignee: row.assignee,
      dueAt: isoOrNull(row.due_at),
      doneAt: isoOrNull(row.done_at),
      doneBy: row.done_by,
    },
  }))
}

async function holds(executor: Executor, leadId: LeadId): Promise<TimelineEntry[]> {
  const rows = await rowsOf(executor, 'holds', leadId, 'created_at')
  return rows.map((row) => ({
    at: toIso(row.began_at ?? row.created_at),
    receivedAt: toIso(row.created_at),
    kind: 'hold',
    title: `held: ${row.because}`,
    details: {
      id: row.id,
      kind: row.kind,
      by: row.by,
      until: isoOrNull(row.until_at),
      liftedAt: isoOrNull(row.lifted_at),
    },
  }))
}
