import { beforeEach, describe, expect, it } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import { DAY_MS, HOUR_MS, plus } from '../../src/domain/time.ts'
import type { Intake } from '../../src/leads/intake.ts'
import {
  leadsOfStop,
  liftStop,
  listStops,
  type NewStop,
  setStop,
  whatStopHolds,
} from '../../src/leads/stops/emergency-stops.ts'
import { listLeads } from '../../src/leads/views/list.ts'
import { viewLead } from '../../src/leads/views/view.ts'
import type { Ring } from '../../src/temporal/doorbell.ts'
import { driveBulk } from '../support/bulk.ts'
import { until } from '../support/until.ts'
import { forEachWorkbench, newPerson, stallAt, type Workbench } from '../support/workbench.ts'

const EVERYTHING: NewStop = { scope: 'global', key: null, because: 'wrong prices.' }
const LOUISIANA: NewStop = { scope: 'state', key: 'LA', because: 'hurricane' }
const TEXTS: NewStop = { scope: 'channel', key: 'sms', because: 'the gateway is mad' }

forEachWorkbench((_, opened) => {
  let bench: Workbench
  let rung: Ring[]
  beforeEach(() => {
    bench = opened()
    rung = []
  })

  const intake = (): Intake => ({
    store: bench.store,
    hashKeys: bench.hashKeys,
    now: () => bench.clock.now,
    doorbell: { ring: (rings) => rung.push(...rings), healthy: true, settle: async () => {} },
  })
  const put = async (stop: NewStop) =>
    bench.store.transaction((trx) => setStop(trx, stop, 'test', bench.clock.now))
  const states = async (leadId: LeadId) => (await bench.touches(leadId)).map(({ state }) => state)
  const held = {
    next: { do: 'wait', ms: DAY_MS },
    summary: expect.stringMatching(/^held: an emer/),
  }

  describe('an emergency stop', () => {
    it('holds from its acknowledgement on, and says so', async () => {
      const leadId = await bench.post()
      const plan = await bench.look(leadId)
      const { stop, created } = await put(EVERYTHING)
      expect(created).toBe(true)
      expect(stop).toMatchObject({ stops: 'everything', because: 'wrong prices', by: 'test' })
      expect(await bench.touch(leadId, plan)).toMatchObject(held)
      expect(bench.caught()).toEqual([])
      expect(await states(leadId)).toEqual([])
      expect(await viewLead(bench.store.db, await bench.lead(leadId))).toMatchObject({
        status: 'held',
        holds: [{ kind: 'emergency_stop', because: 'wrong prices' }],
      })
      expect((await put(EVERYTHING)).created).toBe(false)
      const audit = await bench.store.db
        .selectFrom('audit_log')
        .select(['who', 'details'])
        .where('action', '=', 'emergency_stop_on')
        .execute()
      expect(audit).toMatchObject([{ who: 'test', details: { because: 'wrong prices' } }])
    })

    it('of a state, or a cadence, lists its leads as held before anybody has planned them', async () => {
      const mine = [
        await bench.post(newPerson({ state: ' la ', zip: '70112', phone: null })),
        await bench.post(
          newPerson({ phone: `+1504555${String(Date.now() % 10_000).padStart(4, '0')}` }),
        ),
        await bench.post(newPerson({ state: 'Louisiana' })),
      ]
      const others = [
        await bench.post(newPerson({ phone: null, zip: null })),
        await bench.post(newPerson({ state: 'TX' })),
        await bench.post(newPerson(), { cadence: 'texts' }),
      ]
      const listed = async (ids: readonly LeadId[]) => {
        const { leads } = await listLeads(bench.store.db, {
          filter: { status: 'held' },
          limit: 200,
        })
        return leads.map(({ id }) => id).filter((leadId) => ids.includes(leadId))
      }
      const shown = async (leadId: LeadId) =>
        (await viewLead(bench.store.db, await bench.lead(leadId))).status
      await put(LOUISIANA)
      expect((await listed([...mine, ...others])).toSorted()).toEqual(mine.toSorted())
      for (const leadId of mine) expect(await shown(leadId)).toBe('held')
      for (const leadId of others) expect(await shown(leadId)).toBe('nurturing')
      await bench.reset()
      // A lead is in its cadence once the planner has taken it in.
      for (const leadId of others) await bench.look(leadId)
      await put({ scope: 'cadence', key: 'texts', because: 'wrong link' })
      expect(await listed([...mine, ...others])).toEqual(others.slice(-1))
    })

    it('takes back what was intended and has not begun', async () => {
      const leadId = await bench.post()
      const stall = stallAt('dispatch')
      const attempt = bench.touch(leadId, await bench.look(leadId), stall)
      await stall.reached
      expect(await states(leadId)).toEqual(['intent'])
      await put(EVERYTHING)
      expect(await states(leadId)).toEqual(['abandoned'])
      stall.letGo()
      expect(await attempt).toMatchObject(held)
      expect(bench.caught()).toEqual([])
    })

    it('waits for a decision under way, and takes that back too', async () => {
      const leadId = await bench.post()
      const stall = stallAt('commit')
      const attempt = bench.touch(leadId, await bench.look(leadId), stall)
      await stall.reached
      let acknowledged = false
      const stopping = put(EVERYTHING).then(() => {
        acknowledged = true
      })
      // On PGlite the decision holds the only connection; on Postgres, the lock.
      await until(async () => true, { what: 'a turn' })
      expect(acknowledged).toBe(false)
      stall.letGo()
      await Promise.all([stopping, attempt])
      const sent = bench.caught().length
      // Whoever came first after that commit: a truthful row, and nothing after the stop.
      expect(await states(leadId)).toEqual([sent === 1 ? 'sent' : 'abandoned'])
    })

    it('concerns only leads that may be in its state, by area code or address', async () => {
      const phone = await bench.post(newPerson({ phone: '+15045550101', zip: null }))
      const address = await bench.post(newPerson({ state: 'LA' }))
      const elsewhere = await bench.post()
      const nobodyKnows = await bench.post(newPerson({ phone: '+15005550101', zip: null }))
      for (const leadId of [phone, address, elsewhere, nobodyKnows]) await bench.look(leadId)
      const { stop } = await put(LOUISIANA)
      const waits = async (leadId: LeadId) => (await bench.look(leadId)).summary.startsWith('held')
      expect(await waits(phone)).toBe(true)
      expect(await waits(address)).toBe(true)
      expect(await waits(elsewhere)).toBe(false)
      // It may be there, but no state's emergency law knows emails.
      expect(await waits(nobodyKnows)).toBe(false)
      const listed = (await leadsOfStop(bench.store.db, stop.id, null)).items.map(({ id }) => id)
      expect(listed).toEqual(expect.arrayContaining([phone, address, nobodyKnows]))
      expect(listed).not.toContain(elsewhere)
      const holds = await whatStopHolds(bench.store.db, stop)
      expect(holds.waiting).toBeGreaterThanOrEqual(2)
      expect(holds.leads).toBe(listed.length)
    })

    it('of a channel holds the steps of that channel alone', async () => {
      const leadId = await bench.post()
      await put(TEXTS)
      const next = await bench.touch(leadId, await bench.look(leadId))
      expect(bench.caught()).toEqual(['First'])
      expect(next).toMatchObject(held)
    })

    it('is lifted for exactly those that waited, whose clocks shift by as long', async () => {
      const waiting = await bench.post()
      await bench.touch(waiting, await bench.look(waiting))
      const second = await bench.look(waiting)
      await bench.touch(waiting, second)
      expect(bench.caught()).toHaveLength(2)
      const { dueAt } = { dueAt: plus(bench.clock.now, DAY_MS) }
      bench.clock.now = plus(bench.clock.now, HOUR_MS)
      const { stop } = await put({ scope: 'cadence', key: 'drip', because: 'a wrong text' })
      await bench.look(waiting)
      const other = await bench.post(newPerson(), { cadence: 'texts' })
      await bench.look(other)
      bench.clock.now = plus(bench.clock.now, 3 * DAY_MS)
      const { woken, bulk } = await liftStop(intake(), stop.id, 'test')
      expect(woken).toBeGreaterThanOrEqual(1)
      expect(rung).toEqual([])
      const lifted = bench.clock.now
      await driveBulk(bench, bulk, rung)
      bench.clock.now = lifted
      const ids = rung.map(({ leadId }) => leadId)
      expect(ids).toContain(waiting)
      expect(ids).not.toContain(other)
      const plan = await bench.look(waiting)
      expect(plan.next).toMatchObject({ do: 'touch', touch: { stepId: 'last' } })
      const ms = plan.next.do === 'touch' ? plan.next.ms : 0
      expect(plus(bench.clock.now, ms ?? 0)).toBe(plus(dueAt, 3 * DAY_MS))
      await expect(liftStop(intake(), stop.id, 'test')).rejects.toMatchObject({ status: 404 })
      expect(await listStops(bench.store.db, false)).toEqual([])
    })

    it('refuses keys that stop nothing', async () => {
      const wrong: NewStop[] = [
        { scope: 'state', key: 'Louisiana', because: 'x' },
        { scope: 'cadence', key: 'none-such', because: 'x' },
        { scope: 'channel', key: 'fax', because: 'x' },
        { scope: 'global', key: 'LA', because: 'x' },
      ]
      for (const stop of wrong) await expect(put(stop)).rejects.toMatchObject({ status: 422 })
    })
  })
})
