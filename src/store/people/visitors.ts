import type { Selectable } from 'kysely'
import type { LeadId, VisitorId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import type { VisitorsTable, VisitsTable } from '../schema.ts'

export type VisitorRow = Selectable<VisitorsTable>
export type VisitRow = Selectable<VisitsTable>

/** Notes that a visitor was seen, and answers what is known of it. Its row is held. */
export async function seeVisitor(
  trx: Executor,
  visitorId: VisitorId,
  at: Instant,
): Promise<VisitorRow> {
  return trx
    .insertInto('visitors')
    .values({
      id: visitorId,
      lead_id: null,
      first_seen_at: at,
      last_seen_at: at,
      linked_at: null,
      linked_by: null,
    })
    .onConflict((on) => on.column('id').doUpdateSet({ last_seen_at: at }))
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** The lead that a visitor is known to be; null when it is unknown. */
export async function leadOfVisitor(
  executor: Executor,
  visitorId: VisitorId,
): Promise<LeadId | null> {
  const row = await executor
    .selectFrom('visitors')
    .select('lead_id')
    .where('id', '=', visitorId)
    .executeTakeFirst()
  return row?.lead_id ?? null
}

/** A visitor turns out to be this lead, by a token, a form or our customer's own server. */
export async function linkVisitor(
  trx: Executor,
  visitorId: VisitorId,
  leadId: LeadId,
  by: 'token' | 'form' | 'identify',
  at: Instant,
): Promise<void> {
  await seeVisitor(trx, visitorId, at)
  await trx
    .updateTable('visitors')
    .set({ lead_id: leadId, linked_at: at, linked_by: by })
    .where('id', '=', visitorId)
    .execute()
}

/** The visitor's last session; null when there was none. */
export async function lastVisit(trx: Executor, visitorId: VisitorId): Promise<VisitRow | null> {
  const row = await trx
    .selectFrom('visits')
    .selectAll()
    .where('visitor_id', '=', visitorId)
    .orderBy('last_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row ?? null
}

/** Begins a session of a visitor. */
export async function addVisit(trx: Executor, visit: VisitRow): Promise<void> {
  await trx.insertInto('visits').values(visit).execute()
}

/** Notes one more page, or a first action, in a session. */
export async function continueVisit(
  trx: Executor,
  visit: VisitRow,
  more: { page: boolean; interacted: boolean; leadId: LeadId | null; at: Instant },
): Promise<void> {
  await trx
    .updateTable('visits')
    .set({
      pages: visit.pages + (more.page ? 1 : 0),
      interacted: visit.interacted || more.interacted,
      lead_id: more.leadId,
      last_at: more.at,
    })
    .where('visitor_id', '=', visit.visitor_id)
    .where('session_id', '=', visit.session_id)
    .execute()
}

/** As many in one turn, so that nobody who is there waits for it. */
const MOST_FORGOTTEN = 500

/** Forgets visitors that were never known and were not seen since `before`; answers how many. */
export async function forgetStrangers(trx: Executor, before: Instant): Promise<number> {
  const strangers = await trx
    .selectFrom('visitors')
    .select('id')
    .where('lead_id', 'is', null)
    .where('last_seen_at', '<', before)
    .orderBy('last_seen_at')
    .limit(MOST_FORGOTTEN)
    .forUpdate()
    .skipLocked()
    .execute()
  const ids = strangers.map(({ id }) => id)
  if (ids.length === 0) return 0
  await trx.deleteFrom('visits').where('visitor_id', 'in', ids).execute()
  await trx.deleteFrom('visitors').where('id', 'in', ids).execute()
  return ids.length
}
