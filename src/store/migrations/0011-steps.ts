import { type Kysely, sql } from 'kysely'

/** What steps came to, points given, and endpoints of other systems with what they are told. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const STATEMENTS = [
  `create table step_results (
    episode_id text not null references episodes (id),
    step_id text not null, visit integer not null,
    lead_id text not null references leads (id),
    kind text not null, outcome text not null, arm text, goes_to text,
    because text not null, at bigint not null,
    primary key (episode_id, step_id, visit)
  )`,
  `create index step_results_by_lead on step_results (lead_id, at)`,
  `create table score_changes (
    id text primary key,
    lead_id text not null references leads (id),
    points integer not null, because text not null, by text not null, at bigint not null
  )`,
  `create index score_changes_by_lead on score_changes (lead_id, at)`,
  `create table webhooks (
    name text primary key,
    url text not null, secret text not null,
    contact_data boolean not null default false,
    created_at bigint not null, created_by text not null,
    updated_at bigint not null, removed_at bigint
  )`,
  `create table webhook_deliveries (
    id text primary key,
    webhook text not null references webhooks (name),
    lead_id text not null references leads (id),
    episode_id text not null, step_id text not null, visit integer not null,
    state text not null check (state in ('due','delivered','failed','caught','dropped')),
    attempts integer not null default 0,
    due_at bigint not null, created_at bigint not null, settled_at bigint,
    happened_at bigint not null,
    status integer, because text
  )`,
  `create index webhook_deliveries_due on webhook_deliveries (due_at) where state = 'due'`,
  `create index webhook_deliveries_by_webhook on webhook_deliveries (webhook, created_at)`,
  `alter table leads add column awaits jsonb`,
  `alter table episodes add column from_seq bigint not null default 0`,
  `alter table episodes add column anchor_seq bigint not null default 0`,
]
