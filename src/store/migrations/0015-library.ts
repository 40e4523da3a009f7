import { type Kysely, sql } from 'kysely'

/** In which language a lead reads. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const STATEMENTS = [`alter table leads add column language text`]
