import { type Kysely, sql } from 'kysely'
import { expect, inject, it } from 'vitest'
import { openStore, type Store } from '../../src/store/connect.ts'
import {
  assertMigrated,
  type Migrations,
  migrate,
  migrationStatus,
} from '../../src/store/migrate.ts'
import { migrations as shipped } from '../../src/store/migrations/index.ts'
import { createDatabase } from '../support/postgres.ts'
import { forEachStore } from '../support/stores.ts'

const counted = {
  up: (db: Kysely<unknown>) =>
    // Not idempotent: a second run would fail.
    sql`create table counted (n integer)`.execute(db).then(() => {}),
}

forEachStore((_, open) => {
  it('has nothing left to do after a migration', async () => {
    const store = await open()
    expect(await migrate(store)).toEqual([])
    await assertMigrated(store)
    expect(await migrationStatus(store)).toEqual({
      applied: Object.keys(shipped).sort(),
      pending: [],
      unknown: [],
    })
  })

  it('lets one of two at once apply a migration, and the other wait', async () => {
    const store = await open()
    const next = { ...shipped, '9000-counted': counted }
    const applied = await Promise.all([migrate(store, next), migrate(store, next)])
    expect(applied.flat()).toEqual(['9000-counted'])
  })

  it('applies all or nothing, and says what is missing', async () => {
    const store = await open()
    const broken = { up: (db: Kysely<unknown>) => sql`select 1 / 0`.execute(db).then(() => {}) }
    const next: Migrations = { ...shipped, '9000-counted': counted, '9001-broken': broken }
    await expect(migrate(store, next)).rejects.toMatchObject({ code: '22012' })
    expect((await migrationStatus(store, next)).pending).toEqual(['9000-counted', '9001-broken'])
    await expect(assertMigrated(store, next)).rejects.toMatchObject({
      code: 'database_not_migrated',
    })
    expect(await migrate(store, { ...shipped, '9000-counted': counted })).toEqual(['9000-counted'])
  })

  it('leaves a database alone that a newer version has migrated', async () => {
    const store = await open()
    await migrate(store, { ...shipped, '9000-counted': counted })
    await expect(assertMigrated(store)).rejects.toMatchObject({
      code: 'database_newer',
      message: expect.stringContaining('9000-counted'),
    })
    await expect(migrate(store)).rejects.toMatchObject({ code: 'database_newer' })
  })
})

it('knows an empty database', async () => {
  const store = await openStore({ memory: true })
  try {
    expect((await migrationStatus(store)).applied).toEqual([])
    await expect(assertMigrated(store)).rejects.toMatchObject({ code: 'database_not_migrated' })
  } finally {
    await store.close()
  }
})

const postgresUrl = inject('postgresUrl') ?? null

it.skipIf(postgresUrl === null)('is safe from two processes on an empty Postgres', async () => {
  const database = await createDatabase(postgresUrl ?? '')
  const stores: Store[] = []
  try {
    for (const _ of [1, 2, 3]) stores.push(await openStore({ databaseUrl: database.url }))
    const applied = await Promise.all(stores.map((store) => migrate(store)))
    expect(applied.flat().sort()).toEqual(Object.keys(shipped).sort())
  } finally {
    await Promise.all(stores.map((store) => store.close()))
    await database.drop()
  }
})
