import { type Kysely, sql } from 'kysely'

/**
 * What caps count: calls that a cadence's step asked for. And the emergency stops, which are few
 * rows among the holds of everybody.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const STATEMENTS = [
  `alter table tasks add column episode_id text references episodes (id)`,
  `create index tasks_done_calls on tasks (lead_id, done_at)
    where done_at is not null and kind in ('call','voicemail')`,
  `create index holds_emergency on holds (id) where scope = 'emergency' and lifted_at is null`,
]
