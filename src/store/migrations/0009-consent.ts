import { type Kysely, sql } from 'kysely'

/**
 * Disclosures and what sources attest, the evidence of consents, do-not-call lists, and when a
 * suppression took effect.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const STATEMENTS = [
  `create table disclosures (
    id text not null, version integer not null, channel text not null, text text not null,
    since_at bigint not null, created_at bigint not null, created_by text not null,
    primary key (id, version)
  )`,
  `create table attestations (
    id text primary key, source text not null, channel text not null, basis text not null,
    disclosure text not null, from_at bigint not null, until_at bigint,
    because text not null, by text not null, created_at bigint not null,
    withdrawn_at bigint, withdrawn_by text
  )`,
  `create index attestations_by_source on attestations (source) where withdrawn_at is null`,
  `alter table consents add column url text`,
  `alter table consents add column proof text`,
  `alter table suppressions add column effective_at bigint`,
  `create index suppressions_by_time on suppressions (at)`,
  `create table dnc_numbers (contact_hash text primary key, list_id text not null)`,
  `create index dnc_numbers_by_list on dnc_numbers (list_id)`,
  `create table dnc_lists (
    id text primary key, as_of bigint not null, area_codes jsonb not null default '[]',
    numbers bigint not null default 0, imported_by text not null,
    created_at bigint not null, finished_at bigint
  )`,
]
