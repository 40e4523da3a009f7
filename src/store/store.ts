import { setTimeout as pause } from 'node:timers/promises'
import { type Dialect, Kysely } from 'kysely'
import { guardedDialect, TransactionGuard } from './engine/guard.ts'
import { isSqlError, StoreError } from './errors.ts'
import type { Db, Executor } from './executor.ts'
import type { Database } from './schema.ts'

export interface TransactionOptions {
  readonly timeoutMs?: number
  /** How often it may run in all, when Postgres ends it for a deadlock or a conflict. */
  readonly attempts?: number
}

export interface Store {
  readonly kind: 'postgres' | 'pglite'
  /** For single queries outside a transaction; throws `StoreMisuse` inside one. */
  readonly db: Db
  /**
   * Runs `fn` in one transaction at READ COMMITTED: committed when it returns, rolled back when
   * it throws. Await SQL in it and nothing else: PGlite has one session, and everybody else
   * waits. `fn` runs again when the database ended the transaction for a deadlock or a
   * serialization conflict, so it changes nothing but rows.
   *
   * When the connection is lost during COMMIT, the error reaches the caller and the rows may be
   * there or not; it is not retried.
   *
   * @throws StoreError `transaction_timeout` when it stayed open too long (it was rolled back)
   * @throws StoreMisuse when called inside a transaction of the same store
   */
  transaction<T>(fn: (trx: Executor) => Promise<T>, options?: TransactionOptions): Promise<T>
  /** Waits for what is running, closes the database and gives the data folder free. */
  close(): Promise<void>
}

const ATTEMPTS = 5
/** The pause before the second attempt; it doubles with each, and a random part parts rivals. */
const FIRST_PAUSE_MS = 10

/** Ended by the database for the sake of another transaction: run it again. */
const SERIALIZATION_FAILURE = '40001'
const DEADLOCK_DETECTED = '40P01'
/** A migration changed a table since the connection prepared the statement; the next one plans anew. */
const PLAN_IS_OUTDATED = '0A000'

/** A store on any Postgres dialect; `afterClose` runs when the database is closed. */
export function storeOn(
  kind: Store['kind'],
  dialect: Dialect,
  settings: { transactionTimeoutMs: number },
  afterClose: () => void,
): Store {
  const guard = new TransactionGuard()
  const db: Db = new Kysely<Database>({ dialect: guardedDialect(dialect, guard) })
  let closing: Promise<void> | undefined

  return {
    kind,
    db,
    transaction(fn, { timeoutMs = settings.transactionTimeoutMs, attempts = ATTEMPTS } = {}) {
      return withRetries(attempts, () => guard.run(() => inTransaction(db, fn, timeoutMs)))
    },
    close() {
      closing ??= db.destroy().finally(afterClose)
      return closing
    },
  }
}

async function inTransaction<T>(
  db: Db,
  fn: (trx: Executor) => Promise<T>,
  timeoutMs: number,
): Promise<T> {
  return db
    .transaction()
    .setIsolationLevel('read committed')
    .execute((trx) => withDeadline(fn(trx), timeoutMs))
}

async function withDeadline<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(transactionTimeout(timeoutMs)), timeoutMs)
  })
  try {
    return await Promise.race([work, deadline])
  } finally {
    clearTimeout(timer)
  }
}

function transactionTimeout(timeoutMs: number): StoreError {
  return new StoreError(
    'transaction_timeout',
    `A transaction stayed open for ${timeoutMs} ms and was rolled back.`,
    'Await nothing but SQL inside a transaction, and keep it short.',
  )
}

async function withRetries<T>(attempts: number, run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run()
    } catch (error) {
      if (attempt >= attempts || !worthRepeating(error)) throw error
    }
    await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1) * (1 + Math.random()))
  }
}

function worthRepeating(error: unknown): boolean {
  return (
    isSqlError(error, SERIALIZATION_FAILURE) ||
    isSqlError(error, DEADLOCK_DETECTED) ||
    isSqlError(error, PLAN_IS_OUTDATED)
  )
}
