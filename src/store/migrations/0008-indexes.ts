import { type Kysely, sql } from 'kysely'

/** What lists, counts and the keepers' turns ask for, at a hundred thousand leads and more. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const STATEMENTS = [
  `create index leads_newest on leads (created_at desc, id desc)`,
  `create index leads_unplanned on leads (updated_at) where next_kind = 'unplanned'`,
  `create index leads_without_next on leads (status) where next_at is null`,
  `create index tasks_by_lead on tasks (lead_id)`,
  `create index holds_open_by_lead on holds (lead_id) where lifted_at is null`,
  `create index visitors_unknown on visitors (last_seen_at) where lead_id is null`,
]
