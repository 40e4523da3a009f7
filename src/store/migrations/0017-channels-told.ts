import { type Kysely, sql } from 'kysely'

/**
 * What kind of line a number is, a sender's rate over all processes, what a webhook brought before,
 * why an email comes from somebody else than it should, and notices that are told once. Forwards
 * only.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const STATEMENTS = [
  `create table phone_lookups (
    contact_hash text primary key,
    state text not null check (state in ('due','known','unknown')),
    line_type text, attempts integer not null default 0,
    requested_at bigint not null, due_at bigint not null, answered_at bigint, because text
  )`,
  `create index phone_lookups_due on phone_lookups (due_at) where state = 'due'`,
  `create table sender_turns (sender text primary key, next_at bigint not null)`,
  `create table receipts (id text primary key, first_at bigint not null, note text)`,
  `create index receipts_by_age on receipts (first_at)`,
  `alter table touches add column sender_because text`,
  `alter table notices drop constraint notices_kind_check`,
  `alter table notices add constraint notices_kind_check
    check (kind in ('reply','task','alert','mail'))`,
  `alter table notices drop constraint notices_state_check`,
  `alter table notices add constraint notices_state_check
    check (state in ('due','sending','sent','failed','uncertain'))`,
]
