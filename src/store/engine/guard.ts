import { AsyncLocalStorage } from 'node:async_hooks'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  type TransactionSettings,
} from 'kysely'
import { SqlError, StoreError, StoreMisuse, withoutValues } from '../errors.ts'

/** The transaction that an asynchronous context is in, from its opening to its end. */
interface Scope {
  state: 'opening' | 'open' | 'ended'
}

/**
 * Knows which code runs inside a transaction of one store, so that a query that would escape it
 * (and wait for itself on PGlite, or survive its rollback on Postgres) throws in every build.
 */
export class TransactionGuard {
  readonly #scopes = new AsyncLocalStorage<Scope>()

  /**
   * Runs `fn` as the one transaction of this context.
   * Work that `fn` started and left behind keeps the context; once the transaction has ended it
   * may use the store again.
   * @throws StoreMisuse `nested_transaction`
   */
  async run<T>(fn: () => Promise<T>): Promise<T> {
    if (this.#current()) {
      throw new StoreMisuse(
        'nested_transaction',
        'store.transaction was called inside a transaction: pass the executor on instead',
      )
    }
    const scope: Scope = { state: 'opening' }
    try {
      return await this.#scopes.run(scope, fn)
    } finally {
      scope.state = 'ended'
    }
  }

  /** @throws StoreMisuse `db_inside_transaction` when a query would bypass the open transaction */
  assertOutside(): void {
    if (this.#current()?.state !== 'open') return
    throw new StoreMisuse(
      'db_inside_transaction',
      'store.db was used inside a transaction: use the executor that the transaction was given',
    )
  }

  /** @throws StoreMisuse `transaction_outside_store` when begun by anything but the store */
  open(): void {
    const scope = this.#current()
    if (scope?.state !== 'opening') {
      throw new StoreMisuse(
        'transaction_outside_store',
        'transactions are begun by store.transaction only, which bounds and retries them',
      )
    }
    scope.state = 'open'
  }

  #current(): Scope | undefined {
    const scope = this.#scopes.getStore()
    return scope?.state === 'ended' ? undefined : scope
  }
}

/** The dialect with every connection held to the guard's rules. */
export function guardedDialect(dialect: Dialect, guard: TransactionGuard): Dialect {
  return {
    createDriver: () => new GuardedDriver(dialect.createDriver(), guard),
    createAdapter: () => dialect.createAdapter(),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createIntrospector: (db) => dialect.createIntrospector(db),
  }
}

class GuardedDriver implements Driver {
  readonly #inner: Driver
  readonly #guard: TransactionGuard

  constructor(inner: Driver, guard: TransactionGuard) {
    this.#inner = inner
    this.#guard = guard
  }

  async init(): Promise<void> {
    await this.#inner.init()
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    this.#guard.assertOutside()
    return new Lease(await this.#inner.acquireConnection())
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings) {
    this.#guard.open()
    await this.#inner.beginTransaction(leaseOf(connection).inner, settings)
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    const lease = leaseOf(connection)
    lease.end()
    if (lease.failed) await refuseIfAborted(lease.inner)
    try {
      await this.#inner.commitTransaction(lease.inner)
    } catch (error) {
      throw withoutValues(error)
    }
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    const lease = leaseOf(connection)
    lease.end()
    try {
      await this.#inner.rollbackTransaction(lease.inner)
    } catch {
      // The connection is gone, and the transaction with it: what failed first is what to tell.
    }
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    const lease = leaseOf(connection)
    lease.end()
    await this.#inner.releaseConnection(lease.inner)
  }

  async destroy(): Promise<void> {
    await this.#inner.destroy()
  }
}

/**
 * One borrowing of a connection. A query that is still queued when its transaction ends (the
 * rest of a Promise.all after the first failure) must not run on a connection that by then
 * serves someone else, so a lease refuses everything once it has ended.
 */
class Lease implements DatabaseConnection {
  readonly inner: DatabaseConnection
  /** A statement failed, so the transaction may be aborted. */
  failed = false
  #ended = false

  constructor(inner: DatabaseConnection) {
    this.inner = inner
  }

  end(): void {
    this.#ended = true
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    this.#assertHeld()
    try {
      return await this.inner.executeQuery<R>(query)
    } catch (error) {
      this.failed = true
      throw withoutValues(error)
    }
  }

  streamQuery(): never {
    throw new Error('the store reads in pages; streaming is not supported')
  }

  #assertHeld(): void {
    if (!this.#ended) return
    throw new StoreMisuse(
      'transaction_ended',
      'a query came after its transaction had ended: await every query inside the transaction',
    )
  }
}

function leaseOf(connection: DatabaseConnection): Lease {
  if (connection instanceof Lease) return connection
  throw new Error('a connection that this driver did not lend')
}

/** SQLSTATE of any statement in a transaction that has already failed. */
const IN_FAILED_TRANSACTION = '25P02'

/**
 * COMMIT of a failed transaction rolls back and reports success: whoever swallowed the
 * statement's error would believe that the rows are there.
 * @throws StoreError `transaction_aborted`
 */
async function refuseIfAborted(connection: DatabaseConnection): Promise<void> {
  try {
    await connection.executeQuery(CompiledQuery.raw('select 1'))
  } catch (error) {
    const cause = withoutValues(error)
    if (!(cause instanceof SqlError) || cause.code !== IN_FAILED_TRANSACTION) throw cause
    throw new StoreError(
      'transaction_aborted',
      'A statement of the transaction failed and its error was swallowed; nothing was kept.',
      'Let the error of a failed statement end its transaction.',
    )
  }
}
