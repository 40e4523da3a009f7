import { type Kysely, sql } from 'kysely'

/** How answers were understood, and who is waited for. Forwards only. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const STATEMENTS = [
  `create table reply_verdicts (
    id text primary key,
    lead_id text not null references leads (id),
    signal_id text not null references signals (id),
    made_by text not null,
    intent text not null, detail text, words text,
    confidence double precision not null,
    rule text not null, rules_version text not null,
    facts jsonb, effect jsonb not null, did jsonb not null,
    created_at bigint not null, asked_at bigint, until_at bigint,
    undone_at bigint, undone_by text, undone_because text
  )`,
  `create index reply_verdicts_by_lead on reply_verdicts (lead_id, created_at)`,
  `create index reply_verdicts_by_signal on reply_verdicts (signal_id)`,
  `create index reply_verdicts_by_intent on reply_verdicts (intent, created_at)`,
  `alter table leads add column watch_since bigint, add column watch_step integer`,
  // Who talked with a lead before there was a watch is asked from now on, by the next look.
  `update leads set watch_step = 0 where status = 'engaged'`,
]
