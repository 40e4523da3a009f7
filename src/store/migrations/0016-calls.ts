import { type Kysely, sql } from 'kysely'

/** Calls that were made, one row each, and how long a provider was given to deliver a text. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const STATEMENTS = [
  `create table calls (
    id text primary key,
    lead_id text not null references leads (id),
    contact_hash text, task_id text references tasks (id), episode_id text,
    at bigint not null, by text not null
  )`,
  `create index calls_by_lead on calls (lead_id, at)`,
  `create index calls_by_contact on calls (contact_hash, at) where contact_hash is not null`,
  `insert into calls (id, lead_id, contact_hash, task_id, episode_id, at, by)
    select 'call_of_' || t.id, t.lead_id,
      (select p.hash from contact_points p
        where p.lead_id = t.lead_id and p.kind = 'phone' and p.current),
      t.id, t.episode_id, t.done_at, coalesce(t.done_by, 'unknown')
    from tasks t
    where t.kind in ('call','voicemail') and t.done_at is not null
      and t.done_by <> 'erasure' and t.done_by not like 'nobody%'`,
  `drop index tasks_done_calls`,
  `alter table touches add column valid_for_ms bigint`,
]
