import { beforeEach, expect, it } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import type { DeadDetails } from '../../src/domain/lead.ts'
import type { Signal } from '../../src/domain/signals.ts'
import { DAY_MS, plus } from '../../src/domain/time.ts'
import { forEachWorkbench, newPerson, type Workbench } from '../support/workbench.ts'

const visit: Signal = {
  kind: 'visit',
  payload: { sessionId: 's', visitorId: null, page: null, interacted: true },
}

forEachWorkbench((_, opened) => {
  let bench: Workbench
  beforeEach(() => {
    bench = opened()
  })
  /** Lives the lead for so many days of its own, doing whatever falls due. */
  async function live(leadId: LeadId, days: number): Promise<void> {
    const end = plus(bench.clock.now, days * DAY_MS)
    let plan = await bench.look(leadId)
    while (plan.next.do !== 'complete' && plan.next.ms !== null) {
      const at = plus(bench.clock.now, plan.next.ms)
      if (at > end) break
      bench.clock.now = at
      plan = plan.next.do === 'touch' ? await bench.touch(leadId, plan) : await bench.look(leadId)
    }
    bench.clock.now = end
  }
  const dies = (details: DeadDetails): Signal => ({ kind: 'mark_dead', payload: { details } })
  const story = async (leadId: LeadId) =>
    (
      await bench.store.db
        .selectFrom('transitions')
        .select(['to_status', 'dead_reason', 'cause'])
        .where('lead_id', '=', leadId)
        .orderBy('at')
        .execute()
    ).map(({ to_status, dead_reason, cause }) => [to_status, dead_reason, cause])
  const episodes = (leadId: LeadId) =>
    bench.store.db
      .selectFrom('episodes')
      .select(['kind', 'outcome', 'from_reason'])
      .where('lead_id', '=', leadId)
      .orderBy('number')
      .execute()
  const tasks = (leadId: LeadId) =>
    bench.store.db.selectFrom('tasks').select('title').where('lead_id', '=', leadId).execute()

  it('a lead that never answers dies unresponsive, with what was tried on record', async () => {
    const leadId = await bench.post()
    await live(leadId, 10)
    expect(await story(leadId)).toEqual([
      ['nurturing', null, 'created'],
      ['dead', 'unresponsive', 'cadence_ended'],
    ])
    const { dead_details: details } = await bench.lead(leadId)
    expect(details).toMatchObject({
      reason: 'unresponsive',
      attempts: [
        { channel: 'email', weekday: 2, hour: 12 },
        { channel: 'sms', weekday: 2, hour: 12 },
        { channel: 'email', weekday: 3, hour: 12 },
      ],
    })
  })

  it('a revived lead that stays silent is dead again for its own reason, quiet anew', async () => {
    const leadId = await bench.post()
    await bench.look(leadId)
    const words = 'not now, thank you'
    await bench.signal(leadId, dies({ reason: 'not_interested', words }))
    await live(leadId, 200)
    await bench.signal(leadId, visit)
    await live(leadId, 30)
    const lead = await bench.lead(leadId)
    expect(lead).toMatchObject({
      status: 'dead',
      dead_details: { reason: 'not_interested', words },
    })
    expect(await episodes(leadId)).toMatchObject([
      { kind: 'nurture' },
      { kind: 'revival', outcome: 'dead: not_interested', from_reason: 'not_interested' },
    ])
    await bench.signal(leadId, visit)
    await live(leadId, 5)
    expect((await bench.lead(leadId)).status).toBe('dead')
    expect(await episodes(leadId)).toHaveLength(2)
  })

  it('a lead that is to be left alone is left alone by people too', async () => {
    for (const [details, left] of [
      [{ reason: 'hostile', words: 'Leave me alone!' }, 0],
      [{ reason: 'competitor', competitor: 'Globex', why: null, contractEnds: null }, 1],
    ] as const) {
      const leadId = await bench.post(newPerson(), { cadence: 'caller' })
      await bench.look(leadId)
      await bench.signal(leadId, dies(details))
      await bench.look(leadId)
      const open = await bench.store.db
        .selectFrom('tasks')
        .select('kind')
        .where('lead_id', '=', leadId)
        .where('done_at', 'is', null)
        .execute()
      expect(open).toHaveLength(left)
    }
  })

  it('a dead lead is checked in on once, and not again for the same death', async () => {
    const leadId = await bench.post()
    await live(leadId, 10)
    await bench.reset()
    await live(leadId, 400)
    await live(leadId, 400)
    expect(await episodes(leadId)).toMatchObject([
      { kind: 'nurture' },
      { kind: 'check-in', outcome: 'dead: unresponsive' },
    ])
    expect(bench.caught('email')).toHaveLength(1)
    expect(bench.caught('sms')).toEqual([])
    expect(await bench.lead(leadId)).toMatchObject({ check_ins: 1, check_in_at: null })
  })

  it('a lead that named a date gets a person on it, and no message', async () => {
    const leadId = await bench.post()
    await bench.look(leadId)
    const { now } = bench.clock
    const postponements = [{ askedAt: now, until: plus(now, 60 * DAY_MS) }]
    await bench.signal(leadId, dies({ reason: 'postponing', postponements }))
    await live(leadId, 59)
    expect(await tasks(leadId)).toEqual([])
    await live(leadId, 40)
    expect(await tasks(leadId)).toEqual([{ title: 'Check in with the lead' }])
    expect(bench.caught()).toEqual([])
  })

  it('who was just written to in vain is not checked in on for a date that has passed', async () => {
    const leadId = await bench.post()
    await bench.look(leadId)
    const { now } = bench.clock
    const postponements = [{ askedAt: now, until: plus(now, 60 * DAY_MS) }]
    await bench.signal(leadId, dies({ reason: 'postponing', postponements }))
    await live(leadId, 58)
    await bench.signal(leadId, visit)
    await live(leadId, 60)
    expect(await bench.lead(leadId)).toMatchObject({ status: 'dead', dead_reason: 'postponing' })
    expect(await tasks(leadId)).toEqual([])
  })

  it('a lead that comes back under way in another cadence leaves the first', async () => {
    const leadId = await bench.post()
    await bench.look(leadId)
    const payload = { cadence: 'texts', begunBy: 'api' } as const
    await bench.signal(leadId, { kind: 'enroll', payload })
    const plan = await bench.look(leadId)
    expect(await episodes(leadId)).toMatchObject([{ outcome: 'replaced' }, { outcome: null }])
    expect(plan.transitioned).toMatchObject({ cadence: 'texts' })
  })

  it('a lead without a consent is never texted, whatever its cadence plans', async () => {
    const leadId = await bench.post(newPerson(), { consents: [] })
    await live(leadId, 10)
    expect(bench.mails().map(({ channel }) => channel)).toEqual(['email', 'email'])
    expect((await bench.lead(leadId)).dead_reason).toBe('unresponsive')
  })

  it('a lead that can be reached by nothing comes to its end in silence', async () => {
    const leadId = await bench.post(newPerson({ email: undefined }), { consents: [] })
    await live(leadId, 10)
    expect(bench.caught()).toEqual([])
    expect((await bench.lead(leadId)).status).toBe('dead')
  })
})
