import { beforeEach, describe, expect, it } from 'vitest'
import { makeTouch } from '../../src/activities/touch/touch.ts'
import { noSmsChannel } from '../../src/channels/not-configured.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, plus } from '../../src/domain/time.ts'
import type { LeadInput } from '../../src/leads/incoming/lead-fields.ts'
import { verifyLedger } from '../../src/store/verify-ledger.ts'
import { forEachWorkbench, newPerson, touchInput, type Workbench } from '../support/workbench.ts'

forEachWorkbench((_, opened) => {
  let bench: Workbench
  beforeEach(() => {
    bench = opened()
  })

  async function due(cadence: 'drip' | 'texts', more: LeadInput = {}) {
    const lead = newPerson()
    const leadId = await bench.post({ ...lead, ...more }, { cadence })
    return { leadId, plan: await bench.look(leadId), lead }
  }
  const states = async (leadId: LeadId) =>
    (await bench.touches(leadId)).map(({ attempt, state }) => [attempt, state])
  const alerts = async () =>
    (
      await bench.store.db
        .selectFrom('alerts')
        .selectAll()
        .where('resolved_at', 'is', null)
        .execute()
    ).map(({ kind }) => kind)
  const pointsOf = (leadId: LeadId) =>
    bench.store.db
      .selectFrom('contact_points')
      .select(['kind', 'validity'])
      .where('lead_id', '=', leadId)
      .orderBy('kind')
      .execute()

  describe('a permanent refusal', () => {
    it('closes the address, and the cadence goes on by text', async () => {
      const { leadId, plan, lead } = await due('drip')
      bench.catchers.faults.set(lead.email, { kind: 'reply', code: 550, text: '5.1.1 unknown' })
      const next = await bench.touch(leadId, plan)
      expect(await states(leadId)).toEqual([[1, 'failed']])
      expect(await pointsOf(leadId)).toEqual([
        { kind: 'email', validity: 'invalid' },
        { kind: 'phone', validity: 'unknown' },
      ])
      expect(next.next).toMatchObject({ do: 'touch', touch: { stepId: 'text' } })
    })

    it('is the death of a lead that has no other channel, with what failed on record', async () => {
      const { leadId, plan, lead } = await due('drip', { phone: undefined })
      bench.catchers.faults.set(lead.email, { kind: 'reply', code: 550, text: '5.1.1 unknown' })
      const next = await bench.touch(leadId, plan)
      expect(await bench.lead(leadId)).toMatchObject({
        status: 'dead',
        dead_reason: 'bad_contact_info',
        dead_details: { failures: [{ contactPoint: 'email' }] },
        dead_at: bench.clock.now,
      })
      expect(next.transitioned).toMatchObject({ status: 'dead', deadReason: 'bad_contact_info' })
    })

    it('of a landline keeps the number for calls', async () => {
      const { leadId, plan, lead } = await due('texts')
      bench.catchers.faults.set(lead.phone, { kind: 'create-error', code: 21614 })
      await bench.touch(leadId, plan)
      expect(await pointsOf(leadId)).toContainEqual({ kind: 'phone', validity: 'not_capable' })
      expect((await bench.lead(leadId)).status).toBe('nurturing')
    })

    it('because the person told the provider STOP suppresses them with us too', async () => {
      const { leadId, plan, lead } = await due('texts')
      bench.catchers.faults.set(lead.phone, { kind: 'create-error', code: 21610 })
      const next = await bench.touch(leadId, plan)
      const causes = await bench.store.db
        .selectFrom('suppressions')
        .innerJoin('contact_points', 'contact_points.hash', 'suppressions.contact_hash')
        .select(['channel', 'cause'])
        .where('contact_points.lead_id', '=', leadId)
        .execute()
      expect(causes).toContainEqual({ channel: 'sms', cause: 'provider' })
      expect(next.next.do).toBe('wait')
      bench.clock.now = plus(bench.clock.now, 2 * DAY_MS)
      await bench.look(leadId)
      expect(bench.caught('sms')).toEqual([])
    })
  })

  describe('a transient refusal', () => {
    it('is tried again after a pause, and arrives once', async () => {
      const { leadId, plan, lead } = await due('drip')
      const fault = { kind: 'reply', code: 451, text: '4.3.0 later', times: 1 }
      bench.catchers.faults.set(lead.email, fault)
      const wait = await bench.touch(leadId, plan)
      expect(wait.next).toMatchObject({ do: 'touch', ms: MINUTE_MS, touch: { attempt: 2 } })
      bench.clock.now = plus(bench.clock.now, MINUTE_MS)
      await bench.touch(leadId, wait)
      expect(await states(leadId)).toEqual([
        [1, 'failed'],
        [2, 'sent'],
      ])
      expect(bench.caught('email')).toEqual(['First'])
    })

    it('is given up after five, with its reason in the ledger', async () => {
      const { leadId, plan, lead } = await due('drip')
      bench.catchers.faults.set(lead.email, { kind: 'reply', code: 451, text: '4.3.0 later' })
      let current = plan
      for (let attempt = 1; attempt <= 5; attempt += 1) {
        if (current.next.do === 'touch') bench.clock.now = plus(bench.clock.now, current.next.ms)
        current = await bench.touch(leadId, current)
      }
      expect(current.next).toMatchObject({ do: 'touch', touch: { stepId: 'text', attempt: 1 } })
      const dropped = await bench.store.db
        .selectFrom('ledger_entries')
        .select(['meta', 'payload'])
        .where('lead_id', '=', leadId)
        .where('kind', '=', 'decision')
        .execute()
      expect(dropped.at(-1)).toMatchObject({
        meta: { step: 'first', verdict: 'dropped', by: 'failed' },
        payload: { because: 'failed 5 times' },
      })
      expect((await pointsOf(leadId))[0]).toMatchObject({ validity: 'unknown' })
    })

    it('that the provider says not to repeat ends sooner, and teaches what it says', async () => {
      const { leadId, plan, lead } = await due('texts')
      bench.catchers.faults.set(lead.phone, { kind: 'create-error', code: 30005 })
      const wait = await bench.touch(leadId, plan)
      expect(wait.next).toMatchObject({ do: 'touch', ms: HOUR_MS, touch: { attempt: 2 } })
      bench.clock.now = plus(bench.clock.now, HOUR_MS)
      await bench.touch(leadId, wait)
      const [first, second] = await bench.touches(leadId)
      expect(first).toMatchObject({ failure_kind: 'transient' })
      expect(second).toMatchObject({ failure_kind: 'permanent' })
      expect(await pointsOf(leadId)).toContainEqual({ kind: 'phone', validity: 'invalid' })
    })
  })

  describe('a fault of the sender', () => {
    it('halts the sender for everyone, tells ops, and blames no lead', async () => {
      const { leadId, plan, lead } = await due('texts')
      const other = await due('texts')
      bench.catchers.faults.set(lead.phone, { kind: 'create-error', code: 30034 })
      const next = await bench.touch(leadId, plan)
      expect(next).toMatchObject({ next: { do: 'wait' } })
      expect(next.details).toContain('the sender is halted')
      expect(await alerts()).toEqual(['sender_halted'])
      expect(await pointsOf(leadId)).toContainEqual({ kind: 'phone', validity: 'unknown' })
      await bench.touch(other.leadId, other.plan)
      expect(bench.caught('sms')).toEqual([])
      expect(await states(other.leadId)).toEqual([])
      expect((await due('drip')).plan.next).toMatchObject({ do: 'touch' })
    })

    it('once mended, lets the same step go on under the next attempt', async () => {
      const { leadId, plan, lead } = await due('texts')
      bench.catchers.faults.set(lead.phone, { kind: 'create-error', code: 30034, times: 1 })
      await bench.touch(leadId, plan)
      await bench.store.db
        .updateTable('holds')
        .set({ lifted_at: bench.clock.now })
        .where('scope', '=', 'sender')
        .execute()
      bench.clock.now = plus(bench.clock.now, HOUR_MS)
      await bench.touch(leadId, await bench.look(leadId))
      expect(await states(leadId)).toEqual([
        [1, 'failed'],
        [2, 'sent'],
      ])
    })
  })

  describe('an answer that never came', () => {
    it('is uncertain, is told to ops, and is never sent again', async () => {
      const { leadId, plan, lead } = await due('drip')
      bench.catchers.faults.set(lead.email, { kind: 'reset-after-data', times: 1 })
      const next = await bench.touch(leadId, plan)
      expect(await states(leadId)).toEqual([[1, 'uncertain']])
      expect(next.next).toMatchObject({ do: 'touch', touch: { stepId: 'text' } })
      expect(await alerts()).toEqual(['uncertain'])
      expect(bench.caught('email')).toEqual(['First'])
    })
  })

  describe('a message that cannot leave', () => {
    it('is dropped where its channel is not set up, and ops is told', async () => {
      const { leadId, plan } = await due('texts')
      const deps = { ...bench.deps, sms: noSmsChannel() }
      const now = bench.clock.now
      const timing = { mode: 'virtual', scheduledAt: now, now: () => now, wall: () => now } as const
      const next = await makeTouch(deps, touchInput(leadId, plan), 'run-1', timing)
      expect(await alerts()).toEqual(['channel_not_configured'])
      expect(next.next).toMatchObject({ do: 'touch', touch: { stepId: 'more' } })
      expect(await states(leadId)).toEqual([])
    })

    it('waits a minute, and is not tried, while the server does not answer', async () => {
      const { leadId, plan } = await due('drip')
      const away = {
        ready: false,
        kind: 'transient',
        code: 'away',
        because: 'The mail server does not answer.',
        fix: 'Wait.',
      } as const
      const email = { ...bench.deps.email, ready: () => Promise.resolve(away) }
      const now = bench.clock.now
      const timing = { mode: 'virtual', scheduledAt: now, now: () => now, wall: () => now } as const
      const next = await makeTouch(
        { ...bench.deps, email },
        touchInput(leadId, plan),
        'run-1',
        timing,
      )
      expect(next).toMatchObject({ next: { do: 'wait', ms: MINUTE_MS }, revision: plan.revision })
      expect(await states(leadId)).toEqual([])
    })
  })

  describe('a touch that could not even be tried', () => {
    it('parks the lead for a quarter of an hour with an alert, and never ends it', async () => {
      const { leadId } = await due('drip')
      const parked = await bench.look(leadId, 'touch_failed')
      expect(parked.next).toEqual({ do: 'wait', ms: 15 * MINUTE_MS })
      expect(await bench.lead(leadId)).toMatchObject({
        next_kind: 'look',
        next_at: plus(bench.clock.now, 15 * MINUTE_MS),
      })
      expect(await alerts()).toEqual(['parked'])
      bench.clock.now = plus(bench.clock.now, 15 * MINUTE_MS)
      const again = await bench.look(leadId)
      expect(await alerts()).toEqual(['parked'])
      await bench.touch(leadId, again)
      expect(bench.caught('email')).toEqual(['First'])
      expect(await alerts()).toEqual([])
    })
  })

  describe('a look', () => {
    it('tells the run that never heard of a transition once more, and no other run', async () => {
      const leadId = await bench.post()
      const first = await bench.look(leadId, null, 'run-1')
      expect(first.transitioned).toMatchObject({ status: 'nurturing', cadence: 'drip' })
      expect((await bench.look(leadId, null, 'run-1')).transitioned).toEqual(first.transitioned)
      expect((await bench.look(leadId, null, 'run-2')).transitioned).toBeNull()
    })

    it('ends the run of a lead that the store does not know', async () => {
      const unknown = 'lead_unknown' as LeadId
      const plan = await bench.look(unknown)
      expect(plan).toMatchObject({ next: { do: 'complete' }, transitioned: null })
    })

    it('changes nothing when it is run again', async () => {
      const leadId = await bench.post()
      await bench.look(leadId)
      const before = await bench.lead(leadId)
      await bench.look(leadId)
      expect(await bench.lead(leadId)).toEqual(before)
    })

    it('says nothing of what an operator wrote beside a hold', async () => {
      const { leadId } = await due('drip')
      const because = 'her mother answers +12125550199'
      await bench.signal(leadId, { kind: 'pause', payload: { because } })
      const plan = await bench.look(leadId)
      expect(plan.details).toContain('held: it is paused')
      expect(JSON.stringify(plan)).not.toContain('mother')
    })
  })

  it('leaves a ledger whose chain holds', async () => {
    const report = await verifyLedger(bench.store, [bench.deps.ledgerKey])
    expect(report.faults).toEqual([])
    expect(report.entries).toBeGreaterThan(20)
  })
})
