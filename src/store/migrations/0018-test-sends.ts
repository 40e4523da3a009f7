import { type Kysely, sql } from 'kysely'

/** Messages that somebody sends to themselves, to see them arrive. Forwards only. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const STATEMENTS = [
  `create table test_sends (
    id text primary key,
    cadence text not null, step_id text not null, channel text not null,
    recipient text not null, contact_hash text not null,
    subject text, text text not null, html text,
    asked_by text not null,
    state text not null check (state in ('due','sending','sent','failed','uncertain')),
    created_at bigint not null, begun_at bigint, settled_at bigint, because text
  )`,
  `create index test_sends_open on test_sends (created_at) where state in ('due','sending')`,
  `create index test_sends_by_age on test_sends (created_at)`,
]
