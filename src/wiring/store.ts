import type { Config } from '../config.ts'
import { instant } from '../domain/time.ts'
import { openStore, type Store } from '../store/connect.ts'
import { type HashKeys, verifyHashKeys } from '../store/hash-key.ts'
import { assertMigrated, migrate } from '../store/migrate.ts'
import { hashKeysOf } from './keys.ts'

export interface OpenStore {
  readonly store: Store
  readonly hashKeys: HashKeys
}

/**
 * Opens the store that the configuration names, and makes sure that its schema and keys fit.
 * `migrating` brings the schema up to date first; the embedded mode does so at each start.
 * @throws StoreError with a code, a sentence and what to do
 */
export async function openConfiguredStore(
  config: Config,
  applicationName: string,
  migrating: boolean,
): Promise<OpenStore> {
  const { DATABASE_URL: databaseUrl, REKINDLE_DATA_DIR: dataDir } = config
  const location = databaseUrl === undefined ? { dataDir } : { databaseUrl }
  const hashKeys = hashKeysOf(config)
  const store = await openStore(location, { applicationName })
  try {
    if (migrating) await migrate(store)
    else await assertMigrated(store)
    await verifyHashKeys(store, hashKeys, instant(Date.now()))
    return { store, hashKeys }
  } catch (error) {
    await store.close()
    throw error
  }
}
