import type { Selectable } from 'kysely'
import type { LeadId, QueuedId, SignalId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import { newId } from '../new-id.ts'
import type { QueuedEnrollmentsTable } from '../schema.ts'

export type QueuedRow = Selectable<QueuedEnrollmentsTable>

export type NewQueued = Pick<
  QueuedRow,
  'lead_id' | 'cadence_name' | 'priority' | 'begun_by' | 'by'
> & {
  readonly at: Instant
}

/** Puts a cadence into a locked lead's queue; false when it waits there already. */
export async function addQueued(trx: Executor, { at, ...queued }: NewQueued): Promise<boolean> {
  const open = await queueOf(trx, queued.lead_id)
  if (open.some(({ cadence_name }) => cadence_name === queued.cadence_name)) return false
  await trx
    .insertInto('queued_enrollments')
    .values({
      ...queued,
      id: newId<QueuedId>('queued'),
      queued_at: at,
      closed_at: null,
      outcome: null,
      because: null,
      closed_by: null,
    })
    .execute()
  return true
}

/** What waits for a lead's present cadence to end, in the order in which it will begin. */
export function queueOf(executor: Executor, leadId: LeadId): Promise<QueuedRow[]> {
  return executor
    .selectFrom('queued_enrollments')
    .selectAll()
    .where('lead_id', '=', leadId)
    .where('closed_at', 'is', null)
    .orderBy('priority', 'desc')
    .orderBy('queued_at')
    .orderBy('id')
    .execute()
}

/** Everything that ever waited. */
export function queueHistory(executor: Executor, leadId: LeadId): Promise<QueuedRow[]> {
  return executor
    .selectFrom('queued_enrollments')
    .selectAll()
    .where('lead_id', '=', leadId)
    .orderBy('queued_at')
    .execute()
}

export interface QueueEnd {
  readonly outcome: 'started' | 'cancelled'
  readonly because: string
  readonly at: Instant
  readonly by: SignalId | null
}

/** Takes one out of a locked lead's queue; null when it does not wait there. */
export async function closeQueued(
  trx: Executor,
  leadId: LeadId,
  queuedId: QueuedId,
  end: QueueEnd,
): Promise<QueuedRow | null> {
  const row = await trx
    .updateTable('queued_enrollments')
    .set({ closed_at: end.at, outcome: end.outcome, because: end.because, closed_by: end.by })
    .where('id', '=', queuedId)
    .where('lead_id', '=', leadId)
    .where('closed_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}

/** Empties a locked lead's queue. */
export async function cancelQueue(
  trx: Executor,
  leadId: LeadId,
  end: Omit<QueueEnd, 'outcome'>,
): Promise<void> {
  await trx
    .updateTable('queued_enrollments')
    .set({ closed_at: end.at, outcome: 'cancelled', because: end.because, closed_by: end.by })
    .where('lead_id', '=', leadId)
    .where('closed_at', 'is', null)
    .execute()
}

/** What a signal cancelled waits again, because the signal is taken back. */
export async function reopenQueue(trx: Executor, leadId: LeadId, by: SignalId): Promise<void> {
  await trx
    .updateTable('queued_enrollments')
    .set({ closed_at: null, outcome: null, because: null, closed_by: null })
    .where('lead_id', '=', leadId)
    .where('outcome', '=', 'cancelled')
    .where('closed_by', '=', by)
    .execute()
}
