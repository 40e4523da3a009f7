import { type Kysely, sql } from 'kysely'
import { StoreError } from './errors.ts'
import type { Executor } from './executor.ts'
import { migrations as shipped } from './migrations/index.ts'
import type { Store } from './store.ts'

/** One step of the schema, forwards only: what went out is corrected by the next step. */
export interface Migration {
  up(db: Kysely<unknown>): Promise<void>
}

export type Migrations = Readonly<Record<string, Migration>>

export interface MigrationStatus {
  readonly applied: readonly string[]
  /** Known to this program, not to the database. */
  readonly pending: readonly string[]
  /** Known to the database, not to this program: a newer version has been here. */
  readonly unknown: readonly string[]
}

/** A rewrite of a large table may take its time; other migrators wait as long for their turn. */
const MIGRATION_TIMEOUT_MS = 60 * 60_000
/** Any constant serves, so long as it is ours. */
const MIGRATION_LOCK = 7_364_512_001

/**
 * Applies what is pending, all of it or nothing, and answers the names applied. Processes that
 * migrate at once take turns; the later ones find nothing left to do. On Postgres, statement
 * time-outs do not hold here.
 * @throws StoreError `database_newer`
 */
export async function migrate(store: Store, migrations: Migrations = shipped): Promise<string[]> {
  return store.transaction(
    async (trx) => {
      await sql`set local statement_timeout = 0`.execute(trx)
      await sql`set local idle_in_transaction_session_timeout = 0`.execute(trx)
      await sql`select pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`.execute(trx)
      await sql`create table if not exists schema_migrations (
        name text primary key,
        applied_at bigint not null
      )`.execute(trx)
      const { pending } = refuseNewer(await statusOf(trx, migrations))
      for (const name of pending) await apply(trx, name, migrations)
      return [...pending]
    },
    { timeoutMs: MIGRATION_TIMEOUT_MS },
  )
}

/** What the database and this program know of each other's migrations. */
export async function migrationStatus(
  store: Store,
  migrations: Migrations = shipped,
): Promise<MigrationStatus> {
  const { rows } = await sql<{ present: boolean }>`
    select to_regclass('schema_migrations') is not null as present`.execute(store.db)
  if (!rows[0]?.present) return { applied: [], pending: namesOf(migrations), unknown: [] }
  return statusOf(store.db, migrations)
}

/**
 * Makes sure that this program fits the database, before it writes a row.
 * @throws StoreError `database_newer`, `database_not_migrated`
 */
export async function assertMigrated(
  store: Store,
  migrations: Migrations = shipped,
): Promise<void> {
  const { pending } = refuseNewer(await migrationStatus(store, migrations))
  if (pending.length === 0) return
  throw new StoreError(
    'database_not_migrated',
    `The database lacks ${pending.length} migrations, from ${pending[0]} on.`,
    'Run `rekindle migrate`.',
  )
}

async function apply(trx: Executor, name: string, migrations: Migrations): Promise<void> {
  // A migration knows the tables of its own time, not those of `Database`.
  await migrations[name]?.up(trx as unknown as Kysely<unknown>)
  await sql`insert into schema_migrations (name, applied_at)
    values (${name}, (extract(epoch from clock_timestamp()) * 1000)::bigint)`.execute(trx)
}

async function statusOf(executor: Executor, migrations: Migrations): Promise<MigrationStatus> {
  const { rows } = await sql<{ name: string }>`
    select name from schema_migrations order by name`.execute(executor)
  const applied = rows.map((row) => row.name)
  const known = namesOf(migrations)
  return {
    applied,
    pending: known.filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !known.includes(name)),
  }
}

function namesOf(migrations: Migrations): string[] {
  return Object.keys(migrations).sort()
}

function refuseNewer(status: MigrationStatus): MigrationStatus {
  const newest = status.unknown.at(-1)
  if (newest === undefined) return status
  throw new StoreError(
    'database_newer',
    `The database was migrated by a newer version of Rekindle (${newest} is unknown here).`,
    'Start the newer version; the data was not touched.',
  )
}
