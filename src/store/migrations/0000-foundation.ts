import { type Kysely, sql } from 'kysely'

/** Which hash keys this database's contact hashes were made with (`hash-key.ts`). */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table hash_keys (
    id text primary key,
    check_value text not null,
    current boolean not null,
    created_at bigint not null
  )`.execute(db)
  await sql`create unique index hash_keys_one_current on hash_keys (current) where current`.execute(
    db,
  )
}
