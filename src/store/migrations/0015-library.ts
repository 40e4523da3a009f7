import { type Kysely, sql } from 'kysely'

/** In which language a lead reads; which messages asked why. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const STATEMENTS = [
  `alter table leads add column language text`,
  `create index tokens_why on tokens (touch_id) where purpose = 'why'`,
]
