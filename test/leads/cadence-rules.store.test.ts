import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeTouch } from '../../src/activities/touch/touch.ts'
import { parseCadenceSet } from '../../src/domain/cadence/file/set.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import { DAY_MS, HOUR_MS, plus } from '../../src/domain/time.ts'
import { patchKnownLead } from '../../src/leads/incoming/patch.ts'
import { publish } from '../../src/leads/publishing/publish.ts'
import { forEachWorkbench, newPerson, touchInput, type Workbench } from '../support/workbench.ts'

const cadence = (name: string, more: string) => ({
  path: `cadences/${name}.yaml`,
  text: `name: ${name}\ntitle: ${name}\npurpose: nurture\nhours: any\n${more}end: { dead: unresponsive }\n`,
})
const FILES = [
  cadence(
    'few',
    `throttle: 3/d
steps:
  - { id: one, email: drip/first, at: asap }
`,
  ),
  cadence(
    'either',
    `steps:
  - { id: one, email: drip/first, at: asap, fallback: { sms: drip/text } }
`,
  ),
  cadence(
    'dated',
    `steps:
  - id: one
    email: drip/first
    on-date: { field: lead.attributes.ends, offset: -30d }
    at: asap
  - { id: two, email: drip/last, after: 1h, at: asap }
`,
  ),
  cadence(
    'patient',
    `revival: { unresponsive: { quiet: 200d, check-in: none } }
steps:
  - { id: one, email: drip/first, at: asap }
`,
  ),
  cadence(
    'picky',
    `entry:
  sources: [webform]
  when: { not: { field: lead.attributes.plan, is: pro } }
  re-entry: { after: 30d }
exit:
  - { when: { field: lead.attributes.seats, below: 3 }, end: { dead: unqualified } }
goal: { when: { field: lead.attributes.plan, is: pro }, end: { hand-off: Welcome them } }
steps:
  - { id: one, email: drip/first, at: asap }
  - { id: two, email: drip/last, after: 2d, at: asap }
`,
  ),
  { path: 'templates/drip/first.md', text: '---\nsubject: First\n---\nHi {{ lead.firstName }}!\n' },
  { path: 'templates/drip/last.md', text: '---\nsubject: Last\n---\nStill there?\n' },
  { path: 'templates/drip/text.sms.txt', text: '{{ company.brand }}: hello!\n' },
]

forEachWorkbench((_, opened) => {
  let bench: Workbench
  beforeAll(async () => {
    const set = parseCadenceSet(FILES)
    if (!set.ok) throw new Error(JSON.stringify(set.problems))
    const { store, clock } = opened()
    await store.transaction((trx) => publish(trx, set, 'test', clock.now))
  })
  beforeEach(() => {
    bench = opened()
  })

  const patch = (leadId: LeadId, attributes: Record<string, unknown>) =>
    bench.store.transaction((trx) =>
      patchKnownLead(
        trx,
        leadId,
        { attributes },
        { hashKeys: bench.hashKeys, rules: bench.rules, via: 'test', receivedAt: bench.clock.now },
      ),
    )
  const visit = async (leadId: LeadId) => {
    await bench.signal(leadId, {
      kind: 'visit',
      payload: { sessionId: 's', visitorId: null, page: null, interacted: true },
    })
    await bench.look(leadId)
    return (await bench.lead(leadId)).status
  }

  describe('a throttle', () => {
    it('is not exceeded by leads at once; the others wait, spread, and go when there is room', async () => {
      const leads = await Promise.all(
        Array.from({ length: 8 }, () => bench.post(newPerson(), { cadence: 'few' })),
      )
      const plans = await Promise.all(leads.map((leadId) => bench.look(leadId)))
      const after = await Promise.all(
        leads.map((leadId, n) => {
          const plan = plans[n]
          if (plan === undefined) throw new Error('each has a plan')
          return bench.touch(leadId, plan)
        }),
      )
      expect(bench.caught('email')).toHaveLength(3)
      const waits = after.filter(({ details }) => details.includes('at most 3 messages a day'))
      expect(waits).toHaveLength(5)
      expect(new Set(waits.map(({ next }) => ('ms' in next ? next.ms : 0))).size).toBe(5)

      bench.clock.now = plus(bench.clock.now, DAY_MS + HOUR_MS)
      const waiting = leads.filter((_lead, n) => after[n]?.details.includes('at most'))
      for (const leadId of waiting) {
        const plan = await bench.look(leadId)
        if (plan.next.do === 'touch') await bench.touch(leadId, plan)
      }
      expect(bench.caught('email')).toHaveLength(6)
    })
  })

  describe('a fallback', () => {
    it('texts whom no email reaches, in the same step, and writes down why', async () => {
      const { phone } = newPerson()
      const leadId = await bench.post({ firstName: 'Ada', phone }, { cadence: 'either' })
      const plan = await bench.look(leadId)
      expect(plan.next).toMatchObject({ do: 'touch', touch: { stepId: 'one', channel: 'sms' } })
      await bench.touch(leadId, plan)
      expect(bench.caught()).toEqual([expect.stringContaining('hello!')])
      const decisions = await bench.store.db
        .selectFrom('ledger_entries')
        .select(['meta', 'payload'])
        .where('lead_id', '=', leadId)
        .where('kind', '=', 'decision')
        .execute()
      expect(decisions).toMatchObject([
        {
          meta: { step: 'one', channel: 'sms', fallback: true },
          payload: { instead: expect.stringContaining('a text instead of an email') },
        },
      ])
    })

    it('takes over from a channel without provider', async () => {
      const leadId = await bench.post(newPerson(), { cadence: 'either' })
      const plan = await bench.look(leadId)
      const email: typeof bench.deps.email = {
        ...bench.deps.email,
        ready: () =>
          Promise.resolve({
            ready: false,
            kind: 'not_configured',
            code: 'none',
            because: 'no provider is set',
            fix: 'Set one.',
          }),
      }
      const next = await makeTouch({ ...bench.deps, email }, touchInput(leadId, plan), 'run-1', {
        mode: 'virtual',
        scheduledAt: bench.clock.now,
        now: () => bench.clock.now,
        wall: () => bench.clock.now,
      })
      expect(next.next).toMatchObject({ do: 'touch', touch: { channel: 'sms', attempt: 1 } })
      await bench.touch(leadId, next)
      expect(bench.caught('sms')).toHaveLength(1)
      expect(bench.caught('email')).toEqual([])
    })
  })

  describe('a step that hangs on a date', () => {
    it('is planned anew when the date changes', async () => {
      const leadId = await bench.post(
        { ...newPerson(), attributes: { ends: '2027-03-01' } },
        { cadence: 'dated' },
      )
      await bench.look(leadId)
      // 30 days before, in New York.
      const midnight = Date.parse('2027-01-30T05:00:00Z')
      const due = (await bench.lead(leadId)).next_at ?? 0
      expect(due).toBeGreaterThanOrEqual(midnight)
      expect(due).toBeLessThan(midnight + DAY_MS)

      const { ring } = await patch(leadId, { ends: '2026-12-24' })
      expect(ring).not.toBeNull()
      await bench.look(leadId)
      expect((await bench.lead(leadId)).next_at).toBeLessThan(Date.parse('2026-11-25T17:00:00Z'))
      expect((await patch(leadId, { ends: '2026-12-24' })).ring).toBeNull()
    })

    it('is passed where there is none, with the reason', async () => {
      const leadId = await bench.post(newPerson(), { cadence: 'dated' })
      const plan = await bench.look(leadId)
      expect(plan.next).toMatchObject({ do: 'touch', touch: { stepId: 'two' } })
      const [dropped] = await bench.store.db
        .selectFrom('ledger_entries')
        .select(['meta', 'payload'])
        .where('lead_id', '=', leadId)
        .where('kind', '=', 'decision')
        .execute()
      expect(dropped).toMatchObject({
        meta: { step: 'one', verdict: 'dropped', by: 'no_date' },
        payload: { because: 'the lead has no date lead.attributes.ends' },
      })
    })
  })

  describe('rules of entry', () => {
    it('refuse who comes from elsewhere, is not meant, or was there lately; and say why', async () => {
      const bought = await bench.post({ ...newPerson(), source: 'list' }, { cadence: 'picky' })
      await bench.look(bought)
      const [hold] = await bench.store.db
        .selectFrom('holds')
        .select(['kind', 'because'])
        .where('lead_id', '=', bought)
        .execute()
      expect(hold).toMatchObject({
        kind: 'no_cadence',
        because: 'picky refuses: it takes leads from webform only',
      })
      const pro = await bench.post(
        { ...newPerson(), attributes: { plan: 'pro' } },
        { cadence: 'picky' },
      )
      expect((await bench.lead(pro)).episode_id).toBeNull()

      const again = await bench.post(newPerson(), { cadence: 'picky' })
      await bench.look(again)
      const details = { reason: 'unresponsive', attempts: [] } as const
      await bench.signal(again, { kind: 'mark_dead', payload: { details } })
      await bench.look(again)
      const enroll = { kind: 'enroll', payload: { cadence: 'picky', begunBy: 'api' } } as const
      await bench.signal(again, enroll)
      await bench.look(again)
      expect((await bench.lead(again)).status).toBe('dead')
      bench.clock.now = plus(bench.clock.now, 31 * DAY_MS)
      await bench.signal(again, enroll)
      await bench.look(again)
      expect((await bench.lead(again)).status).toBe('nurturing')
    })
  })

  describe('exits and the goal', () => {
    it('end it before the next step, also at the gate of a message that is about to leave', async () => {
      const small = await bench.post(newPerson(), { cadence: 'picky' })
      const plan = await bench.look(small)
      expect(plan.next).toMatchObject({ do: 'touch' })
      // What the planner did not see yet, the gate does.
      await bench.store.db
        .updateTable('leads')
        .set({ attributes: JSON.stringify({ seats: 2 }) })
        .where('id', '=', small)
        .execute()
      await bench.touch(small, plan)
      expect(bench.caught()).toEqual([])
      expect(await bench.lead(small)).toMatchObject({ status: 'dead', dead_reason: 'unqualified' })

      const bought = await bench.post(newPerson(), { cadence: 'picky' })
      await bench.touch(bought, await bench.look(bought))
      expect(bench.caught()).toEqual(['First'])
      await patch(bought, { plan: 'pro' })
      await bench.look(bought)
      expect((await bench.lead(bought)).status).toBe('engaged')
      const [task] = await bench.store.db
        .selectFrom('tasks')
        .select(['title', 'because'])
        .where('lead_id', '=', bought)
        .execute()
      expect(task).toMatchObject({
        title: 'Welcome them',
        because: expect.stringContaining('the goal is reached'),
      })
    })
  })

  describe('a cadence’s own way back', () => {
    it('counts for leads that died in it, and for nobody else', async () => {
      const lost = async (name: string) => {
        const leadId = await bench.post(newPerson(), { cadence: name })
        await bench.look(leadId)
        const details = { reason: 'unresponsive', attempts: [] } as const
        await bench.signal(leadId, { kind: 'mark_dead', payload: { details } })
        await bench.look(leadId)
        return leadId
      }
      const patient = await lost('patient')
      const usual = await lost('drip')
      expect((await bench.lead(patient)).check_in_at).toBeNull()
      expect((await bench.lead(usual)).check_in_at).not.toBeNull()
      bench.clock.now = plus(bench.clock.now, 100 * DAY_MS)
      expect(await visit(usual)).toBe('nurturing')
      expect(await visit(patient)).toBe('dead')
      bench.clock.now = plus(bench.clock.now, 101 * DAY_MS)
      expect(await visit(patient)).toBe('nurturing')
    })
  })
})
