import { type Kysely, sql } from 'kysely'

/** What cadences may ask for: throttles, fallbacks; and the catalogue of what a company offers. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const STATEMENTS = [
  `alter table episodes add column closed_channel text check (closed_channel in ('email','sms'))`,
  `alter table touches add column cadence text`,
  `alter table touches add column opens boolean not null default false`,
  `update touches set cadence = episodes.cadence_name
    from episodes where episodes.id = touches.episode_id`,
  `create index touches_of_cadence on touches (cadence, intent_at) where cadence is not null`,
  `create table offerings (
    id text primary key,
    name text not null, description text,
    tags jsonb not null default '[]', words jsonb not null default '[]',
    created_at bigint not null, created_by text not null,
    updated_at bigint not null, retired_at bigint
  )`,
  `create unique index offerings_by_name on offerings (lower(name)) where retired_at is null`,
  `create table offering_matches (
    offering_id text not null references offerings (id),
    lead_id text not null references leads (id),
    state text not null check (state in ('waiting','told','passed')),
    because text not null,
    found_at bigint not null, told_at bigint,
    primary key (offering_id, lead_id)
  )`,
  `create index offering_matches_waiting on offering_matches (found_at) where state = 'waiting'`,
]
