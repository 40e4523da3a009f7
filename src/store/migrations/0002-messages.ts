import { type Kysely, sql } from 'kysely'

/**
 * Messages outside a cadence: one row each, and touches that belong to one of them instead of a
 * step of an episode.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const STATEMENTS = [
  `create table messages (
    id text primary key,
    lead_id text not null references leads (id),
    class text not null check (class in ('required','conversation','transactional')),
    channel text not null check (channel in ('email','sms')),
    contact_hash text not null,
    answer text check (answer in ('stop','start','help')),
    subject text, text text,
    by text not null, in_reply_to text,
    requested_at bigint not null, valid_ms bigint,
    seen_at bigint, not_after bigint,
    closed_at bigint, outcome text, because text,
    check ((class = 'required') = (answer is not null)),
    check ((closed_at is null) = (outcome is null))
  )`,
  `create index messages_by_lead on messages (lead_id, requested_at)`,
  `alter table leads add column open_messages integer not null default 0`,
  `alter table touches add column written_id text references messages (id)`,
  `alter table touches alter column episode_id drop not null`,
  `alter table touches alter column step_id drop not null`,
  `alter table touches add constraint touches_of_step_or_message check (
    (written_id is null) = (episode_id is not null) and
    (written_id is null) = (step_id is not null)
  )`,
  `create unique index touches_by_written on touches (written_id, attempt)
    where written_id is not null`,
]
