import { sql } from 'kysely'
import type { LeadId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'

export interface UnrungLead {
  readonly id: LeadId
  readonly revision: number
  readonly priority: number
}

/**
 * Leads whose workflow has not heard of their last change, the most urgent and then the oldest
 * first. `before` is compared with when the change was received.
 */
export function unrungLeads(
  executor: Executor,
  options: { before: Instant; besides: readonly LeadId[]; limit: number },
): Promise<UnrungLead[]> {
  const { before, besides, limit } = options
  return executor
    .selectFrom('leads')
    .select(['id', 'revision', 'priority'])
    .whereRef('rung_revision', '<', 'revision')
    .where('updated_at', '<=', before)
    .$if(besides.length > 0, (query) => query.where('id', 'not in', [...besides]))
    .orderBy('priority')
    .orderBy('updated_at')
    .limit(limit)
    .execute()
}

/** Makes the relay ring these leads, should whoever rings them now not be heard. */
export async function markUnrung(executor: Executor, leadIds: readonly LeadId[]): Promise<void> {
  if (leadIds.length === 0) return
  await executor
    .updateTable('leads')
    .set({ rung_revision: sql<number>`least(rung_revision, revision - 1)` })
    .where('id', 'in', [...leadIds])
    .execute()
}
