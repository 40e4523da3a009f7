import type { Kysely, Transaction } from 'kysely'
import type { Database } from './schema.ts'

/** The store outside any transaction: each query stands alone. Using it inside one throws. */
export type Db = Kysely<Database>

/**
 * What a store function runs its queries on, always handed in by the caller: `store.db` for a
 * single read, the transaction's own executor inside `store.transaction`.
 */
export type Executor = Db | Transaction<Database>
