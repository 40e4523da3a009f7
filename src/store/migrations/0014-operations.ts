import { type Kysely, sql } from 'kysely'

/**
 * Bulk runs with what they passed over, the queue of cadences, segments, how a hold was resumed,
 * and the minutes that late messages were given.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const STATEMENTS = [
  `create table bulk_runs (
    id text primary key,
    work jsonb not null, whom jsonb not null, pace jsonb not null,
    because text not null, by text not null,
    state text not null check (state in ('running','paused','cancelled','done')),
    total integer not null, done integer not null default 0, passed integer not null default 0,
    cursor text, batch_left integer not null default 0, next_batch_at bigint,
    revision integer not null default 1, heard_revision integer not null default 0,
    back_by_at bigint,
    created_at bigint not null, updated_at bigint not null, finished_at bigint
  )`,
  `create index bulk_runs_open on bulk_runs (created_at)
    where finished_at is null or heard_revision < revision`,
  `create table bulk_passed (
    bulk_id text not null references bulk_runs (id),
    lead_id text not null references leads (id),
    code text not null, because text not null, at bigint not null,
    primary key (bulk_id, lead_id)
  )`,
  `create table queued_enrollments (
    id text primary key,
    lead_id text not null references leads (id),
    cadence_name text not null, priority integer not null,
    begun_by text not null, by text not null,
    queued_at bigint not null,
    closed_at bigint, outcome text check (outcome in ('started','cancelled')), because text,
    closed_by text
  )`,
  `create unique index queued_once on queued_enrollments (lead_id, cadence_name)
    where closed_at is null`,
  `create index queued_by_lead on queued_enrollments (lead_id)`,
  `create table segments (
    name text primary key, title text not null, definition jsonb not null,
    created_at bigint not null, updated_at bigint not null, updated_by text not null
  )`,
  `create table late_minutes (
    key text not null, minute bigint not null, taken integer not null,
    primary key (key, minute)
  )`,
  `alter table holds add column resume_mode text`,
  `alter table episodes add column release_at bigint`,
]
