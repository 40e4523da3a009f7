import { beforeEach, describe, expect, it } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import type { DeadDetails } from '../../src/domain/lead.ts'
import type { Signal } from '../../src/domain/signals.ts'
import { DAY_MS, HOUR_MS, instant, MINUTE_MS, plus } from '../../src/domain/time.ts'
import { forEachWorkbench, newPerson, textConsent, type Workbench } from '../support/workbench.ts'

const visit = (more: { interacted?: boolean } = {}): Signal => ({
  kind: 'visit',
  payload: { sessionId: 's', visitorId: null, page: '/pricing', interacted: true, ...more },
})
const form = (freshConsent = false): Signal => ({
  kind: 'form',
  payload: { cadence: null, freshConsent },
})
const dies = (details: DeadDetails): Signal => ({ kind: 'mark_dead', payload: { details } })
const UNRESPONSIVE: DeadDetails = { reason: 'unresponsive', attempts: [] }
const action = (kind: 'skip' | 'send_now' | 'resume'): Signal => ({ kind, payload: {} })

forEachWorkbench((_, opened) => {
  let bench: Workbench
  beforeEach(() => {
    bench = opened()
  })
  const later = (ms: number) => {
    bench.clock.now = plus(bench.clock.now, ms)
  }
  const effects = async (leadId: LeadId) =>
    (
      await bench.store.db
        .selectFrom('signals')
        .select(['effect'])
        .where('lead_id', '=', leadId)
        .orderBy('seq')
        .execute()
    ).map(({ effect }) => effect)
  const episodes = (leadId: LeadId) =>
    bench.store.db
      .selectFrom('episodes')
      .select(['kind', 'cadence_name', 'began_by', 'outcome', 'started_at', 'ended_at'])
      .where('lead_id', '=', leadId)
      .orderBy('number')
      .execute()
  const tasks = (leadId: LeadId) =>
    bench.store.db
      .selectFrom('tasks')
      .select(['kind', 'title', 'because', 'due_at'])
      .where('lead_id', '=', leadId)
      .where('done_at', 'is', null)
      .execute()

  /** A lead that died a while ago. */
  async function dead(details: DeadDetails = UNRESPONSIVE, ago = 400 * DAY_MS): Promise<LeadId> {
    const leadId = await bench.post()
    await bench.look(leadId)
    await bench.signal(leadId, dies(details))
    await bench.look(leadId)
    later(ago)
    return leadId
  }

  describe('what was accepted', () => {
    it('is absorbed once, in order, on the planner’s clock', async () => {
      const leadId = await bench.post()
      later(HOUR_MS)
      await bench.look(leadId)
      expect(await episodes(leadId)).toMatchObject([
        { kind: 'nurture', cadence_name: 'drip', began_by: 'form', started_at: bench.clock.now },
      ])
      await bench.look(leadId)
      expect(await episodes(leadId)).toHaveLength(1)
      expect(await effects(leadId)).toEqual(['started drip'])
    })

    it('dates a death by the planner’s clock, which may run ahead', async () => {
      const leadId = await bench.post()
      await bench.look(leadId)
      await bench.signal(leadId, dies(UNRESPONSIVE))
      expect(await bench.lead(leadId)).toMatchObject({ status: 'dead', dead_at: null })
      later(30 * DAY_MS)
      await bench.look(leadId)
      const diedAt = bench.clock.now
      expect((await bench.lead(leadId)).dead_at).toBe(diedAt)
      expect((await episodes(leadId))[0]?.ended_at).toBe(diedAt)
      const [last] = await bench.store.db
        .selectFrom('transitions')
        .select(['to_status', 'at'])
        .where('lead_id', '=', leadId)
        .orderBy('at', 'desc')
        .limit(1)
        .execute()
      expect(last).toEqual({ to_status: 'dead', at: diedAt })
    })

    it('dates what a person has to do by that clock too', async () => {
      const leadId = await bench.post()
      await bench.look(leadId)
      later(30 * DAY_MS)
      await bench.signal(leadId, {
        kind: 'reply',
        payload: { channel: 'email', text: 'Call me', subject: null, touchId: null },
      })
      later(DAY_MS)
      await bench.look(leadId)
      const [task] = await bench.store.db
        .selectFrom('tasks')
        .select(['title', 'created_at'])
        .where('lead_id', '=', leadId)
        .execute()
      expect(task).toEqual({ title: 'Answer the lead', created_at: bench.clock.now })
    })

    it('does not begin what something later has ended', async () => {
      for (const end of [
        dies(UNRESPONSIVE),
        { kind: 'purchase', payload: { amount: null, currency: null } } satisfies Signal,
      ]) {
        const leadId = await bench.post()
        await bench.signal(leadId, end)
        await bench.look(leadId)
        expect(await episodes(leadId)).toEqual([])
        expect((await effects(leadId))[0]).toContain('something later ended it')
      }
    })

    it('does not begin what a stop on the only channel has ended', async () => {
      const leadId = await bench.post(newPerson({ phone: undefined }))
      const how = 'one-click'
      await bench.signal(leadId, {
        kind: 'opt_out',
        payload: { channel: 'email', how, words: null },
      })
      await bench.look(leadId)
      expect(await bench.lead(leadId)).toMatchObject({ status: 'dead', dead_reason: 'opted_out' })
      expect(await episodes(leadId)).toEqual([])
    })
  })

  describe('a visit to a dead lead', () => {
    it('revives it into the gentle cadence, and says why it was dead', async () => {
      const leadId = await dead()
      await bench.signal(leadId, visit())
      const plan = await bench.look(leadId)
      expect(await episodes(leadId)).toMatchObject([
        { kind: 'nurture', outcome: 'dead: unresponsive' },
        { kind: 'revival', cadence_name: 'welcome-back', began_by: 'visit', outcome: null },
      ])
      expect(plan.next).toMatchObject({ do: 'touch', touch: { stepId: 'hello', channel: 'email' } })
      const ms = plan.next.do === 'touch' ? plan.next.ms : 0
      expect(ms).toBeGreaterThanOrEqual(3 * HOUR_MS)
      expect((await bench.lead(leadId)).status).toBe('nurturing')
    })

    it('twice on the same day revives it once', async () => {
      const leadId = await dead()
      await bench.signal(leadId, visit())
      await bench.look(leadId)
      later(5 * MINUTE_MS)
      await bench.signal(leadId, visit())
      await bench.signal(leadId, visit())
      await bench.look(leadId)
      expect(await episodes(leadId)).toHaveLength(2)
    })

    it('twice before anybody looked revives it once', async () => {
      const leadId = await dead()
      await bench.signal(leadId, visit())
      await bench.signal(leadId, visit())
      await bench.look(leadId)
      expect(await episodes(leadId)).toHaveLength(2)
      expect((await effects(leadId)).at(-1)).toBe('recorded: the lead is alive')
    })

    it('within the quiet time is recorded and shown to the owner', async () => {
      const leadId = await dead(UNRESPONSIVE, 29 * DAY_MS)
      await bench.signal(leadId, visit())
      await bench.look(leadId)
      expect((await bench.lead(leadId)).status).toBe('dead')
      expect((await effects(leadId)).at(-1)).toContain('within the quiet time until')
      expect(await tasks(leadId)).toMatchObject([{ title: 'The lead is back: have a look' }])
    })

    it('minutes after a message of ours revives nobody unless a person was seen', async () => {
      const leadId = await bench.post()
      await bench.touch(leadId, await bench.look(leadId))
      await bench.signal(
        leadId,
        dies({ reason: 'no_matching_offering', wanted: null, fault: null }),
      )
      const rules = bench.rules.revival.byReason.no_matching_offering
      await bench.look(leadId)
      // As if the death were old and the message new.
      await bench.store.db
        .updateTable('leads')
        .set({ dead_at: plus(bench.clock.now, -rules.quietMs) })
        .where('id', '=', leadId)
        .execute()
      later(9 * MINUTE_MS)
      await bench.signal(leadId, visit({ interacted: false }))
      await bench.look(leadId)
      expect((await bench.lead(leadId)).status).toBe('dead')
      expect(await tasks(leadId)).toEqual([])
      await bench.signal(leadId, visit({ interacted: true }))
      await bench.look(leadId)
      expect((await bench.lead(leadId)).status).toBe('nurturing')
    })

    it('keeps the budget: once in 90 days, three times in all, then a person decides', async () => {
      const leadId = await dead()
      const outcomes: string[] = []
      for (const days of [0, 40, 120, 120, 120]) {
        later(days * DAY_MS)
        await bench.signal(leadId, visit())
        await bench.look(leadId)
        const { status } = await bench.lead(leadId)
        outcomes.push(status)
        if (status === 'nurturing') await bench.signal(leadId, dies(UNRESPONSIVE))
        await bench.look(leadId)
      }
      expect(outcomes).toEqual(['nurturing', 'dead', 'nurturing', 'nurturing', 'dead'])
      expect((await effects(leadId)).at(-1)).toContain('a person decides')
      expect(await tasks(leadId)).not.toEqual([])
    })

    it.each([
      { reason: 'hostile', words: 'never again' },
      { reason: 'spam', evidence: null },
    ] satisfies DeadDetails[])('that is $reason is recorded, and nothing more', async (details) => {
      const leadId = await dead(details)
      expect(await bench.signal(leadId, visit())).toMatchObject({ kind: 'accepted', rings: false })
      await bench.look(leadId)
      expect((await bench.lead(leadId)).status).toBe('dead')
      expect(await tasks(leadId)).toEqual([])
    })
  })

  describe('a form by a dead lead', () => {
    it('always revives it, into the cadence of forms, at once', async () => {
      const leadId = await dead(UNRESPONSIVE, DAY_MS)
      await bench.signal(leadId, form())
      const plan = await bench.look(leadId)
      expect((await episodes(leadId)).at(-1)).toMatchObject({
        kind: 'nurture',
        cadence_name: 'new-lead',
        began_by: 'form',
      })
      expect(plan.next).toMatchObject({ do: 'touch', ms: 0, touch: { stepId: 'first-reply' } })
    })

    it('that opted out needs a consent given after that', async () => {
      const person = newPerson({ phone: undefined })
      const leadId = await bench.post(person)
      await bench.look(leadId)
      const channel = 'email'
      await bench.signal(leadId, {
        kind: 'opt_out',
        payload: { channel, how: 'link', words: null },
      })
      await bench.look(leadId)
      later(100 * DAY_MS)
      await bench.signal(leadId, form(false))
      await bench.look(leadId)
      expect((await bench.lead(leadId)).dead_reason).toBe('opted_out')
      const consent = {
        channel,
        basis: 'express',
        disclosure: null,
        at: bench.clock.now,
        source: 'https://acme.example/again',
        ip: null,
      } as const
      await bench.post(person, { consents: [consent] })
      await bench.look(leadId)
      expect(await bench.lead(leadId)).toMatchObject({ status: 'nurturing', dead_reason: null })
    })

    it('after a complaint is not revived by any consent', async () => {
      const person = newPerson()
      const leadId = await bench.post(person)
      await bench.look(leadId)
      await bench.signal(leadId, {
        kind: 'complaint',
        payload: { channel: 'email', how: 'report' },
      })
      await bench.look(leadId)
      later(100 * DAY_MS)
      await bench.post(person, { consents: [textConsent(bench.clock.now)] })
      await bench.look(leadId)
      expect(await bench.lead(leadId)).toMatchObject({ status: 'dead', dead_reason: 'opted_out' })
    })
  })

  describe('an operator', () => {
    it('skips a step, and jumps to one, also back', async () => {
      const leadId = await bench.post()
      await bench.look(leadId)
      await bench.signal(leadId, action('skip'))
      expect((await bench.look(leadId)).next).toMatchObject({ touch: { stepId: 'text', visit: 1 } })
      await bench.signal(leadId, { kind: 'jump', payload: { step: 'first' } })
      const back = await bench.look(leadId)
      expect(back.next).toMatchObject({ touch: { stepId: 'first', visit: 2 } })
      await bench.touch(leadId, back)
      expect(bench.caught()).toEqual(['First'])
      expect(await effects(leadId)).toEqual(['started drip', 'skipped first', 'jumped to first'])
    })

    it('sends now what would wait, at an hour that the law allows', async () => {
      const leadId = await bench.post(newPerson(), { cadence: 'drip' })
      let plan = await bench.touch(leadId, await bench.look(leadId))
      plan = await bench.touch(leadId, plan)
      expect(plan.next).toMatchObject({ do: 'touch', ms: DAY_MS, touch: { stepId: 'last' } })
      await bench.signal(leadId, action('send_now'))
      plan = await bench.look(leadId)
      expect(plan.next).toMatchObject({ do: 'touch', ms: 0, touch: { stepId: 'last' } })
      await bench.touch(leadId, plan)
      expect(bench.caught('email')).toEqual(['First', 'Last'])
    })

    it('pauses and resumes: what was due is due by as much later', async () => {
      const leadId = await bench.post()
      let plan = await bench.touch(leadId, await bench.look(leadId))
      plan = await bench.touch(leadId, plan)
      const due = bench.clock.now + DAY_MS
      later(HOUR_MS)
      await bench.signal(leadId, { kind: 'pause', payload: { because: 'on holiday' } })
      expect(await bench.look(leadId)).toMatchObject({ next: { do: 'wait', ms: DAY_MS } })
      later(50 * HOUR_MS)
      await bench.look(leadId)
      await bench.signal(leadId, action('resume'))
      plan = await bench.look(leadId)
      const ms = plan.next.do === 'touch' ? plan.next.ms : 0
      expect(instant(bench.clock.now + ms)).toBe(due + 50 * HOUR_MS)
    })

    it('holds a lead until a date, at which it goes on by itself', async () => {
      const leadId = await bench.post()
      await bench.look(leadId)
      const until = plus(bench.clock.now, 5 * HOUR_MS)
      const because = 'they asked for the afternoon'
      await bench.signal(leadId, { kind: 'hold', payload: { until, because } })
      expect((await bench.look(leadId)).next).toEqual({ do: 'wait', ms: 5 * HOUR_MS })
      later(5 * HOUR_MS)
      expect((await bench.look(leadId)).next).toMatchObject({ do: 'touch', ms: 0 })
    })
  })

  describe('what sales says', () => {
    const disposition = (
      more: Partial<Extract<Signal, { kind: 'disposition' }>['payload']>,
    ): Signal => ({
      kind: 'disposition',
      payload: { outcome: 'later', details: null, until: null, note: null, ...more },
    })

    it('“later” holds a lead in its cadence until the date it named', async () => {
      const leadId = await bench.post()
      await bench.look(leadId)
      await bench.signal(leadId, disposition({ until: plus(bench.clock.now, 3 * HOUR_MS) }))
      expect((await bench.look(leadId)).next).toEqual({ do: 'wait', ms: 3 * HOUR_MS })
    })

    it('“later” reminds whoever talks with the lead on that date', async () => {
      const leadId = await bench.post()
      await bench.look(leadId)
      await bench.signal(leadId, { kind: 'booking', payload: { when: null, note: null } })
      const until = plus(bench.clock.now, 30 * DAY_MS)
      await bench.signal(leadId, disposition({ until }))
      await bench.look(leadId)
      expect(await tasks(leadId)).toContainEqual(
        expect.objectContaining({ title: 'Get back to the lead', due_at: until }),
      )
    })

    it('“dead” gives the reason, and what revives for it', async () => {
      const leadId = await bench.post()
      await bench.look(leadId)
      const details: DeadDetails = {
        reason: 'competitor',
        competitor: 'Globex',
        why: 'price',
        contractEnds: null,
      }
      await bench.signal(leadId, disposition({ outcome: 'dead', details }))
      await bench.look(leadId)
      expect(await bench.lead(leadId)).toMatchObject({
        dead_reason: 'competitor',
        dead_details: { competitor: 'Globex', why: 'price' },
      })
      expect((await bench.lead(leadId)).check_in_at).toBeGreaterThan(bench.clock.now)
    })
  })
})
