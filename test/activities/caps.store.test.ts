import { beforeEach, describe, expect, it } from 'vitest'
import type { Timing } from '../../src/activities/deps.ts'
import { makeTouch } from '../../src/activities/touch/touch.ts'
import { DEFAULT_SETTINGS, engineRules } from '../../src/domain/company/company.ts'
import type { Plan } from '../../src/domain/contract.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import { DAY_MS, HOUR_MS, instant, plus } from '../../src/domain/time.ts'
import { loadPerson } from '../../src/leads/people.ts'
import { finishTask } from '../../src/leads/tasks/calls.ts'
import { addTask } from '../../src/store/work/tasks.ts'
import { forEachWorkbench, newPerson, touchInput, type Workbench } from '../support/workbench.ts'

/** The law's cap alone: no gap, and company caps that never bind. */
const LAW_ONLY = engineRules({
  ...DEFAULT_SETTINGS,
  minimumGapMs: 0,
  caps: { ...DEFAULT_SETTINGS.caps, touchesPerDay: 100, touchesPerWeek: 100 },
})

/** A slow machine may make a queue of fifty time out; Temporal tries an activity again, too. */
async function insisting<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      if (tries === 10) throw error
    }
  }
}

forEachWorkbench((_, opened) => {
  let bench: Workbench
  beforeEach(() => {
    bench = opened()
  })

  const under = (rules: typeof LAW_ONLY, leadId: LeadId, plan: Plan) => {
    const deps = { ...bench.deps, settings: () => Promise.resolve(rules) }
    const timing: Timing = {
      mode: 'virtual',
      scheduledAt: bench.clock.now,
      now: () => bench.clock.now,
      wall: () => instant(Date.now()),
    }
    return makeTouch(deps, touchInput(leadId, plan), 'run-1', timing)
  }
  const planned = async (many: number, cadence: string) => {
    const { phone } = newPerson()
    const leads: [LeadId, Plan][] = []
    for (let n = 0; n < many; n += 1) {
      const leadId = await bench.post(newPerson({ phone }), { cadence })
      leads.push([leadId, await bench.look(leadId)])
    }
    return leads
  }
  const recent = async (leadId: LeadId) =>
    (await loadPerson(bench.store.db, await bench.lead(leadId), bench.clock.now)).policy.recent

  describe('caps by person', () => {
    it('let exactly three of fifty concurrent texts to one phone leave', async () => {
      const leads = await planned(50, 'texts')
      const plans = await Promise.all(
        leads.map(([id, plan]) => insisting(() => under(LAW_ONLY, id, plan))),
      )
      expect(bench.caught('sms')).toHaveLength(3)
      const states = (await Promise.all(leads.map(([id]) => bench.touches(id)))).flat()
      expect(states.filter(({ state }) => state === 'sent')).toHaveLength(3)
      const waits = plans.filter(({ next }) => next.do === 'touch' && next.ms >= DAY_MS)
      expect(waits.length).toBeGreaterThanOrEqual(47)
    }, 240_000)

    it('count what duplicates send to other addresses of the same person, and keep the gap', async () => {
      const [one, other] = await planned(2, 'drip')
      if (one === undefined || other === undefined) throw new Error('there are two')
      await Promise.all([bench.touch(...one), bench.touch(...other)])
      expect(bench.caught('email')).toEqual(['First'])
      expect(await recent(one[0])).toHaveLength(1)
      expect(await recent(other[0])).toHaveLength(1)
      const [denied] = (
        await bench.store.db
          .selectFrom('ledger_entries')
          .select(['meta', 'payload'])
          .where('lead_id', 'in', [one[0], other[0]])
          .where('kind', '=', 'decision')
          .execute()
      ).filter(({ meta }) => meta.verdict === 'denied')
      const said = JSON.stringify(denied?.payload)
      expect(said).toContain('The last planned email was Tue 24 Nov 12:00 New York')
      bench.clock.now = plus(bench.clock.now, 4 * HOUR_MS)
      const plans = await Promise.all([bench.look(one[0]), bench.look(other[0])])
      const due = plans.filter(({ next }) => next.do === 'touch' && next.ms === 0)
      expect(due).toHaveLength(2)
    })

    it('count a call once it is done, as planned when a cadence asked for it', async () => {
      const leadId = await bench.post(newPerson(), { cadence: 'drip' })
      await bench.look(leadId)
      const { episode_id: episodeId } = await bench.lead(leadId)
      const task = {
        leadId,
        title: 'Call',
        because: 'step call',
        assignee: null,
        dueAt: null,
        at: bench.clock.now,
      }
      await addTask(bench.store.db, { ...task, kind: 'call' })
      await addTask(bench.store.db, {
        ...task,
        kind: 'voicemail',
        ...(episodeId !== null && { episodeId }),
      })
      await addTask(bench.store.db, { ...task, kind: 'hand_off' })
      expect(await recent(leadId)).toEqual([])
      const rows = await bench.store.db
        .selectFrom('tasks')
        .select('id')
        .where('lead_id', '=', leadId)
        .execute()
      for (const { id } of rows) {
        const { rules } = bench
        const { ledgerKey } = bench.deps
        const context = { who: 'test', at: bench.clock.now, rules, ledgerKey }
        await bench.store.transaction((trx) => finishTask(trx, id, true, context))
      }
      const calls = await recent(leadId)
      expect(
        calls.map(({ channel, messageClass, inEpisode }) => [channel, messageClass, inEpisode]),
      ).toEqual(
        expect.arrayContaining([
          ['call', 'conversation', false],
          ['call', 'marketing', true],
        ]),
      )
      expect(calls).toHaveLength(2)
    })

    it('forget what failed or was taken back, and what is older than a week', async () => {
      const leadId = await bench.post(newPerson())
      await bench.touch(leadId, await bench.look(leadId))
      expect(await recent(leadId)).toMatchObject([{ channel: 'email', inEpisode: true }])
      const set = (state: 'failed' | 'abandoned' | 'uncertain' | 'delivered' | 'dispatching') =>
        bench.store.db.updateTable('touches').set({ state }).where('lead_id', '=', leadId).execute()
      for (const state of ['failed', 'abandoned'] as const) {
        await set(state)
        expect(await recent(leadId)).toEqual([])
      }
      for (const state of ['uncertain', 'delivered', 'dispatching'] as const) {
        await set(state)
        expect(await recent(leadId)).toHaveLength(1)
      }
      bench.clock.now = plus(bench.clock.now, 8 * DAY_MS)
      expect(await recent(leadId)).toHaveLength(1)
      await bench.store.db
        .updateTable('leads')
        .set({ episode_id: null })
        .where('id', '=', leadId)
        .execute()
      expect(await recent(leadId)).toEqual([])
    })
  })
})
