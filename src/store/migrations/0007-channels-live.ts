import { type Kysely, sql } from 'kysely'

/** A step that failed after it had left is due again, at the time at which it was due. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const STATEMENTS = [`alter table episodes add column due_at bigint`]
