import { type Kysely, sql } from 'kysely'

/**
 * Channels for real: a step that failed after it had left is due again; what is known of a
 * number's line; how far texts were fetched; notices to people.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const STATEMENTS = [`alter table episodes add column due_at bigint`]
