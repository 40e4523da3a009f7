import { type Selectable, sql } from 'kysely'
import { id, type LeadId } from '../../domain/ids.ts'
import type { Offering } from '../../domain/offerings.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import { json } from '../json.ts'
import type { OfferingMatchesTable, OfferingsTable } from '../schema.ts'

export type OfferingRow = Selectable<OfferingsTable>
export type OfferingMatchRow = Selectable<OfferingMatchesTable>

/** How many leads an offering was found for, and how far they are. */
export interface MatchCounts {
  readonly waiting: number
  readonly told: number
  readonly passed: number
}

export type CountedOffering = OfferingRow & { readonly leads: MatchCounts }

/** The catalogue by name; with what was withdrawn, when all is asked for. */
export async function allOfferings(executor: Executor, all = false): Promise<CountedOffering[]> {
  const rows = await executor
    .selectFrom('offerings')
    .selectAll()
    .$if(!all, (query) => query.where('retired_at', 'is', null))
    .orderBy('name')
    .execute()
  const counts = await executor
    .selectFrom('offering_matches')
    .select(['offering_id', 'state', ({ fn }) => fn.countAll<number>().as('leads')])
    .groupBy(['offering_id', 'state'])
    .execute()
  return rows.map((row) => {
    const own = counts.filter(({ offering_id }) => offering_id === row.id)
    const of = (state: OfferingMatchRow['state']) =>
      Number(own.find((each) => each.state === state)?.leads ?? 0)
    return { ...row, leads: { waiting: of('waiting'), told: of('told'), passed: of('passed') } }
  })
}

/** The offering of this id, withdrawn or not; null when there is none. */
export async function findOffering(executor: Executor, id: string): Promise<OfferingRow | null> {
  const row = await executor
    .selectFrom('offerings')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst()
  return row ?? null
}

/** The offering of this name that is not withdrawn, whatever its case. */
export async function offeringNamed(executor: Executor, name: string): Promise<OfferingRow | null> {
  const row = await executor
    .selectFrom('offerings')
    .selectAll()
    .where(sql`lower(name)`, '=', name.toLowerCase())
    .where('retired_at', 'is', null)
    .executeTakeFirst()
  return row ?? null
}

/** Keeps an offering as given; its matches are another matter. */
export async function saveOffering(
  trx: Executor,
  offering: Offering & {
    readonly id: string
    readonly description: string | null
    readonly by: string
    readonly at: Instant
  },
): Promise<void> {
  const { id, name, description, by, at } = offering
  const columns = {
    name,
    description,
    tags: json([...offering.tags]),
    words: json([...offering.words]),
    updated_at: at,
  }
  await trx
    .insertInto('offerings')
    .values({ ...columns, id, created_at: at, created_by: by, retired_at: null })
    .onConflict((on) => on.column('id').doUpdateSet(columns))
    .execute()
}

/** Leads that were lost for want of an offering, in the order of their ids, page by page. */
export function unmetWishes(executor: Executor, after: LeadId | null, limit: number) {
  return executor
    .selectFrom('leads')
    .select(['id', 'dead_details', 'tags'])
    .where('status', '=', 'dead')
    .where('dead_reason', '=', 'no_matching_offering')
    .$if(after !== null, (query) => query.where('id', '>', after ?? id<LeadId>('')))
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** Writes down for whom an offering is; who was found for it before stays as it is. */
export async function addMatches(
  trx: Executor,
  offeringId: string,
  matches: readonly { readonly leadId: LeadId; readonly because: string }[],
  at: Instant,
): Promise<void> {
  if (matches.length === 0) return
  await trx
    .insertInto('offering_matches')
    .values(
      matches.map(({ leadId, because }) => ({
        offering_id: offeringId,
        lead_id: leadId,
        state: 'waiting' as const,
        because,
        found_at: at,
        told_at: null,
      })),
    )
    .onConflict((on) => on.columns(['offering_id', 'lead_id']).doNothing())
    .execute()
}

/** Takes some of those who wait to be told, the first found first; nobody else takes them. */
export async function takeWaiting(trx: Executor, limit: number): Promise<OfferingMatchRow[]> {
  return await trx
    .selectFrom('offering_matches')
    .selectAll()
    .where('state', '=', 'waiting')
    .orderBy('found_at')
    .orderBy('lead_id')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute()
}

/** Keeps whether a lead was told of an offering, and why. */
export async function settleMatch(
  trx: Executor,
  { offering_id, lead_id }: Pick<OfferingMatchRow, 'offering_id' | 'lead_id'>,
  settled: { readonly state: 'told' | 'passed'; readonly because: string; readonly at: Instant },
): Promise<void> {
  await trx
    .updateTable('offering_matches')
    .set({ state: settled.state, because: settled.because, told_at: settled.at })
    .where('offering_id', '=', offering_id)
    .where('lead_id', '=', lead_id)
    .execute()
}

/** Withdraws an offering; who was not told of it yet is not told any more. */
export async function retire(trx: Executor, id: string, at: Instant): Promise<void> {
  await trx.updateTable('offerings').set({ retired_at: at }).where('id', '=', id).execute()
  await trx
    .updateTable('offering_matches')
    .set({ state: 'passed', because: 'the offering was withdrawn', told_at: at })
    .where('offering_id', '=', id)
    .where('state', '=', 'waiting')
    .execute()
}
