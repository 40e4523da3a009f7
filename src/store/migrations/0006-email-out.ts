import { type Kysely, sql } from 'kysely'

/** Who sent an email and how many on a day, topics left, and what became of a message's links. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const STATEMENTS = [
  `alter table touches
    add column sender text, add column opened_at bigint, add column scanned_at bigint`,
  `create table sender_days (
    sender text not null, day integer not null, taken integer not null,
    primary key (sender, day)
  )`,
  `create table topic_opt_outs (
    contact_hash text not null, topic text not null, at bigint not null,
    primary key (contact_hash, topic)
  )`,
  `alter table tokens add column last_hit_at bigint`,
  `create index tokens_by_touch on tokens (touch_id) where purpose = 'redirect'`,
]
