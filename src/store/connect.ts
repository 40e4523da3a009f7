import { PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { takeOwnerLock } from './engine/owner-lock.ts'
import { openPglite } from './engine/pglite.ts'
import { pgliteDialect } from './engine/pglite-dialect.ts'
import { PreparingClient } from './engine/preparing-client.ts'
import { parserOf } from './engine/type-parsers.ts'
import { StoreError } from './errors.ts'
import { type Store, storeOn } from './store.ts'

export type { Store } from './store.ts'

/** Where the rows live: a Postgres server, PGlite in a data folder, or PGlite in memory. */
export type StoreLocation =
  | { readonly databaseUrl: string }
  | { readonly dataDir: string }
  | {
      readonly memory: true
      /** A dump of another PGlite to start from. */
      readonly from?: Blob
    }

export interface StoreOptions {
  /** Shown in pg_stat_activity. */
  readonly applicationName?: string
  /** Connections to Postgres; PGlite has one. */
  readonly poolSize?: number
  /** The longest one statement may take on Postgres, waiting for locks included. */
  readonly statementTimeoutMs?: number
  /** The longest a transaction may stay open before it is rolled back. */
  readonly transactionTimeoutMs?: number
}

const DEFAULTS = {
  applicationName: 'rekindle',
  poolSize: 10,
  statementTimeoutMs: 10_000,
  transactionTimeoutMs: 10_000,
} satisfies Required<StoreOptions>

/** How much longer Postgres itself waits than we do before it ends an idle transaction. */
const IDLE_GRACE_MS = 5_000
const CONNECTION_TIMEOUT_MS = 10_000

/**
 * Opens the store and makes sure that it answers. It migrates nothing (`migrate.ts`).
 * @throws StoreError when the URL is invalid, nothing answers, or another process owns the folder
 */
export async function openStore(
  location: StoreLocation,
  options: StoreOptions = {},
): Promise<Store> {
  const settings = { ...DEFAULTS, ...options }
  if ('databaseUrl' in location) return openPostgres(location.databaseUrl, settings)
  if ('dataDir' in location) return openFolder(location.dataDir, settings)
  const pglite = await openPglite(null, location.from)
  return storeOn('pglite', pgliteDialect(pglite), settings, () => {})
}

async function openFolder(dataDir: string, settings: Required<StoreOptions>): Promise<Store> {
  const lock = takeOwnerLock(dataDir)
  try {
    const pglite = await openPglite(dataDir)
    return storeOn('pglite', pgliteDialect(pglite), settings, () => lock.release())
  } catch (error) {
    lock.release()
    throw error
  }
}

async function openPostgres(databaseUrl: string, settings: Required<StoreOptions>): Promise<Store> {
  const pool = new pg.Pool({
    Client: PreparingClient,
    connectionString: checkedUrl(databaseUrl),
    max: settings.poolSize,
    application_name: settings.applicationName,
    statement_timeout: settings.statementTimeoutMs,
    // A process that is stopped in the middle of a transaction must not hold its locks for ever.
    idle_in_transaction_session_timeout: settings.transactionTimeoutMs + IDLE_GRACE_MS,
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    keepAlive: true,
    options: '-c TimeZone=UTC -c DateStyle=ISO',
    types: { getTypeParser: parserOf },
  })
  // A connection that dies fails the query that needs it; the event itself has no other reader,
  // and unheard it would end the process.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))

  const store = storeOn('postgres', new PostgresDialect({ pool }), settings, () => {})
  try {
    await sql`select 1`.execute(store.db)
    return store
  } catch (error) {
    await store.close()
    throw unreachable(error)
  }
}

function checkedUrl(databaseUrl: string): string {
  const isPostgres = /^postgres(ql)?:/.test(databaseUrl) && URL.canParse(databaseUrl)
  if (isPostgres) return databaseUrl
  throw new StoreError(
    'database_url_invalid',
    'The database URL is no Postgres URL.',
    'Write it as postgres://user:password@host:5432/database.',
  )
}

/** The driver's message names the host or the user, never the password. */
function unreachable(error: unknown): StoreError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const reason = (error instanceof Error && error.message) || code || 'no reason was given'
  return new StoreError(
    'database_unreachable',
    `The database does not answer: ${reason}.`,
    'Check DATABASE_URL, and that the server runs and lets this user in.',
  )
}
