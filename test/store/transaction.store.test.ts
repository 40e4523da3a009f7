import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import type { Store } from '../../src/store/connect.ts'
import { StoreError } from '../../src/store/errors.ts'
import type { Executor } from '../../src/store/executor.ts'
import { forEachStore, type OpenStore } from '../support/stores.ts'

forEachStore((kind, open) => {
  describe('isolation', () => {
    it('keeps every acknowledged row and no other, whoever rolls back beside it', async () => {
      const store = await openWithMarks(open)
      const kept: number[] = []
      const work = Array.from({ length: 200 }, async (_, n) => {
        if (n % 4 === 0) {
          await mark(store.db, n)
          kept.push(n)
          return
        }
        const rollsBack = n % 2 === 1
        await store
          .transaction(async (trx) => {
            await mark(trx, n)
            await sql`select count(*) from marks`.execute(trx)
            if (rollsBack) throw new Undone()
            await mark(trx, n + 1000)
          })
          .then(
            () => kept.push(n, n + 1000),
            (error: unknown) => expect(error).toBeInstanceOf(Undone),
          )
      })
      await Promise.all(work)

      expect(await marks(store)).toEqual(kept.sort((a, b) => a - b))
      expect(kept).toHaveLength(50 + 2 * 50)
    })

    it('holds a cap of 3 against 50 at once, under a row lock', async () => {
      const store = await openWithMarks(open)
      await mark(store.db, 0, 'lead')
      const allowed = await Promise.all(
        Array.from({ length: 50 }, (_, n) =>
          store.transaction(async (trx) => {
            await sql`select n from marks where who = 'lead' for update`.execute(trx)
            if ((await touches(trx)) >= 3) return false
            await mark(trx, n + 1, 'touch')
            return true
          }),
        ),
      )
      expect(allowed.filter(Boolean)).toHaveLength(3)
      expect(await touches(store.db)).toBe(3)
    })

    it.runIf(kind === 'postgres')('would let a cap be passed without the lock', async () => {
      const store = await openWithMarks(open)
      const bothCounted = barrier(2)
      await Promise.all(
        [1, 2].map((n) =>
          store.transaction(async (trx) => {
            const count = await touches(trx)
            await bothCounted()
            if (count < 1) await mark(trx, n, 'touch')
          }),
        ),
      )
      expect(await touches(store.db)).toBe(2)
    })
  })

  describe('misuse throws', () => {
    it('store.db inside a transaction, which is rolled back', async () => {
      const store = await openWithMarks(open)
      const misuse = store.transaction(async (trx) => {
        await mark(trx, 1)
        await mark(store.db, 2)
      })
      await expect(misuse).rejects.toMatchObject({ code: 'db_inside_transaction' })
      expect(await marks(store)).toEqual([])
    })

    it('a transaction inside a transaction', async () => {
      const store = await openWithMarks(open)
      const misuse = store.transaction(() => store.transaction((trx) => mark(trx, 1)))
      await expect(misuse).rejects.toMatchObject({ code: 'nested_transaction' })
    })

    it('a transaction that is not begun by the store', async () => {
      const store = await openWithMarks(open)
      const misuse = store.db.transaction().execute((trx) => mark(trx, 1))
      await expect(misuse).rejects.toMatchObject({ code: 'transaction_outside_store' })
      expect(await marks(store)).toEqual([])
    })

    it('a query that comes after its transaction has ended', async () => {
      const store = await openWithMarks(open)
      const leaked = await store.transaction(async (trx) => ({ trx }))
      await expect(mark(leaked.trx, 1)).rejects.toThrow()
      expect(await marks(store)).toEqual([])
    })

    it('queries still queued when their transaction failed', async () => {
      const store = await openWithMarks(open)
      const queued: Promise<void>[] = []
      const failing = store.transaction(async (trx) => {
        queued.push(fail(trx), mark(trx, 1), mark(trx, 2), mark(trx, 3))
        await Promise.all(queued)
      })
      await expect(failing).rejects.toMatchObject({ code: '22012' })
      const results = await Promise.allSettled(queued)
      expect(results.map((result) => result.status)).toEqual(Array(4).fill('rejected'))
      expect(await marks(store)).toEqual([])
    })
  })

  it('lets what a transaction left behind use the store once it has ended', async () => {
    const store = await openWithMarks(open)
    const ended = deferred()
    const left = await store.transaction(async (trx) => {
      await mark(trx, 1)
      return { work: ended.promise.then(() => mark(store.db, 2)) }
    })
    ended.resolve()
    await left.work
    expect(await marks(store)).toEqual([1, 2])
  })

  it('rolls back a transaction that waits for anything but SQL, and goes on', async () => {
    const store = await openWithMarks(open)
    const forever = new Promise<never>(() => {})
    const hung = store.transaction(
      async (trx) => {
        await mark(trx, 1)
        await forever
      },
      { timeoutMs: 200 },
    )
    const next = store.transaction((trx) => mark(trx, 2))
    await expect(hung).rejects.toMatchObject({ code: 'transaction_timeout' })
    await next
    expect(await marks(store)).toEqual([2])
  })

  it('refuses to commit what a swallowed error has undone', async () => {
    const store = await openWithMarks(open)
    const commit = store.transaction(async (trx) => {
      await mark(trx, 1)
      await fail(trx).catch(() => {})
    })
    await expect(commit).rejects.toBeInstanceOf(StoreError)
    await expect(commit).rejects.toMatchObject({ code: 'transaction_aborted' })
    expect(await marks(store)).toEqual([])
  })

  it('commits after an error that a savepoint has undone', async () => {
    const store = await openWithMarks(open)
    await store.transaction(async (trx) => {
      await mark(trx, 1)
      await sql`savepoint here`.execute(trx)
      await fail(trx).catch(() => {})
      await sql`rollback to here`.execute(trx)
    })
    expect(await marks(store)).toEqual([1])
  })

  it('runs again after a serialization conflict, a bounded number of times', async () => {
    const store = await openWithMarks(open)
    let runs = 0
    const conflicting = async (trx: Executor, until: number) => {
      runs += 1
      await mark(trx, runs)
      if (runs < until) await sql.raw(RAISE_CONFLICT).execute(trx)
    }
    await store.transaction((trx) => conflicting(trx, 3))
    expect(await marks(store)).toEqual([3])

    runs = 10
    const endless = store.transaction((trx) => conflicting(trx, Infinity), { attempts: 2 })
    await expect(endless).rejects.toMatchObject({ code: '40001' })
    expect(runs).toBe(12)
  })

  it.runIf(kind === 'postgres')('survives a deadlock: both transactions commit', async () => {
    const store = await openWithMarks(open)
    await mark(store.db, 1, '')
    await mark(store.db, 2, '')
    const bothHoldOne = barrier(2)
    let runs = 0
    const inOrder = (name: string, rows: number[]) => {
      let first = true
      return store.transaction(async (trx) => {
        runs += 1
        for (const n of rows) {
          await sql`update marks set who = who || ${name} where n = ${n}`.execute(trx)
          if (first) {
            first = false
            await bothHoldOne()
          }
        }
      })
    }
    await Promise.all([inOrder('a', [1, 2]), inOrder('b', [2, 1])])
    const { rows } = await sql<{ who: string }>`select who from marks order by n`.execute(store.db)
    expect(rows.map((row) => [...row.who].sort().join(''))).toEqual(['ab', 'ab'])
    expect(runs).toBeGreaterThan(2)
  })

  it.runIf(kind === 'postgres')(
    'outlives a connection that dies inside a transaction',
    async () => {
      const store = await openWithMarks(open, { poolSize: 2 })
      const killed = store.transaction(async (trx) => {
        await mark(trx, 1)
        await sql`select pg_terminate_backend(pg_backend_pid())`.execute(trx)
      })
      await expect(killed).rejects.toThrow()
      await Promise.all([2, 3, 4].map((n) => store.transaction((trx) => mark(trx, n))))
      expect(await marks(store)).toEqual([2, 3, 4])
    },
  )

  it('tells nothing of the values in its errors', async () => {
    const { db } = await open()
    const email = 'ada@example.com'
    await sql`create table people (email text unique, age int check (age > 0))`.execute(db)
    await sql`insert into people values (${email}, 1)`.execute(db)

    const failures = [
      sql`insert into people values (${email}, 1)`,
      sql`insert into people values (${email}, -1)`,
      sql`select * from people where age = ${email}::text::int`,
    ].map((query) => query.execute(db).catch((error: unknown) => error))
    const errors = await Promise.all(failures)
    expect(errors).toMatchObject([
      { code: '23505', constraint: 'people_email_key', table: 'people' },
      { code: '23514', constraint: 'people_age_check' },
      { code: '22P02' },
    ])
    for (const error of errors) {
      const told = error instanceof Error ? [error.message, error.stack, JSON.stringify(error)] : []
      expect(told).toHaveLength(3)
      expect(told.join()).not.toContain(email)
    }
  })

  it('refuses a number for a timestamp on both drivers', async () => {
    const { db } = await open()
    const wrong = sql`select ${1_700_000_000_000}::timestamptz`.execute(db)
    await expect(wrong).rejects.toMatchObject({ code: '22008' })
  })
})

class Undone extends Error {}

const RAISE_CONFLICT = `do $$ begin raise exception using errcode = '40001'; end $$`

async function openWithMarks(open: OpenStore, options?: Parameters<OpenStore>[0]): Promise<Store> {
  const store = await open(options)
  await sql`create table marks (n integer primary key, who text not null)`.execute(store.db)
  return store
}

async function mark(executor: Executor, n: number, who = ''): Promise<void> {
  await sql`insert into marks (n, who) values (${n}, ${who})`.execute(executor)
}

async function fail(executor: Executor): Promise<void> {
  await sql`select 1 / 0`.execute(executor)
}

async function marks(store: Store): Promise<number[]> {
  const { rows } = await sql<{ n: number }>`select n from marks order by n`.execute(store.db)
  return rows.map((row) => row.n)
}

async function touches(executor: Executor): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) from marks where who = 'touch'`.execute(executor)
  return rows[0]?.count ?? 0
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

/** Resolves for all once `parties` have arrived. */
function barrier(parties: number): () => Promise<void> {
  const open = deferred()
  let arrived = 0
  return () => {
    arrived += 1
    if (arrived === parties) open.resolve()
    return open.promise
  }
}
