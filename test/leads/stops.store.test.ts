import { beforeEach, describe, expect, it } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import { DAY_MS, plus } from '../../src/domain/time.ts'
import { takeFromPerson, takeOptIn, takeOptOut } from '../../src/leads/person-signals.ts'
import { forEachWorkbench, newPerson, textConsent, type Workbench } from '../support/workbench.ts'

forEachWorkbench((_, opened) => {
  let bench: Workbench
  let events = 0
  beforeEach(() => {
    bench = opened()
  })

  const stopTexts = (phone: string, eventId = `stop-${++events}-${bench.store.kind}`) =>
    bench.store.transaction((trx) =>
      takeOptOut(
        trx,
        bench.hashKeys,
        { kind: 'phone', value: phone },
        {
          id: eventId,
          signal: {
            kind: 'opt_out',
            payload: { channel: 'sms', how: 'text STOP', words: 'STOP' },
          },
          via: 'twilio',
          receivedAt: bench.clock.now,
        },
      ),
    )
  const unsubscribe = (email: string) =>
    bench.store.transaction((trx) =>
      takeOptOut(
        trx,
        bench.hashKeys,
        { kind: 'email', value: email },
        {
          id: `unsubscribe-${++events}-${bench.store.kind}`,
          signal: { kind: 'opt_out', payload: { channel: 'email', how: 'one-click', words: null } },
          via: 'link',
          receivedAt: bench.clock.now,
        },
      ),
    )
  const suppressions = (leadId: LeadId) =>
    bench.store.db
      .selectFrom('suppressions')
      .innerJoin('contact_points', 'contact_points.hash', 'suppressions.contact_hash')
      .select(['contact_points.kind', 'channel', 'cause'])
      .where('contact_points.lead_id', '=', leadId)
      .orderBy('contact_points.kind')
      .execute()
  /** Everything the cadence would send in a week, looked at whenever it asks to be. */
  async function live(leadId: LeadId): Promise<void> {
    let plan = await bench.look(leadId)
    for (let turn = 0; turn < 20 && plan.next.do !== 'complete'; turn += 1) {
      if (plan.next.do === 'wait' && (plan.next.ms === null || plan.next.ms > 7 * DAY_MS)) return
      bench.clock.now = plus(bench.clock.now, plan.next.ms ?? 0)
      plan = plan.next.do === 'touch' ? await bench.touch(leadId, plan) : await bench.look(leadId)
    }
  }

  describe('STOP by text', () => {
    it('ends texts for the person, and email goes on', async () => {
      const person = newPerson()
      const leadId = await bench.post(person)
      await bench.look(leadId)
      const taken = await stopTexts(person.phone)
      expect(taken).toMatchObject({ leadIds: [leadId], repeated: false })
      expect(taken.rings).toHaveLength(1)
      await live(leadId)
      expect(bench.mails().map(({ channel }) => channel)).toEqual(['email', 'email'])
      expect(await suppressions(leadId)).toEqual([
        { kind: 'phone', channel: 'sms', cause: 'opt_out' },
      ])
    })

    it('ends texts for every lead that is reached by this number, and rings each', async () => {
      const { phone } = newPerson()
      const leadIds = [
        await bench.post(newPerson({ phone })),
        await bench.post(newPerson({ phone })),
      ]
      for (const leadId of leadIds) await bench.look(leadId)
      const taken = await stopTexts(phone)
      expect(taken.leadIds.toSorted()).toEqual(leadIds.toSorted())
      expect(taken.rings.map((ring) => ring.leadId).toSorted()).toEqual(leadIds.toSorted())
      for (const leadId of leadIds) await live(leadId)
      expect(bench.caught('sms')).toEqual([])
      expect(bench.caught('email')).toHaveLength(4)
    })

    it('ends calls too: those that are to be made, and those that were planned', async () => {
      const person = newPerson()
      const leadId = await bench.post(person, { cadence: 'caller' })
      const calls = () =>
        bench.store.db
          .selectFrom('tasks')
          .select(['kind', 'done_by'])
          .where('lead_id', '=', leadId)
          .orderBy('created_at')
          .execute()
      await bench.look(leadId)
      expect(await calls()).toEqual([{ kind: 'call', done_by: null }])
      await stopTexts(person.phone)
      const ended = { kind: 'call', done_by: 'nobody: the person asked to stop' }
      expect(await calls()).toEqual([ended])
      await live(leadId)
      // The second call was dropped with its reason; what is no call is still to be done.
      expect(await calls()).toEqual([ended, { kind: 'other', done_by: null }])
      const dropped = await bench.store.db
        .selectFrom('ledger_entries')
        .select('meta')
        .where('lead_id', '=', leadId)
        .where('kind', '=', 'decision')
        .execute()
      expect(dropped.map(({ meta }) => meta)).toContainEqual(
        expect.objectContaining({ step: 'again', verdict: 'dropped', by: 'suppression' }),
      )
    })

    it('holds for a number that no lead has yet', async () => {
      const person = newPerson()
      expect(await stopTexts(person.phone)).toMatchObject({ leadIds: [], repeated: false })
      const leadId = await bench.post(person, { consents: [], form: false })
      await live(leadId)
      expect(bench.caught('sms')).toEqual([])
      expect(await suppressions(leadId)).toHaveLength(1)
    })

    it('that comes twice changes nothing the second time', async () => {
      const person = newPerson()
      const leadId = await bench.post(person)
      await bench.look(leadId)
      await stopTexts(person.phone, `twice-${leadId}`)
      const { revision } = await bench.lead(leadId)
      expect(await stopTexts(person.phone, `twice-${leadId}`)).toMatchObject({ repeated: true })
      expect((await bench.lead(leadId)).revision).toBe(revision)
      expect(await suppressions(leadId)).toHaveLength(1)
    })

    it('outlives a sync that brings an older or a foreign consent', async () => {
      const person = newPerson()
      const leadId = await bench.post(person)
      await stopTexts(person.phone)
      bench.clock.now = plus(bench.clock.now, DAY_MS)
      await bench.post(person, { form: false, consents: [textConsent(bench.clock.now)] })
      await live(leadId)
      expect(bench.caught('sms')).toEqual([])
    })

    it('is lifted by a consent that the lead itself gives after it', async () => {
      const person = newPerson()
      const leadId = await bench.post(person)
      await bench.look(leadId)
      await stopTexts(person.phone)
      await bench.look(leadId)
      bench.clock.now = plus(bench.clock.now, 60_000)
      const point = { kind: 'phone', value: person.phone } as const
      const signal = { kind: 'opt_in', payload: { channel: 'sms', how: 'text START' } } as const
      const event = { signal, via: 'twilio', receivedAt: bench.clock.now }
      await bench.store.transaction((trx) =>
        takeOptIn(trx, bench.hashKeys, point, { ...event, id: `start-${leadId}` }),
      )
      await bench.signal(leadId, { kind: 'jump', payload: { step: 'text' } })
      await live(leadId)
      expect(bench.caught('sms')).toHaveLength(1)
    })
  })

  describe('unsubscribing', () => {
    it('ends email, and texts go on', async () => {
      const person = newPerson()
      const leadId = await bench.post(person)
      await bench.look(leadId)
      await unsubscribe(person.email)
      await live(leadId)
      expect(bench.mails().map(({ channel }) => channel)).toEqual(['sms'])
    })

    it('from the last channel is the death of the lead, opted out', async () => {
      const person = newPerson()
      const leadId = await bench.post(person)
      await bench.look(leadId)
      await unsubscribe(person.email)
      expect((await bench.lead(leadId)).status).toBe('nurturing')
      await stopTexts(person.phone)
      expect(await bench.lead(leadId)).toMatchObject({
        status: 'dead',
        dead_reason: 'opted_out',
        dead_details: { how: 'text STOP', words: 'STOP' },
      })
      expect(await bench.look(leadId)).toMatchObject({ next: { do: 'complete' } })
      bench.clock.now = plus(bench.clock.now, 500 * DAY_MS)
      const visit = { sessionId: 's', visitorId: null, page: null, interacted: true }
      const silent = await bench.signal(leadId, { kind: 'visit', payload: visit })
      expect(silent).toMatchObject({ kind: 'accepted', rings: false })
    })

    it('is death at once for a lead that was never to be texted', async () => {
      const person = newPerson()
      const leadId = await bench.post(person, { consents: [] })
      await bench.look(leadId)
      await unsubscribe(person.email)
      expect((await bench.lead(leadId)).dead_reason).toBe('opted_out')
    })
  })

  it('a complaint ends all channels, on every lead of that address', async () => {
    const { email } = newPerson()
    const leadId = await bench.post(newPerson({ email }))
    await bench.look(leadId)
    await bench.store.transaction((trx) =>
      takeFromPerson(
        trx,
        bench.hashKeys,
        { kind: 'email', value: email },
        {
          id: `complaint-${leadId}`,
          signal: { kind: 'complaint', payload: { channel: 'email', how: 'feedback loop' } },
          via: 'provider',
          receivedAt: bench.clock.now,
        },
      ),
    )
    expect(await suppressions(leadId)).toEqual([
      { kind: 'email', channel: 'all', cause: 'complaint' },
      { kind: 'phone', channel: 'all', cause: 'complaint' },
    ])
    await live(leadId)
    expect(bench.caught()).toEqual([])
  })
})
