import { type Selectable, sql } from 'kysely'
import type { CadenceVersionId, LeadId, PublicationId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import type { PublicationState, PublicationsTable } from '../schema.ts'

export type PublicationRow = Selectable<PublicationsTable>

/** One publication; null when there is none of this id. */
export async function findPublication(
  executor: Executor,
  publicationId: PublicationId,
): Promise<PublicationRow | null> {
  const row = await executor
    .selectFrom('publications')
    .selectAll()
    .where('id', '=', publicationId)
    .executeTakeFirst()
  return row ?? null
}

/** The newest publications, of one cadence or of all. */
export function listPublications(
  executor: Executor,
  { cadence, limit }: { readonly cadence: string | null; readonly limit: number },
): Promise<PublicationRow[]> {
  return executor
    .selectFrom('publications')
    .selectAll()
    .$if(cadence !== null, (rows) => rows.where('cadence_name', '=', cadence ?? ''))
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** Ends the running publications of a cadence; what they have moved stays moved. */
export async function endPublications(
  trx: Executor,
  where: { readonly cadence: string } | { readonly id: PublicationId },
  state: Exclude<PublicationState, 'running'>,
  at: Instant,
): Promise<number> {
  const ended = await trx
    .updateTable('publications')
    .set({ state, finished_at: at, worked_until_at: null })
    .where('state', '=', 'running')
    .where((on) =>
      'cadence' in where ? on('cadence_name', '=', where.cadence) : on('id', '=', where.id),
    )
    .executeTakeFirst()
  return Number(ended.numUpdatedRows)
}

/**
 * Takes the oldest running publication that no process has in hand, until `untilAt`: a process
 * that dies gives it back by that. Null when there is nothing to do.
 */
export async function takePublication(
  trx: Executor,
  { now, untilAt }: { readonly now: Instant; readonly untilAt: Instant },
): Promise<PublicationRow | null> {
  const row = await trx
    .selectFrom('publications')
    .selectAll()
    .where('state', '=', 'running')
    .where((on) => on.or([on('worked_until_at', 'is', null), on('worked_until_at', '<=', now)]))
    .orderBy('created_at')
    .limit(1)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
  if (row === undefined) return null
  await trx
    .updateTable('publications')
    .set({ worked_until_at: untilAt })
    .where('id', '=', row.id)
    .execute()
  return row
}

/** Gives a publication back: from `from` on any process may take it. */
export async function giveBack(
  executor: Executor,
  publicationId: PublicationId,
  from: Instant,
): Promise<void> {
  await executor
    .updateTable('publications')
    .set({ worked_until_at: from })
    .where('id', '=', publicationId)
    .where('state', '=', 'running')
    .execute()
}

/** Leads under way in other versions of a cadence, by their ids, after `after`. */
export async function leadsUnderWay(
  executor: Executor,
  page: {
    readonly cadence: string
    readonly besides: CadenceVersionId
    readonly after: LeadId | null
    readonly limit: number
  },
): Promise<LeadId[]> {
  const rows = await underWay(executor, page)
    .select('episodes.lead_id')
    .$if(page.after !== null, (some) => some.where('episodes.lead_id', '>', page.after))
    .orderBy('episodes.lead_id')
    .limit(page.limit)
    .execute()
  return rows.map(({ lead_id }) => lead_id)
}

/** How many leads are under way in other versions of a cadence. */
export async function countUnderWay(
  executor: Executor,
  besides: { readonly cadence: string; readonly besides: CadenceVersionId },
): Promise<number> {
  const row = await underWay(executor, besides)
    .select((on) => on.fn.countAll<number>().as('leads'))
    .executeTakeFirstOrThrow()
  return Number(row.leads)
}

function underWay(
  executor: Executor,
  { cadence, besides }: { readonly cadence: string; readonly besides: CadenceVersionId },
) {
  return executor
    .selectFrom('episodes')
    .innerJoin('leads', (on) =>
      on.onRef('leads.id', '=', 'episodes.lead_id').onRef('leads.episode_id', '=', 'episodes.id'),
    )
    .where('episodes.cadence_name', '=', cadence)
    .where('episodes.ended_at', 'is', null)
    .where('episodes.cadence_version_id', '!=', besides)
    .where('leads.status', '=', 'nurturing')
}

/**
 * Counts a lead that was dealt with, in the transaction that did: however often a crash repeats
 * it, no lead is counted twice. False when the publication runs no more.
 */
export async function stepOn(
  trx: Executor,
  publicationId: PublicationId,
  leadId: LeadId,
  count: { readonly moved: number; readonly ended: number; readonly failed: number },
): Promise<boolean> {
  const done = await trx
    .updateTable('publications')
    .set({
      cursor: leadId,
      moved: sql<number>`moved + ${count.moved}`,
      ended: sql<number>`ended + ${count.ended}`,
      failed: sql<number>`failed + ${count.failed}`,
    })
    .where('id', '=', publicationId)
    .where('state', '=', 'running')
    .executeTakeFirst()
  return done.numUpdatedRows > 0n
}
