import { id, type LeadId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import type { NextKind } from '../schema.ts'

/** What a sweep or a repair asks of a lead. */
export interface WatchedLead {
  readonly id: LeadId
  readonly revision: number
  readonly priority: number
  readonly next_at: Instant | null
  readonly next_kind: NextKind
}

const COLUMNS = ['id', 'revision', 'priority', 'next_at', 'next_kind'] as const

/**
 * Leads that should have a workflow, in order of their ids, after `after`. `heard`: only those that
 * Temporal has heard of, for what is still to be rung is the relay's.
 */
export function leadsWithWorkflow(
  executor: Executor,
  options: { after: LeadId | null; limit: number; heard?: boolean },
): Promise<WatchedLead[]> {
  const { after, limit, heard = false } = options
  return executor
    .selectFrom('leads')
    .select(COLUMNS)
    .where('next_kind', '!=', 'done')
    .$if(heard, (query) => query.whereRef('rung_revision', '>=', 'revision'))
    .$if(after !== null, (query) => query.where('id', '>', after ?? id<LeadId>('')))
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** Of these leads, those that should have a workflow. */
export async function findWatched(
  executor: Executor,
  leadIds: readonly LeadId[],
): Promise<WatchedLead[]> {
  if (leadIds.length === 0) return []
  return await executor
    .selectFrom('leads')
    .select(COLUMNS)
    .where('id', 'in', [...leadIds])
    .where('next_kind', '!=', 'done')
    .execute()
}

export interface OverdueFrom {
  readonly at: Instant
  readonly id: LeadId
}

/**
 * Leads whose next instant lies before `before`, longest overdue first, after `after`. A lead
 * whose own clock runs ahead of the wall clock has its next instant there too: never overdue.
 */
export function overdueLeads(
  executor: Executor,
  options: { before: Instant; after: OverdueFrom | null; limit: number },
): Promise<WatchedLead[]> {
  const { before, after, limit } = options
  return executor
    .selectFrom('leads')
    .select(COLUMNS)
    .where('next_kind', 'in', ['touch', 'look'])
    .where('next_at', '<', before)
    .$if(after !== null, (query) =>
      query.where((on) =>
        on.or([
          on('next_at', '>', after?.at ?? null),
          on.and([on('next_at', '=', after?.at ?? null), on('id', '>', after?.id ?? null)]),
        ]),
      ),
    )
    .orderBy('next_at')
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** Leads that were rung and are unplanned since before `before`: nobody has looked. */
export function unlookedLeads(
  executor: Executor,
  options: { before: Instant; limit: number },
): Promise<WatchedLead[]> {
  const { before, limit } = options
  return executor
    .selectFrom('leads')
    .select(COLUMNS)
    .where('next_kind', '=', 'unplanned')
    .whereRef('rung_revision', '>=', 'revision')
    .where('updated_at', '<', before)
    .orderBy('updated_at')
    .limit(limit)
    .execute()
}
