import { type Kysely, sql } from 'kysely'

/** Mail that came in, and how far each mailbox was read. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const STATEMENTS = [
  `create table inbound_mail (
    id text primary key, event_id text not null unique, via text not null, kind text not null,
    state text not null check (state in ('acted','recorded','kept','assigned','dismissed')),
    because text not null,
    lead_id text, touch_id text, contact_hash text,
    from_address text, subject text, text text,
    received_at bigint not null, handled_at bigint, handled_by text
  )`,
  `create index inbound_mail_kept on inbound_mail (received_at, id) where state = 'kept'`,
  `create index inbound_mail_by_contact on inbound_mail (contact_hash, received_at)`,
  `create index inbound_mail_by_lead on inbound_mail (lead_id)`,
  `create table mailboxes (
    name text primary key, uid_validity text not null, last_uid bigint not null,
    reader text, reader_until bigint
  )`,
]
