import { type Selectable, sql, type Updateable } from 'kysely'
import type { BulkPace, BulkWhom, BulkWork } from '../../domain/bulk.ts'
import { type BulkId, id, type LeadId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import { json } from '../json.ts'
import { newId } from '../new-id.ts'
import type { BulkRunsTable, BulkState } from '../schema.ts'

export type BulkRow = Selectable<BulkRunsTable>

export interface NewBulk {
  readonly work: BulkWork
  readonly whom: BulkWhom
  readonly pace: BulkPace
  readonly because: string
  readonly by: string
  readonly total: number
  readonly at: Instant
}

/** Writes a run down; its workflow is started from the row. */
export async function addBulk(trx: Executor, bulk: NewBulk): Promise<BulkRow> {
  return await trx
    .insertInto('bulk_runs')
    .values({
      id: newId<BulkId>('bulk'),
      work: json(bulk.work),
      whom: json(bulk.whom),
      pace: json(bulk.pace),
      because: bulk.because,
      by: bulk.by,
      state: bulk.total === 0 ? 'done' : 'running',
      total: bulk.total,
      cursor: null,
      next_batch_at: null,
      back_by_at: null,
      created_at: bulk.at,
      updated_at: bulk.at,
      finished_at: bulk.total === 0 ? bulk.at : null,
      ...(bulk.total === 0 && { heard_revision: 1 }),
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** Reads the run and holds its row until the transaction ends; null when there is none. */
export async function lockBulk(trx: Executor, bulkId: BulkId): Promise<BulkRow | null> {
  const row = await trx
    .selectFrom('bulk_runs')
    .selectAll()
    .where('id', '=', bulkId)
    .forUpdate()
    .executeTakeFirst()
  return row ?? null
}

/** The bulk run of this id; null when there is none. */
export async function findBulk(executor: Executor, bulkId: BulkId): Promise<BulkRow | null> {
  const row = await executor
    .selectFrom('bulk_runs')
    .selectAll()
    .where('id', '=', bulkId)
    .executeTakeFirst()
  return row ?? null
}

/** The newest runs, those that are under way first. */
export function listBulk(executor: Executor, limit: number): Promise<BulkRow[]> {
  return executor
    .selectFrom('bulk_runs')
    .selectAll()
    .orderBy(sql`finished_at is not null`)
    .orderBy('created_at', 'desc')
    .limit(limit)
    .execute()
}

/** Writes columns of a run that is locked. */
export async function patchBulk(
  trx: Executor,
  bulkId: BulkId,
  patch: Updateable<BulkRunsTable>,
): Promise<void> {
  await trx.updateTable('bulk_runs').set(patch).where('id', '=', bulkId).execute()
}

/** Changes the state of a locked run; its workflow is told. */
export async function turnBulk(
  trx: Executor,
  row: BulkRow,
  state: BulkState,
  at: Instant,
): Promise<void> {
  const finished_at = state === 'cancelled' || state === 'done' ? at : null
  // What was left of a batch is not made up for later.
  const patch = { state, finished_at, updated_at: at, revision: row.revision + 1, batch_left: 0 }
  await patchBulk(trx, row.id, patch)
}

/** Notes that a lead could not be dealt with, and why. */
export async function notePassed(
  trx: Executor,
  passed: { bulkId: BulkId; leadId: LeadId; code: string; because: string; at: Instant },
): Promise<void> {
  const { bulkId, leadId, code, because, at } = passed
  await trx
    .insertInto('bulk_passed')
    .values({ bulk_id: bulkId, lead_id: leadId, code, because, at })
    .onConflict((on) => on.doNothing())
    .execute()
}

/** The leads that a run passed over, in the order of their ids, from `after` on. */
export function passedLeads(
  executor: Executor,
  bulkId: BulkId,
  after: string | null,
  limit: number,
): Promise<{ lead_id: LeadId; code: string; because: string }[]> {
  return executor
    .selectFrom('bulk_passed')
    .select(['lead_id', 'code', 'because'])
    .where('bulk_id', '=', bulkId)
    .$if(after !== null, (query) => query.where('lead_id', '>', id<LeadId>(after ?? '')))
    .orderBy('lead_id')
    .limit(limit)
    .execute()
}

/**
 * Runs whose workflow has not heard of their last change, or was not here again by the time it
 * should have been.
 */
export function unheardBulk(
  executor: Executor,
  wall: Instant,
  limit: number,
): Promise<{ id: BulkId; revision: number }[]> {
  return executor
    .selectFrom('bulk_runs')
    .select(['id', 'revision'])
    .where((on) =>
      on.or([
        on('heard_revision', '<', on.ref('revision')),
        on.and([on('state', '=', 'running'), on('back_by_at', '<', wall)]),
      ]),
    )
    .orderBy('created_at')
    .limit(limit)
    .execute()
}

/** Notes that a run's workflow was told of this revision. */
export async function heardBulk(
  executor: Executor,
  bulkId: BulkId,
  revision: number,
): Promise<void> {
  await executor
    .updateTable('bulk_runs')
    .set({ heard_revision: sql<number>`greatest(heard_revision, ${revision})` })
    .where('id', '=', bulkId)
    .execute()
}
