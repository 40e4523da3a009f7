import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { compiledOnce } from '../../src/store/compiled-once.ts'
import type { Executor } from '../../src/store/executor.ts'
import { forEachSharedStore, forEachStore } from '../support/stores.ts'

forEachSharedStore((_, store) => {
  it('asks a statement that was compiled once with the values of each call', async () => {
    let built = 0
    const taken = compiledOnce(
      (executor: Executor, { key, by }: { key: string; by: string | null }) => {
        built += 1
        return executor
          .selectFrom('settings')
          .select(({ val }) => ['key', val(by).as('by')])
          .where('key', '=', key)
      },
    )
    for (const key of ['one', 'two']) {
      await store()
        .db.insertInto('settings')
        .values({ key, value: '{}', updated_at: 1 as never })
        .execute()
    }

    expect(await taken(store().db, { key: 'one', by: 'Ada' })).toEqual([{ key: 'one', by: 'Ada' }])
    expect(await taken(store().db, { key: 'two', by: null })).toEqual([{ key: 'two', by: null }])
    expect(await taken(store().db, { key: 'three', by: null })).toEqual([])
    expect(built).toBe(1)
  })

  it('refuses a value that was forgotten', async () => {
    const taken = compiledOnce((executor: Executor, { key }: { key: string }) =>
      executor.selectFrom('settings').select('key').where('key', '=', key),
    )
    await expect(taken(store().db, {} as { key: string })).rejects.toThrow('no value for key')
  })
})

forEachStore((_, open) => {
  it('goes on when a migration adds a column while it runs', async () => {
    const store = await open({ poolSize: 3 })
    const look = () => store.transaction((trx) => trx.selectFrom('settings').selectAll().execute())
    // Each connection of the pool has prepared the statement by then.
    await Promise.all(Array.from({ length: 12 }, look))

    await sql`alter table settings add column note text`.execute(store.db)

    const seen = await Promise.all(Array.from({ length: 12 }, look))
    expect(seen).toHaveLength(12)
  })
})
