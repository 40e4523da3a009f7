import { type Kysely, sql } from 'kysely'

/** Notices to people: one row each, sent again until it is taken. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const STATEMENTS = [
  `create table notices (
    id text primary key,
    kind text not null check (kind in ('reply','task','alert')),
    subject_id text not null,
    way text not null check (way in ('owner','email','webhook')),
    lead_id text references leads (id),
    state text not null check (state in ('due','sent','failed')),
    attempts integer not null default 0,
    due_at bigint not null, created_at bigint not null, settled_at bigint, because text,
    unique (kind, subject_id, way)
  )`,
  `create index notices_due on notices (due_at) where state = 'due'`,
]
