import { type Selectable, sql } from 'kysely'
import type { LeadId } from '../../domain/ids.ts'
import type { LineType } from '../../domain/line-types.ts'
import { DAY_MS, type Instant, plus } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import type { PhoneLookupsTable } from '../schema.ts'

export type PhoneLookupRow = Selectable<PhoneLookupsTable>

/** People take their numbers along to other lines, but seldom. */
const KNOWN_FOR_MS = 180 * DAY_MS
/** Nobody could say: a later form of the same person is worth another question. */
const UNKNOWN_FOR_MS = 7 * DAY_MS

/** Wants to know what kind of line these numbers are, unless that was asked lately. */
export async function wantLookups(
  trx: Executor,
  hashes: readonly string[],
  at: Instant,
): Promise<void> {
  if (hashes.length === 0) return
  const fresh = { state: 'due', requested_at: at, due_at: at, answered_at: null } as const
  await trx
    .insertInto('phone_lookups')
    .values(
      hashes.map((contact_hash) => ({ ...fresh, contact_hash, line_type: null, because: null })),
    )
    .onConflict((on) =>
      on
        .column('contact_hash')
        .doUpdateSet({ ...fresh, attempts: 0 })
        .where((row) =>
          row.or([
            row.and([
              row('phone_lookups.state', '=', 'known'),
              row('phone_lookups.answered_at', '<', plus(at, -KNOWN_FOR_MS)),
            ]),
            row.and([
              row('phone_lookups.state', '=', 'unknown'),
              row('phone_lookups.answered_at', '<', plus(at, -UNKNOWN_FOR_MS)),
            ]),
          ]),
        ),
    )
    .execute()
}

export interface DueLookup {
  readonly hash: string
  readonly attempts: number
  /** The number itself; null when no lead has it any more. */
  readonly number: string | null
}

/** Takes questions that are due: nobody else asks them before `untilAt`. */
export async function takeDueLookups(
  trx: Executor,
  { now, untilAt, limit }: { now: Instant; untilAt: Instant; limit: number },
): Promise<DueLookup[]> {
  const { rows } = await sql<DueLookup>`
    update phone_lookups set due_at = ${untilAt}, attempts = attempts + 1
    where contact_hash in (
      select contact_hash from phone_lookups where state = 'due' and due_at <= ${now}
      order by due_at, contact_hash limit ${limit} for update skip locked
    )
    returning contact_hash as hash, attempts, (
      select value from contact_points p
      where p.hash = phone_lookups.contact_hash and p.current limit 1
    ) as number`.execute(trx)
  return rows
}

/** Keeps what was answered, or that nobody could say. */
export async function settleLookup(
  trx: Executor,
  hash: string,
  answer:
    | { readonly state: 'known'; readonly type: LineType; readonly at: Instant }
    | { readonly state: 'unknown'; readonly because: string; readonly at: Instant }
    | { readonly state: 'due'; readonly because: string; readonly dueAt: Instant },
): Promise<void> {
  await trx
    .updateTable('phone_lookups')
    .set({
      state: answer.state,
      because: answer.state === 'known' ? null : answer.because,
      ...(answer.state === 'known' && { line_type: answer.type }),
      ...(answer.state === 'due' ? { due_at: answer.dueAt } : { answered_at: answer.at }),
    })
    .where('contact_hash', '=', hash)
    .execute()
}

/** What is known of a number's line; null when it was never asked. */
export async function lookupOf(executor: Executor, hash: string): Promise<PhoneLookupRow | null> {
  const row = await executor
    .selectFrom('phone_lookups')
    .selectAll()
    .where('contact_hash', '=', hash)
    .executeTakeFirst()
  return row ?? null
}

/** The leads that are reached by a number, and that something may be planned for. */
export async function leadsToTell(executor: Executor, hash: string): Promise<LeadId[]> {
  const rows = await executor
    .selectFrom('contact_points')
    .innerJoin('leads', 'leads.id', 'contact_points.lead_id')
    .select('lead_id')
    .distinct()
    .where('hash', '=', hash)
    .where('current', '=', true)
    .where((on) => on.or([on('status', '=', 'nurturing'), on('open_messages', '>', 0)]))
    .orderBy('lead_id')
    .execute()
  return rows.map(({ lead_id }) => lead_id)
}
