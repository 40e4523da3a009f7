import { sql } from 'kysely'
import { beforeEach, describe, expect, it } from 'vitest'
import type { BulkPace, BulkWhom, BulkWork } from '../../src/domain/bulk.ts'
import type { BulkId, LeadId } from '../../src/domain/ids.ts'
import { HOUR_MS, plus } from '../../src/domain/time.ts'
import { countLeads } from '../../src/leads/bulk/whom.ts'
import type { Store } from '../../src/store/connect.ts'
import {
  addBulk,
  findBulk,
  lockBulk,
  passedLeads,
  turnBulk,
} from '../../src/store/work/bulk-runs.ts'
import type { Ring } from '../../src/temporal/doorbell.ts'
import { driveBulk, oneBatch } from '../support/bulk.ts'
import { forEachWorkbench, newPerson, type Workbench } from '../support/workbench.ts'

const MINUTELY: BulkPace = { kind: 'per_minute', perMinute: 24 }

forEachWorkbench((_, opened) => {
  let bench: Workbench
  let source: string
  let tests = 0
  beforeEach(() => {
    bench = opened()
    source = `bulk-${tests++}`
  })

  /** Leads that nobody else of this file has to do with. */
  async function leads(count: number, more = {}): Promise<LeadId[]> {
    const made: LeadId[] = []
    for (let i = 0; i < count; i += 1) made.push(await bench.post(newPerson({ source }), more))
    return made.sort()
  }
  const ours = (): BulkWhom => ({ kind: 'query', filter: { source } })

  async function begin(work: BulkWork, whom = ours(), pace = MINUTELY): Promise<BulkId> {
    const at = bench.clock.now
    const run = await bench.store.transaction(async (trx) => {
      const judging = { now: at, rules: bench.rules }
      const { count: total } = await countLeads(trx, { whom, knownBefore: at }, judging)
      return addBulk(trx, { work, whom, pace, because: 'test', by: 'test', total, at })
    })
    return run.id
  }
  const row = async (bulkId: BulkId) => {
    const run = await findBulk(bench.store.db, bulkId)
    if (run === null) throw new Error('no such run')
    return run
  }
  const turn = (bulkId: BulkId, state: 'running' | 'paused' | 'cancelled') =>
    bench.store.transaction(async (trx) => {
      const run = await lockBulk(trx, bulkId)
      if (run !== null) await turnBulk(trx, run, state, bench.clock.now)
    })
  const pausedLeads = async (ids: readonly LeadId[]) => {
    const holds = await bench.store.db
      .selectFrom('holds')
      .select('lead_id')
      .where('lead_id', 'in', [...ids])
      .where('kind', '=', 'paused')
      .where('lifted_at', 'is', null)
      .execute()
    return holds.flatMap(({ lead_id }) => lead_id ?? []).toSorted()
  }

  describe('a bulk run', () => {
    it('does it to every lead once, at its pace, and says why it could not', async () => {
      const made = await leads(5)
      const dead = made[2] ?? ('' as LeadId)
      const details = { reason: 'hostile', words: null } as const
      await bench.signal(dead, { kind: 'mark_dead', payload: { details } })
      const bulkId = await begin({ kind: 'pause', because: 'test' })
      expect((await row(bulkId)).total).toBe(5)
      const rung: Ring[] = []
      const first = await oneBatch(bench, bulkId, { rung })
      // 24 a minute are two in five seconds.
      expect(first).toMatchObject({ next: { do: 'wait', ms: 5_000 } })
      expect(first.details).toBe('pause: 2 of 5 leads done, 0 passed over')
      // Before its time no more is done, however often it is asked.
      expect((await oneBatch(bench, bulkId)).next).toEqual({ do: 'wait', ms: 5_000 })
      expect((await row(bulkId)).done).toBe(2)
      expect(await driveBulk(bench, bulkId, rung)).toMatchObject({ next: { do: 'complete' } })
      expect(await row(bulkId)).toMatchObject({ state: 'done', done: 4, passed: 1 })
      expect(await pausedLeads(made)).toEqual(made.filter((id) => id !== dead))
      expect(rung.map(({ leadId }) => leadId)).toEqual(made.filter((id) => id !== dead))
      expect(await passedLeads(bench.store.db, bulkId, null, 10)).toMatchObject([
        { lead_id: dead, code: 'not_in_this_state' },
      ])
    })

    it('that is killed at any point goes on behind the last lead that was done', async () => {
      const made = await leads(6)
      const bulkId = await begin({ kind: 'pause', because: 'test' }, ours(), {
        kind: 'per_minute',
        perMinute: 1_000,
      })
      const store = bench.store
      for (let alive = 1; alive <= 3; alive += 1) {
        const dying = { ...bench, store: diesAfter(store, alive) }
        await expect(oneBatch(dying, bulkId)).rejects.toThrow('killed')
      }
      const { done, cursor } = await row(bulkId)
      expect(done).toBe(3)
      expect(cursor).toBe(made[done - 1])
      await driveBulk(bench, bulkId)
      expect(await row(bulkId)).toMatchObject({ state: 'done', done: 6, passed: 0 })
      expect(await pausedLeads(made)).toEqual(made)
      const signals = await store.db
        .selectFrom('signals')
        .select('id')
        .where('lead_id', 'in', made)
        .where('kind', '=', 'pause')
        .execute()
      expect(signals).toHaveLength(6)
    })

    it('stops with the answer to a pause or a cancel, and goes on at its pace', async () => {
      const made = await leads(6)
      const bulkId = await begin({ kind: 'pause', because: 'test' })
      await oneBatch(bench, bulkId)
      await turn(bulkId, 'paused')
      bench.clock.now = plus(bench.clock.now, HOUR_MS)
      const resting = await oneBatch(bench, bulkId)
      expect(resting.next).toEqual({ do: 'wait', ms: null })
      expect(await pausedLeads(made)).toHaveLength(2)
      await turn(bulkId, 'running')
      await oneBatch(bench, bulkId)
      // An hour of rest is not made up for.
      expect(await pausedLeads(made)).toHaveLength(4)
      await turn(bulkId, 'cancelled')
      bench.clock.now = plus(bench.clock.now, HOUR_MS)
      expect((await oneBatch(bench, bulkId)).next).toEqual({ do: 'complete' })
      expect(await pausedLeads(made)).toHaveLength(4)
      expect((await row(bulkId)).finished_at).not.toBeNull()
    })

    it('leaves alone who does not meet the conditions any more, and who came later', async () => {
      const made = await leads(3)
      const bulkId = await begin(
        { kind: 'pause', because: 'test' },
        {
          kind: 'query',
          filter: { source, status: 'nurturing', cadence: 'drip' },
        },
      )
      const [first, second] = made
      bench.clock.now = plus(bench.clock.now, 1)
      await bench.look(first ?? ('' as LeadId))
      await bench.look(second ?? ('' as LeadId))
      const late = await leads(1)
      await driveBulk(bench, bulkId)
      expect(await pausedLeads([...made, ...late])).not.toContain(late[0])
    })

    it('passes over a lead that always fails, and does the others', async () => {
      const made = await leads(3)
      const bad = made[1] ?? ('' as LeadId)
      const bulkId = await begin({ kind: 'wake', because: 'test' }, ours(), {
        kind: 'per_minute',
        perMinute: 1_000,
      })
      // No number that anybody can read.
      await setRevision(bad, '9223372036854775807')
      await expect(oneBatch(bench, bulkId)).rejects.toThrow()
      expect((await row(bulkId)).done).toBe(1)
      await oneBatch(bench, bulkId, { attempt: 5 })
      expect(await row(bulkId)).toMatchObject({ state: 'done', done: 2, passed: 1 })
      await setRevision(bad, '1')
    })
  })

  const setRevision = (leadId: LeadId, revision: string) =>
    sql`update leads set revision = ${sql.lit(revision)}::bigint where id = ${leadId}`.execute(
      bench.store.db,
    )

  /** The process is gone in the middle of the so many-th transaction, which is rolled back. */
  function diesAfter(store: Store, transactions: number): Store {
    let count = 0
    return {
      ...store,
      transaction: (work, options) =>
        store.transaction(async (trx) => {
          const result = await work(trx)
          count += 1
          if (count > transactions) throw new Error('killed')
          return result
        }, options),
    }
  }
})
