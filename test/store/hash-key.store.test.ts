import { expect, it } from 'vitest'
import { instant } from '../../src/domain/time.ts'
import { hashKeysFrom, verifyHashKeys } from '../../src/store/hash-key.ts'
import { forEachStore } from '../support/stores.ts'

const NOW = instant(Date.UTC(2026, 2, 8))
const FIRST = '11'.repeat(32)
const SECOND = '22'.repeat(32)

forEachStore((_, open) => {
  it('takes the first key and refuses another', async () => {
    const store = await open()
    await verifyHashKeys(store, hashKeysFrom(FIRST), NOW)
    await verifyHashKeys(store, hashKeysFrom(FIRST), NOW)
    await expect(verifyHashKeys(store, hashKeysFrom(SECOND), NOW)).rejects.toMatchObject({
      code: 'hash_key_mismatch',
    })
    const rows = await store.db.selectFrom('hash_keys').selectAll().execute()
    expect(rows).toMatchObject([
      { id: hashKeysFrom(FIRST).current.id, current: true, created_at: NOW },
    ])
    expect(JSON.stringify(rows)).not.toContain(FIRST)
  })

  it('rotates only with the old key at hand', async () => {
    const store = await open()
    await verifyHashKeys(store, hashKeysFrom(FIRST), NOW)
    await verifyHashKeys(store, hashKeysFrom(SECOND, [FIRST]), NOW)
    for (const forgetful of [hashKeysFrom(FIRST), hashKeysFrom(SECOND)]) {
      await expect(verifyHashKeys(store, forgetful, NOW)).rejects.toMatchObject({
        code: 'hash_key_mismatch',
      })
    }
    const rows = await store.db
      .selectFrom('hash_keys')
      .selectAll()
      .where('current', '=', true)
      .execute()
    expect(rows.map((row) => row.id)).toEqual([hashKeysFrom(SECOND).current.id])
  })

  it('lets one of two first processes with different keys in', async () => {
    const store = await open()
    const results = await Promise.allSettled(
      [FIRST, SECOND].map((secret) => verifyHashKeys(store, hashKeysFrom(secret), NOW)),
    )
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it('refuses a database whose check value was made with another secret', async () => {
    const store = await open()
    await verifyHashKeys(store, hashKeysFrom(FIRST), NOW)
    await store.db.updateTable('hash_keys').set({ check_value: 'another' }).execute()
    await expect(verifyHashKeys(store, hashKeysFrom(FIRST), NOW)).rejects.toMatchObject({
      code: 'hash_key_mismatch',
    })
  })
})
