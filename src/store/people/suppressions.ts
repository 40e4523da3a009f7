import { sql } from 'kysely'
import type { Channel } from '../../domain/policy/types.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import { newId } from '../new-id.ts'

/** The store's own clock, for the record of when something took effect; no decision reads it. */
export const storeClock = sql<Instant>`(extract(epoch from clock_timestamp()) * 1000)::bigint`

/** One line of a list of people not to contact. */
export interface ListedStop {
  readonly hash: string
  readonly channel: Channel | 'all'
  readonly how: string
  readonly at: Instant
  /** The list itself tells when; else it is the time of the import. */
  readonly dated: boolean
}

/**
 * Adds what is not suppressed by a list already, and takes back what is intended for it; answers
 * the lines that were new. A line dated after the last stop of its channel is news too: whoever
 * was let back has asked to stop again.
 */
export async function addListedStops(
  trx: Executor,
  stops: readonly ListedStop[],
): Promise<ListedStop[]> {
  const { rows } = await sql<{ hash: string; channel: Channel | 'all' }>`
    insert into suppressions (id, contact_hash, channel, cause, how, at, effective_at)
    select l.id, l.hash, l.channel, 'import', l.how, l.at, ${storeClock}
    from unnest(
      ${stops.map(() => newId('suppression'))}::text[], ${stops.map(({ hash }) => hash)}::text[],
      ${stops.map(({ channel }) => channel)}::text[], ${stops.map(({ how }) => how)}::text[],
      ${stops.map(({ at }) => at)}::bigint[], ${stops.map(({ dated }) => dated)}::boolean[]
    ) as l(id, hash, channel, how, at, dated)
    where not exists (
      select from suppressions s
      where s.contact_hash = l.hash and s.channel in (l.channel, 'all')
        and (not l.dated or s.at >= l.at)
        and (s.cause = 'import' or s.at >= l.at)
    )
    returning contact_hash as hash, channel`.execute(trx)
  const added = new Set(rows.map(({ hash, channel }) => `${channel} ${hash}`))
  const news = stops.filter(({ hash, channel }) => added.has(`${channel} ${hash}`))
  if (news.length === 0) return []
  await trx
    .updateTable('touches')
    .set({ state: 'abandoned', because: 'taken back: the person is on a list of stops' })
    .where(sql<boolean>`contact_hash = any(${news.map(({ hash }) => hash)}::text[])`)
    .where('state', '=', 'intent')
    .where('class', '!=', 'required')
    .execute()
  return news
}

export interface ExportedSuppression {
  readonly id: string
  readonly hash: string
  readonly channel: Channel | 'all'
  readonly cause: string
  readonly how: string
  readonly at: Instant
  /** Only where a lead that has the contact point is on file. */
  readonly kind: 'email' | 'phone' | null
  readonly value: string | null
}

/** The next suppressions in the order of their ids. */
export async function suppressionPage(
  executor: Executor,
  after: string,
  limit: number,
): Promise<ExportedSuppression[]> {
  const { rows } = await sql<ExportedSuppression>`
    select s.id, s.contact_hash as hash, s.channel, s.cause, s.how, s.at, p.kind, p.value
    from (select * from suppressions where id > ${after} order by id limit ${sql.lit(limit)}) s
    left join lateral (
      select kind, value from contact_points c where c.hash = s.contact_hash limit 1
    ) p on true
    order by s.id`.execute(executor)
  return rows
}

/** How many contact points are suppressed, by channel and cause. */
export function suppressionCounts(executor: Executor) {
  return executor
    .selectFrom('suppressions')
    .select(({ fn }) => [
      'channel',
      'cause',
      fn.count<number>('contact_hash').distinct().as('contactPoints'),
    ])
    .groupBy(['channel', 'cause'])
    .orderBy('channel')
    .orderBy('cause')
    .execute()
}
