import { beforeEach, describe, expect, it } from 'vitest'
import { lookAt } from '../../src/activities/look.ts'
import { parseCadenceSet } from '../../src/domain/cadence/file/set.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import type { ResumeMode } from '../../src/domain/pauses.ts'
import { DAY_MS, HOUR_MS, type Instant, MINUTE_MS, plus } from '../../src/domain/time.ts'
import { act } from '../../src/leads/actions.ts'
import { publish } from '../../src/leads/publishing/publish.ts'
import { cancelQueued } from '../../src/leads/queue.ts'
import { pauseCadence, resumeCadence } from '../../src/leads/stops/cadence-pause.ts'
import { previewCadenceResume, previewLeadResume } from '../../src/leads/stops/resume-preview.ts'
import { viewLead } from '../../src/leads/views/view.ts'
import { driveBulk } from '../support/bulk.ts'
import { forEachWorkbench, newPerson, stallAt, type Workbench } from '../support/workbench.ts'

/** Emails at any hour, a day apart, and cadences around it that are worth more, as much and less. */
const cadence = (name: string, priority: number, steps: number) => ({
  path: `cadences/${name}.yaml`,
  text: [
    `name: ${name}`,
    `title: ${name}`,
    'purpose: nurture',
    `priority: ${priority}`,
    'steps:',
    ...Array.from(
      { length: steps },
      (_, i) =>
        `  - { id: s${i}, email: drip/first, after: ${i === 0 ? 0 : '1d'}, at: asap, hours: any }`,
    ),
    'end-after: 1d',
    'end: { dead: unresponsive }',
    '',
  ].join('\n'),
})
const TEMPLATE = { path: 'templates/drip/first.md', text: '---\nsubject: First\n---\nHi!\n' }

forEachWorkbench((_, opened) => {
  let bench: Workbench
  let name: string
  let tests = 0
  beforeEach(async () => {
    bench = opened()
    name = `living-${tests++}`
    const set = parseCadenceSet([
      cadence(name, 50, 4),
      cadence(`${name}-equal`, 50, 1),
      cadence(`${name}-higher`, 60, 1),
      cadence(`${name}-lower`, 40, 1),
      TEMPLATE,
    ])
    if (!set.ok) throw new Error(set.problems.map(({ message }) => message).join(' '))
    await bench.store.transaction((trx) => publish(trx, set, 'test', bench.clock.now))
  })

  const post = () => bench.post(newPerson(), { cadence: name, form: false })
  const pause = () =>
    bench.store.transaction((trx) => pauseCadence(trx, name, 'prices', 'test', bench.clock.now))
  const resume = async (mode: ResumeMode) => {
    const { bulk, woken } = await bench.store.transaction((trx) =>
      resumeCadence(trx, name, mode, 'test', bench.clock.now),
    )
    const lifted = bench.clock.now
    await driveBulk(bench, bulk)
    bench.clock.now = lifted
    return woken
  }
  /** What is planned: the step, and in how many milliseconds. */
  const planned = async (leadId: LeadId) => {
    const { next } = await bench.look(leadId)
    if (next.do !== 'touch' || next.touch.v === 2) return null
    return { step: next.touch.stepId, at: plus(bench.clock.now, next.ms) }
  }
  const send = async (leadId: LeadId) => bench.touch(leadId, await bench.look(leadId))
  /** The first email has left; the second is due a day later. */
  async function begun(): Promise<{ leadId: LeadId; due: Instant }> {
    const leadId = await post()
    await send(leadId)
    return { leadId, due: plus(bench.clock.now, DAY_MS) }
  }
  const stepsSent = async (leadId: LeadId) =>
    (await bench.touches(leadId))
      .filter(({ state }) => state === 'sent')
      .map(({ step_id }) => step_id)

  describe('a paused cadence', () => {
    it('lets nothing leave from the answer on, and takes back what was intended', async () => {
      const leadId = await post()
      const stall = stallAt('dispatch')
      const attempt = bench.touch(leadId, await bench.look(leadId), stall)
      await stall.reached
      expect((await pause()).created).toBe(true)
      expect((await pause()).created).toBe(false)
      stall.letGo()
      expect((await attempt).summary).toMatch(/^held: its cadence is paused/)
      expect(await stepsSent(leadId)).toEqual([])
      expect(await viewLead(bench.store.db, await bench.lead(leadId))).toMatchObject({
        status: 'held',
        holds: [{ kind: 'cadence_paused', because: 'prices' }],
      })
      await resume('shift')
      await send(leadId)
      expect(await stepsSent(leadId)).toEqual(['s0'])
    })

    it('shift: every due time moves by the pause', async () => {
      const { leadId, due } = await begun()
      bench.clock.now = plus(bench.clock.now, HOUR_MS)
      await pause()
      bench.clock.now = plus(bench.clock.now, 3 * DAY_MS)
      expect(await resume('shift')).toBe(1)
      expect(await planned(leadId)).toEqual({ step: 's1', at: plus(due, 3 * DAY_MS) })
    })

    it('skip-overdue: what fell into it is passed over, and the rest keeps its date', async () => {
      const { leadId, due } = await begun()
      const calm = await begun()
      await pause()
      bench.clock.now = plus(due, DAY_MS + HOUR_MS)
      const preview = await previewCadenceResume(bench.store.db, name, bench.clock.now, bench.rules)
      expect(preview).toMatchObject({ leads: 2, looked: 2, overdue: { emails: 2, texts: 0 } })
      await resume('skip-overdue')
      expect(await planned(leadId)).toEqual({ step: 's3', at: plus(due, 2 * DAY_MS) })
      expect(await planned(calm.leadId)).toMatchObject({ step: 's3' })
      const passed = await bench.store.db
        .selectFrom('ledger_entries')
        .select('meta')
        .where('lead_id', '=', leadId)
        .where('kind', '=', 'decision')
        .execute()
      expect(
        passed.filter(({ meta }) => meta.by === 'skipped').map(({ meta }) => meta.step),
      ).toEqual(['s1', 's2'])
    })

    it('send-one: the first overdue leaves, the rest counts from it; who missed nothing keeps its date', async () => {
      const late = await begun()
      bench.clock.now = plus(bench.clock.now, 2 * DAY_MS)
      const calm = await begun()
      await pause()
      bench.clock.now = plus(bench.clock.now, 2 * HOUR_MS)
      await resume('send-one')
      expect(await planned(late.leadId)).toEqual({ step: 's1', at: bench.clock.now })
      expect(await planned(calm.leadId)).toEqual({ step: 's1', at: calm.due })
      await send(late.leadId)
      expect(await planned(late.leadId)).toEqual({ step: 's2', at: plus(bench.clock.now, DAY_MS) })
    })

    it('of a lead alone works the same, and says so before', async () => {
      const { leadId, due } = await begun()
      await bench.signal(leadId, { kind: 'pause', payload: { because: 'test' } })
      await bench.look(leadId)
      bench.clock.now = plus(due, HOUR_MS)
      const lead = await bench.lead(leadId)
      const preview = await previewLeadResume(bench.store.db, lead, bench.clock.now, bench.rules)
      expect(preview).toMatchObject({ leads: 1, overdue: { emails: 1 } })
      await bench.signal(leadId, { kind: 'resume', payload: { mode: 'skip-overdue' } })
      expect(await planned(leadId)).toEqual({ step: 's2', at: plus(due, DAY_MS) })
    })

    it('never ends in a flood: what is late leaves a few a minute, in whatever order it is asked', async () => {
      const leads: LeadId[] = []
      for (let i = 0; i < 9; i += 1) leads.push((await begun()).leadId)
      await pause()
      bench.clock.now = plus(bench.clock.now, 3 * DAY_MS)
      await resume('send-one')
      const pace = { ...bench.rules.pace, lateEmailsPerMinute: 3, lateEmailsPerSender: 2 }
      const rules = { ...bench.rules, pace }
      const slow = { ...bench.deps, settings: () => Promise.resolve(rules) }
      const times: Instant[] = []
      for (const leadId of leads) {
        const timing = {
          mode: 'virtual',
          scheduledAt: bench.clock.now,
          now: () => bench.clock.now,
          wall: () => bench.clock.now,
        } as const
        const { next } = await lookAt(slow, { v: 1, leadId, trouble: null }, 'run-1', timing)
        if (next.do === 'touch') times.push(plus(bench.clock.now, next.ms))
      }
      expect(times).toHaveLength(9)
      const minutes = times.map((at) => Math.floor((at - bench.clock.now) / MINUTE_MS))
      // One sender: two a minute.
      const most = Math.max(...minutes.map((m) => minutes.filter((other) => other === m).length))
      expect(most).toBeLessThanOrEqual(2)
      expect(Math.max(...minutes)).toBeLessThanOrEqual(5)
    })
  })

  describe('the queue of a lead', () => {
    const enroll = (leadId: LeadId, which: string, replace = false) =>
      bench.store.transaction((trx) =>
        act(
          trx,
          leadId,
          { kind: 'enroll', cadence: which, replace },
          { who: 'test', receivedAt: bench.clock.now, rules: bench.rules, eventId: null },
        ),
      )
    const cadenceOf = async (leadId: LeadId) => {
      const { cadence: current, queue } = await viewLead(bench.store.db, await bench.lead(leadId))
      return [current?.name ?? null, ...queue.map((each) => each.cadence)]
    }
    /** Lets the present episode run to its end without an answer. */
    async function toEnd(leadId: LeadId) {
      const { episode_id: before } = await bench.lead(leadId)
      for (let turn = 0; turn < 20; turn += 1) {
        const plan = await bench.look(leadId)
        if ((await bench.lead(leadId)).episode_id !== before) return
        if (plan.next.do === 'complete' || plan.next.ms === null) return
        bench.clock.now = plus(bench.clock.now, plan.next.ms)
        if (plan.next.do === 'touch') await bench.touch(leadId, plan)
      }
    }

    it('takes what is worth as much, replaces for more, refuses less', async () => {
      const leadId = await post()
      await bench.look(leadId)
      const equal = await enroll(leadId, `${name}-equal`)
      expect(equal.enrollment).toMatchObject({ status: 'queued' })
      expect((await enroll(leadId, `${name}-equal`)).enrollment?.reason).toContain('already')
      expect(await cadenceOf(leadId)).toEqual([name, `${name}-equal`])
      await expect(enroll(leadId, `${name}-lower`)).rejects.toMatchObject({
        code: 'cadence_of_lower_priority',
      })
      expect((await enroll(leadId, `${name}-higher`)).enrollment?.status).toBe('replaced')
      await bench.look(leadId)
      expect(await cadenceOf(leadId)).toEqual([`${name}-higher`, `${name}-equal`])
      await toEnd(leadId)
      expect(await cadenceOf(leadId)).toEqual([`${name}-equal`])
      await toEnd(leadId)
      expect(await bench.lead(leadId)).toMatchObject({ status: 'dead' })
      const episodes = await bench.store.db
        .selectFrom('episodes')
        .select(['cadence_name', 'number'])
        .where('lead_id', '=', leadId)
        .orderBy('number')
        .execute()
      expect(episodes.map(({ cadence_name }) => cadence_name)).toEqual([
        name,
        `${name}-higher`,
        `${name}-equal`,
      ])
    })

    it('is emptied when a person takes over, and by hand', async () => {
      const leadId = await post()
      await bench.look(leadId)
      await enroll(leadId, `${name}-equal`)
      const { queue } = await viewLead(bench.store.db, await bench.lead(leadId))
      const [queued] = queue
      if (queued === undefined) throw new Error('nothing waits')
      const { now } = bench.clock
      await bench.store.transaction((trx) => cancelQueued(trx, leadId, queued.id, 'test', now))
      await expect(
        bench.store.transaction((trx) => cancelQueued(trx, leadId, queued.id, 'test', now)),
      ).rejects.toMatchObject({ code: 'not_in_queue' })
      await enroll(leadId, `${name}-equal`)
      await bench.signal(leadId, { kind: 'booking', payload: { when: null, note: null } })
      await bench.look(leadId)
      expect(await cadenceOf(leadId)).toEqual([null])
      expect((await bench.lead(leadId)).status).toBe('engaged')
    })

    it('a form during nurture tells the owner, and may replace or wait', async () => {
      const person = newPerson()
      const leadId = await bench.post(person, { cadence: name, form: false })
      await bench.look(leadId)
      await bench.post(person, { cadence: `${name}-equal`, form: true })
      await bench.look(leadId)
      expect(await cadenceOf(leadId)).toEqual([name, `${name}-equal`])
      await bench.post(person, { cadence: `${name}-higher`, form: true })
      await bench.look(leadId)
      expect(await cadenceOf(leadId)).toEqual([`${name}-higher`, `${name}-equal`])
      const tasks = await bench.store.db
        .selectFrom('tasks')
        .select('title')
        .where('lead_id', '=', leadId)
        .execute()
      expect(tasks).toEqual([{ title: 'The lead sent a form again' }])
    })
  })
})
