import { beforeEach, describe, expect, it } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import type { DeadDetails } from '../../src/domain/lead.ts'
import { DAY_MS, HOUR_MS, plus } from '../../src/domain/time.ts'
import { loadFacts } from '../../src/leads/facts.ts'
import { forEachWorkbench, newPerson, type Workbench } from '../support/workbench.ts'

forEachWorkbench((_, opened) => {
  let bench: Workbench
  beforeEach(() => {
    bench = opened()
  })
  const facts = async (leadId: LeadId) =>
    (await loadFacts(bench.store.db, await bench.lead(leadId), bench.clock.now, bench.rules)).plan

  describe('the facts of a lead', () => {
    it('tell a fresh form from an import and from a revival', async () => {
      const fresh = await bench.post()
      await bench.look(fresh)
      expect((await facts(fresh)).episode).toMatchObject({ begun: 'fresh', kind: 'nurture' })
      await bench.signal(fresh, { kind: 'mark_dead', payload: { details: UNRESPONSIVE } })
      await bench.look(fresh)
      await bench.signal(fresh, { kind: 'revive', payload: { cadence: null } })
      await bench.look(fresh)
      expect((await facts(fresh)).episode).toMatchObject({ begun: 'calm', kind: 'revival' })
      const enrolled = await bench.post()
      const payload = { cadence: 'texts', begunBy: 'import' } as const
      await bench.signal(enrolled, { kind: 'enroll', payload })
      await bench.look(enrolled)
      expect((await facts(enrolled)).episode).toMatchObject({ begun: 'bulk' })
    })

    it('hold the attempts at the current step, and what reached out before', async () => {
      const leadId = await bench.post()
      const plan = await bench.touch(leadId, await bench.look(leadId))
      expect((await facts(leadId)).episode).toMatchObject({
        position: { stepId: 'text', visit: 1 },
        attempts: [],
        previous: [{ channel: 'email', at: bench.clock.now }],
      })
      const last = await bench.touch(leadId, plan)
      expect(last.next).toMatchObject({ touch: { stepId: 'last' } })
      expect((await facts(leadId)).episode?.previous).toHaveLength(2)
    })

    it('count consents and stops of the person, whichever lead they came by', async () => {
      const { phone } = newPerson()
      const one = await bench.post(newPerson({ phone }))
      const other = await bench.post(newPerson({ phone }), { consents: [] })
      const { person } = await facts(other)
      expect(person.consents).toMatchObject([{ channel: 'sms', basis: 'express_written' }])
      await bench.signal(one, {
        kind: 'opt_out',
        payload: { channel: 'sms', how: 'text STOP', words: null },
      })
      expect((await facts(other)).person.suppressions).toMatchObject([{ cause: 'opt_out' }])
    })

    it('measure a pause by the planner’s clock, not by when it was asked for', async () => {
      const leadId = await bench.post()
      await bench.look(leadId)
      bench.clock.now = plus(bench.clock.now, HOUR_MS)
      await bench.signal(leadId, { kind: 'pause', payload: { because: 'wait' } })
      bench.clock.now = plus(bench.clock.now, HOUR_MS)
      expect((await facts(leadId)).episode?.pausedMs).toBe(0)
      await bench.look(leadId)
      bench.clock.now = plus(bench.clock.now, 5 * HOUR_MS)
      expect((await facts(leadId)).episode?.pausedMs).toBe(5 * HOUR_MS)
      expect((await facts(leadId)).holds).toEqual([
        { kind: 'paused', channel: null, untilAt: null },
      ])
    })

    it('say until when a dead lead sleeps here', async () => {
      const leadId = await bench.post()
      await bench.look(leadId)
      await bench.signal(leadId, { kind: 'mark_dead', payload: { details: UNRESPONSIVE } })
      await bench.look(leadId)
      const { archiveAt, checkInAt } = await facts(leadId)
      const months = (n: number) => plus(bench.clock.now, n * 30.44 * DAY_MS)
      expect({ archiveAt, checkInAt }).toEqual({ archiveAt: months(18), checkInAt: months(6) })
      await bench.signal(leadId, {
        kind: 'mark_dead',
        payload: { details: { reason: 'hostile', words: null } },
      })
      await bench.look(leadId)
      expect(await facts(leadId)).toMatchObject({ archiveAt: null, checkInAt: null })
    })
  })
})

const UNRESPONSIVE: DeadDetails = { reason: 'unresponsive', attempts: [] }
