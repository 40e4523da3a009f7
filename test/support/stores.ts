import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, inject } from 'vitest'
import { openStore, type Store, type StoreOptions } from '../../src/store/connect.ts'
import { openPglite } from '../../src/store/engine/pglite.ts'
import { pgliteDialect } from '../../src/store/engine/pglite-dialect.ts'
import { migrate } from '../../src/store/migrate.ts'
import { storeOn } from '../../src/store/store.ts'
import { createDatabase } from './postgres.ts'

/** Opens another fresh, migrated store; it is closed when the test ends. */
export type OpenStore = (options?: StoreOptions) => Promise<Store>

/**
 * Runs a suite on PGlite and on a real Postgres; without Postgres binaries the second reports
 * itself skipped.
 */
export function forEachStore(suite: (kind: Store['kind'], open: OpenStore) => void): void {
  describe('on pglite', () => suite('pglite', closedAfterEach(openMemoryStore)))
  const url = inject('postgresUrl') ?? null
  describe.skipIf(url === null)('on postgres', () => {
    suite('postgres', closedAfterEach(openPostgresStore))
  })
}

/** The same, with one store for all tests of the suite: much faster, where they keep apart. */
export function forEachSharedStore(suite: (kind: Store['kind'], store: () => Store) => void): void {
  describe('on pglite', () => suite('pglite', openedOnce(openMemoryStore)))
  const url = inject('postgresUrl') ?? null
  describe.skipIf(url === null)('on postgres', () => {
    suite('postgres', openedOnce(openPostgresStore))
  })
}

/** A fresh, migrated store in memory; the caller closes it. */
export async function openMemoryStore(options?: StoreOptions): Promise<Store> {
  return openStore({ memory: true, from: await migratedDump() }, options)
}

/** A fresh, migrated database on the test Postgres; closing the store drops it. */
async function openPostgresStore(options?: StoreOptions): Promise<Store> {
  const adminUrl = inject('postgresUrl')
  if (!adminUrl) throw new Error('there is no Postgres to test on')
  const database = await createDatabase(adminUrl, { migrate: migrateAt })
  const store = await openStore({ databaseUrl: database.url }, options)
  return {
    ...store,
    async close() {
      await store.close()
      await database.drop()
    },
  }
}

function closedAfterEach(open: OpenStore): OpenStore {
  const opened: Store[] = []
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()))
  })
  return async (options) => {
    const store = await open(options)
    opened.push(store)
    return store
  }
}

function openedOnce(open: OpenStore): () => Store {
  let opened: Store | null = null
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened?.close())
  return () => {
    if (opened === null) throw new Error('the store opens before the first test')
    return opened
  }
}

async function migrateAt(databaseUrl: string): Promise<void> {
  const store = await openStore({ databaseUrl })
  await migrate(store)
  await store.close()
}

/**
 * A migrated PGlite as a dump, made once for these migrations and kept between runs: loading it
 * takes a fraction of a second, where a new database takes several.
 */
async function migratedDump(): Promise<Blob> {
  const folder = join(import.meta.dirname, '../../node_modules/.cache/rekindle')
  const path = join(folder, `pglite-${fingerprint()}.tar`)
  if (existsSync(path)) return new Blob([await readFile(path)])

  const dump = await dumpOfNew()
  mkdirSync(folder, { recursive: true })
  const draft = `${path}.${randomUUID()}`
  await writeFile(draft, dump.stream())
  // Another test file may have made the same one meanwhile; either will do.
  await rename(draft, path)
  return dump
}

async function dumpOfNew(): Promise<Blob> {
  const pglite = await openPglite(null)
  const store = storeOn('pglite', pgliteDialect(pglite), { transactionTimeoutMs: 60_000 }, () => {})
  await migrate(store)
  const dump = await pglite.dumpDataDir('none')
  await store.close()
  return dump
}

/** Of all that the dump depends on. */
function fingerprint(): string {
  const root = join(import.meta.dirname, '../..')
  const migrations = join(root, 'src/store/migrations')
  const files = [
    join(root, 'src/store/migrate.ts'),
    join(root, 'node_modules/@electric-sql/pglite/package.json'),
    ...readdirSync(migrations)
      .sort()
      .map((name) => join(migrations, name)),
  ]
  const hash = createHash('sha256')
  for (const file of files) hash.update(file).update(readFileSync(file))
  return hash.digest('hex').slice(0, 16)
}
