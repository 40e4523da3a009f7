import { beforeEach, describe, expect, it } from 'vitest'
import type { LeadId, SignalId } from '../../src/domain/ids.ts'
import type { Channel } from '../../src/domain/policy/types.ts'
import { DAY_MS, HOUR_MS, plus } from '../../src/domain/time.ts'
import { type Correction, correctReply } from '../../src/leads/replies/correct-reply.ts'
import { takeReply, type Whose } from '../../src/leads/replies/take-reply.ts'
import { verdictsOf } from '../../src/store/work/reply-verdicts.ts'
import { forEachWorkbench, newPerson, textConsent, type Workbench } from '../support/workbench.ts'

forEachWorkbench((_, opened) => {
  let bench: Workbench
  let events = 0
  beforeEach(() => {
    bench = opened()
  })

  /** A lead that has had its first email. */
  async function begun(person = newPerson()) {
    const leadId = await bench.post(person)
    const plan = await bench.look(leadId)
    await bench.touch(leadId, plan)
    return { leadId, person }
  }
  const nextId = () => `reply-${bench.store.kind}-${++events}`
  const replyAs = (whose: Whose, text: string, channel: Channel = 'email', id = nextId()) =>
    bench.store.transaction((trx) =>
      takeReply(trx, bench.hashKeys, whose, {
        id,
        channel,
        text,
        subject: null,
        touchId: null,
        via: 'test',
        receivedAt: bench.clock.now,
      }),
    )
  const reply = async (leadId: LeadId, text: string, channel: Channel = 'email') => {
    const id = nextId()
    const taken = await replyAs({ kind: 'lead', leadId }, text, channel, id)
    return { ...taken, signalId: id as SignalId }
  }
  const correct = (leadId: LeadId, correction: Correction) =>
    bench.store.transaction((trx) =>
      correctReply(trx, leadId, correction, {
        who: 'console:sam',
        receivedAt: bench.clock.now,
        eventId: null,
      }),
    )
  const undo = (leadId: LeadId, signalId: SignalId, because: string | null = null) =>
    correct(leadId, { signalId, intent: null, detail: null, because })
  const tasks = (leadId: LeadId) =>
    bench.store.db
      .selectFrom('tasks')
      .select(['kind', 'title', 'because', 'due_at', 'done_at', 'done_by'])
      .where('lead_id', '=', leadId)
      .orderBy('created_at')
      .execute()
  const open = async (leadId: LeadId) =>
    (await tasks(leadId)).flatMap(({ title, done_at }) => (done_at === null ? [title] : []))
  const suppressions = (leadId: LeadId) =>
    bench.store.db
      .selectFrom('suppressions')
      .innerJoin('contact_points', 'contact_points.hash', 'suppressions.contact_hash')
      .select(['contact_points.kind', 'channel'])
      .where('contact_points.lead_id', '=', leadId)
      .orderBy('contact_points.kind')
      .execute()
  const later = (ms: number) => {
    bench.clock.now = plus(bench.clock.now, ms)
  }

  describe('an answer by a contact point that several leads share', () => {
    it('is corrected for all of them at once, and the stop that rested on it goes', async () => {
      const person = newPerson()
      const first = await begun(person)
      const second = await begun({ ...newPerson(), phone: person.phone })
      const id = nextId()
      const whose = { kind: 'point', point: { kind: 'phone', value: person.phone } } as const
      await replyAs(whose, 'please quit texting my friends, ha', 'sms', id)
      for (const { leadId } of [first, second]) expect(await suppressions(leadId)).not.toEqual([])
      const signalId = `${id}:${first.leadId}` as SignalId
      const because = 'It was a joke about the friends.'
      await correct(first.leadId, { signalId, intent: 'question', detail: null, because })
      for (const { leadId } of [first, second]) {
        expect(await suppressions(leadId)).toEqual([])
        const verdicts = await verdictsOf(bench.store.db, leadId)
        expect(verdicts).toMatchObject([
          { intent: 'opt_out', undone_by: 'console:sam', undone_because: because },
          { intent: 'question', made_by: 'console:sam' },
        ])
        expect((await bench.lead(leadId)).status).toBe('engaged')
        const audited = await bench.store.db
          .selectFrom('audit_log')
          .select(['who', 'action'])
          .where('lead_id', '=', leadId)
          .execute()
        expect(audited).toContainEqual({ who: 'console:sam', action: 'correct_reply' })
      }
    })
  })

  describe('an answer that is taken', () => {
    it('holds every channel at once, and gives a person the task with the text', async () => {
      for (const [text, intent] of [
        ['Sounds good, tell me more', 'interested'],
        ['How long is the contract?', 'question'],
        ['Purple elephants dance.', 'unknown'],
      ] as const) {
        const { leadId } = await begun()
        const { reading, rings } = await reply(leadId, text)
        expect(reading.intent).toBe(intent)
        expect(rings).toHaveLength(1)
        expect((await bench.lead(leadId)).status).toBe('engaged')
        const [task] = await tasks(leadId)
        expect(task).toMatchObject({ kind: 'reply', title: 'Answer the lead' })
        expect(task?.because).toContain(text)
        await bench.look(leadId)
        const [verdict] = await verdictsOf(bench.store.db, leadId)
        expect(verdict).toMatchObject({ intent, made_by: 'rules', asked_at: bench.clock.now })
        expect(verdict?.rules_version).toMatch(/^[0-9a-f]{12}$/)
      }
      expect(bench.caught('sms')).toEqual([])
    })

    it('is one event: the same id changes nothing the second time', async () => {
      const { leadId } = await begun()
      const whose = { kind: 'lead', leadId } as const
      const id = nextId()
      await replyAs(whose, 'We went with HubSpot', 'email', id)
      const { revision } = await bench.lead(leadId)
      const again = await replyAs(whose, 'We went with HubSpot', 'email', id)
      expect(again).toMatchObject({ repeated: true })
      expect((await bench.lead(leadId)).revision).toBe(revision)
      expect(await verdictsOf(bench.store.db, leadId)).toHaveLength(1)
    })

    it('is decided by what they wrote, not by what they quote', async () => {
      const { leadId } = await begun()
      const quoted =
        'Call me tomorrow\n\nOn Mon, Nov 23, 2026 Acme <hello@acme.example> wrote:\n> Reply STOP, or unsubscribe here'
      const { reading } = await reply(leadId, quoted)
      expect(reading).toMatchObject({ intent: 'interested', visibleText: 'Call me tomorrow' })
      expect(await suppressions(leadId)).toEqual([])
    })
  })

  describe('an answer that says why not', () => {
    it.each([
      [
        'We went with HubSpot because it was cheaper',
        'competitor',
        { competitor: 'HubSpot', why: 'price' },
      ],
      [
        "You don't offer on-premise hosting",
        'no_matching_offering',
        { wanted: 'on-premise hosting' },
      ],
      ["Can't afford it", 'unqualified', { criterion: 'budget' }],
      ['Not interested, thanks', 'not_interested', { words: 'Not interested, thanks' }],
    ] as const)('%j: dead, with what they said', async (text, reason, details) => {
      const { leadId } = await begun()
      await reply(leadId, text)
      await bench.look(leadId)
      expect(await bench.lead(leadId)).toMatchObject({
        status: 'dead',
        dead_reason: reason,
        dead_details: details,
        dead_at: bench.clock.now,
        episode_id: null,
      })
    })

    it('of a lead that a person talks with is told to that person', async () => {
      const { leadId } = await begun()
      await reply(leadId, 'I have a question')
      await reply(leadId, 'We went with HubSpot')
      expect((await bench.lead(leadId)).status).toBe('engaged')
      const [task] = await tasks(leadId)
      expect(task?.because).toContain('HubSpot')
    })
  })

  describe('an answer that asks us to stop', () => {
    it('in free words ends texts for every lead with the number; email goes on', async () => {
      const { phone } = newPerson()
      const one = await begun(newPerson({ phone }))
      const other = await begun(newPerson({ phone }))
      const taken = await replyAs(
        { kind: 'point', point: { kind: 'phone', value: phone } },
        "please don't text me anymore",
        'sms',
      )
      expect(taken).toMatchObject({ owed: 'stop', repeated: false })
      expect(taken.leadIds.toSorted()).toEqual([one.leadId, other.leadId].toSorted())
      for (const { leadId } of [one, other]) {
        expect(await suppressions(leadId)).toEqual([{ kind: 'phone', channel: 'sms' }])
        await bench.look(leadId)
        expect((await bench.lead(leadId)).status).toBe('nurturing')
      }
    })

    it('that covers all channels leaves none: dead, opted out, with the words', async () => {
      const { leadId } = await begun()
      await reply(leadId, 'Never contact me again')
      await bench.look(leadId)
      expect(await bench.lead(leadId)).toMatchObject({
        dead_reason: 'opted_out',
        dead_details: { words: 'Never contact me again' },
      })
    })

    it('holds for a number that nobody has, and is confirmed once', async () => {
      const { phone } = newPerson()
      const whose = { kind: 'point', point: { kind: 'phone', value: phone } } as const
      const stop = () => replyAs(whose, 'take me off your list', 'sms', 'same-event')
      expect(await stop()).toMatchObject({ leadIds: [], owed: 'stop', news: true })
      expect(await stop()).toMatchObject({ repeated: true, news: false })
      const leadId = await bench.post(newPerson({ phone }))
      expect(await suppressions(leadId)).toEqual([{ kind: 'phone', channel: 'all' }])
    })

    it('with hostility is silent for ever, on every channel', async () => {
      const { leadId } = await begun()
      await reply(leadId, 'Go to hell', 'sms')
      await bench.look(leadId)
      expect(await bench.lead(leadId)).toMatchObject({
        dead_reason: 'hostile',
        dead_details: { words: 'Go to hell' },
      })
      expect(await suppressions(leadId)).toEqual([
        { kind: 'email', channel: 'all' },
        { kind: 'phone', channel: 'all' },
      ])
    })
  })

  describe('an answer by somebody else', () => {
    it('closes the number, not the lead', async () => {
      const { leadId } = await begun()
      await reply(leadId, 'Wrong number', 'sms')
      expect((await bench.lead(leadId)).status).toBe('nurturing')
      const points = await bench.store.db
        .selectFrom('contact_points')
        .select(['kind', 'validity'])
        .where('lead_id', '=', leadId)
        .orderBy('kind')
        .execute()
      expect(points).toMatchObject([{ kind: 'email' }, { kind: 'phone', validity: 'invalid' }])
    })

    it('kills the lead when no other way is left', async () => {
      const { leadId } = await begun({ ...newPerson(), phone: undefined as never })
      await reply(leadId, "You have the wrong person, this isn't Ada")
      expect((await bench.lead(leadId)).dead_reason).toBe('bad_contact_info')
    })
  })

  describe('later', () => {
    it('holds the cadence until the day, on the calendar of the lead’s zone', async () => {
      const { leadId } = await begun()
      await reply(leadId, 'Call me in three months')
      const plan = await bench.look(leadId)
      expect(plan.details).toContain('held: it waits for a date')
      const hold = await bench.store.db
        .selectFrom('holds')
        .select(['until_at', 'kind'])
        .where('lead_id', '=', leadId)
        .executeTakeFirstOrThrow()
      // Tuesday 24 November 2026 + 3 months, nine in the morning in New York.
      expect(hold.until_at).toBe(Date.parse('2027-02-24T14:00:00Z'))
    })

    it('without a day holds for as long as the company says', async () => {
      const { leadId } = await begun()
      await reply(leadId, 'maybe later')
      await bench.look(leadId)
      const [verdict] = await verdictsOf(bench.store.db, leadId)
      expect(verdict?.until_at).toBe(plus(bench.clock.now, 30 * DAY_MS))
    })

    it('for the third time without movement ends it, every postponement on record', async () => {
      const { leadId } = await begun()
      for (const text of ['not now', 'call me next month', 'maybe next year']) {
        expect((await bench.lead(leadId)).status).toBe('nurturing')
        await reply(leadId, text)
        await bench.look(leadId)
        later(DAY_MS)
      }
      const { dead_reason, dead_details } = await bench.lead(leadId)
      expect(dead_reason).toBe('postponing')
      if (dead_details?.reason !== 'postponing') throw new Error('wrong details')
      expect(dead_details.postponements).toHaveLength(3)
      expect(dead_details.postponements.at(-1)?.until).toBe(Date.parse('2027-01-04T14:00:00Z'))
    })

    it('counts anew after the lead moved', async () => {
      const { leadId, person } = await begun()
      for (const text of ['not now', 'not now']) {
        await reply(leadId, text)
        await bench.look(leadId)
        later(DAY_MS)
      }
      await bench.post(person, { consents: [textConsent(bench.clock.now)] })
      await bench.look(leadId)
      later(DAY_MS)
      await reply(leadId, 'not now')
      await bench.look(leadId)
      expect((await bench.lead(leadId)).status).toBe('nurturing')
    })
  })

  describe('thanks, and machines', () => {
    it('thanks hold for a day, then it goes on', async () => {
      const { leadId } = await begun()
      const { reading } = await reply(leadId, 'Thanks! 👍')
      expect(reading).toMatchObject({ intent: 'unknown', detail: 'thanks' })
      const plan = await bench.look(leadId)
      expect(plan.next).toEqual({ do: 'wait', ms: DAY_MS })
      expect(await tasks(leadId)).toEqual([])
      later(DAY_MS)
      expect((await bench.look(leadId)).next.do).toBe('touch')
    })

    it('an out-of-office note delays until the return, and is no reply', async () => {
      const { leadId } = await begun()
      await reply(leadId, 'I am out of the office until Monday, December 7.')
      expect((await bench.lead(leadId)).status).toBe('nurturing')
      await bench.look(leadId)
      const [verdict] = await verdictsOf(bench.store.db, leadId)
      expect(verdict?.until_at).toBe(Date.parse('2026-12-07T14:00:00Z'))
      const silent = await begun()
      await reply(silent.leadId, 'Automatic reply: we have received your message')
      expect((await bench.look(silent.leadId)).next.do).toBe('touch')
    })
  })

  describe('a verdict that was wrong', () => {
    it('is taken back: revived from death, the cadence where it was', async () => {
      const { leadId } = await begun()
      const before = await bench.lead(leadId)
      const { signalId } = await reply(leadId, 'Not interested')
      await bench.look(leadId)
      expect((await bench.lead(leadId)).status).toBe('dead')
      later(40 * DAY_MS)
      await undo(leadId, signalId)
      expect(await bench.lead(leadId)).toMatchObject({
        status: 'nurturing',
        dead_reason: null,
        dead_details: null,
        episode_id: before.episode_id,
      })
      // The forty days count as a pause: what was due then is due now, by its delay.
      expect((await bench.look(leadId)).next.do).toBe('touch')
      const [verdict] = await verdictsOf(bench.store.db, leadId)
      expect(verdict).toMatchObject({ undone_by: 'console:sam' })
      await expect(undo(leadId, signalId)).rejects.toMatchObject({ code: 'no_such_reply' })
    })

    it('is corrected: what it did is undone, and what was meant is done', async () => {
      const { leadId } = await begun()
      const { signalId } = await reply(leadId, 'Purple elephants dance.')
      await bench.look(leadId)
      await correct(leadId, { signalId, intent: 'postpone', detail: '2027-03-31', because: null })
      await bench.look(leadId)
      expect((await bench.lead(leadId)).status).toBe('nurturing')
      expect((await tasks(leadId)).map(({ done_at }) => done_at === null)).toEqual([false])
      const [first, second] = await verdictsOf(bench.store.db, leadId)
      expect(first).toMatchObject({ intent: 'unknown', undone_by: 'console:sam' })
      expect(second).toMatchObject({
        intent: 'postpone',
        made_by: 'console:sam',
        until_at: Date.parse('2027-03-31T13:00:00Z'),
      })
      const audited = await bench.store.db
        .selectFrom('audit_log')
        .select(['who', 'action'])
        .where('lead_id', '=', leadId)
        .execute()
      expect(audited).toContainEqual({ who: 'console:sam', action: 'correct_reply' })
    })

    it('lifts a suppression of our own reading for a reason only', async () => {
      const { leadId } = await begun()
      const { signalId } = await reply(leadId, 'Go away', 'email')
      expect(await suppressions(leadId)).toHaveLength(2)
      await expect(undo(leadId, signalId)).rejects.toMatchObject({
        problems: [{ field: 'because' }],
      })
      await undo(leadId, signalId, 'she said “go away for the weekend” on the phone')
      expect(await suppressions(leadId)).toEqual([])
      expect((await bench.lead(leadId)).status).toBe('nurturing')
    })

    it('never takes back a literal stop', async () => {
      const { leadId } = await begun()
      const taken = await replyAs({ kind: 'lead', leadId }, 'STOP', 'sms', 'the-stop')
      expect(taken.owed).toBe('stop')
      const signal = await bench.store.db
        .selectFrom('signals')
        .select(['id', 'kind'])
        .where('lead_id', '=', leadId)
        .where('kind', '=', 'opt_out')
        .executeTakeFirstOrThrow()
      await expect(undo(leadId, signal.id, 'really')).rejects.toMatchObject({
        code: 'literal_stop',
      })
      expect(await suppressions(leadId)).toEqual([{ kind: 'phone', channel: 'sms' }])
    })

    it('leaves alone what has happened since', async () => {
      const { leadId } = await begun()
      const { signalId } = await reply(leadId, 'Not interested')
      await bench.look(leadId)
      later(HOUR_MS)
      await bench.signal(leadId, { kind: 'revive', payload: { cadence: 'drip' } })
      await bench.look(leadId)
      const revived = await bench.lead(leadId)
      await undo(leadId, signalId)
      expect(await bench.lead(leadId)).toMatchObject({
        status: 'nurturing',
        episode_id: revived.episode_id,
      })
    })
  })

  describe('the watch over a lead that a person talks with', () => {
    it('reminds after a day, escalates after three, and after fourteen goes on by itself', async () => {
      const { leadId } = await begun()
      await reply(leadId, 'I have a question')
      expect((await bench.look(leadId)).next).toEqual({ do: 'wait', ms: DAY_MS })
      later(DAY_MS)
      await bench.look(leadId)
      later(2 * DAY_MS)
      await bench.look(leadId)
      expect((await tasks(leadId)).map(({ title }) => title)).toEqual([
        'Answer the lead',
        'Say what became of the lead',
        'The lead waits for an answer, for days',
      ])
      later(11 * DAY_MS)
      const plan = await bench.look(leadId)
      expect(plan.details).toContain('where-were-we')
      const lead = await bench.lead(leadId)
      expect(lead.status).toBe('nurturing')
      // What the lead asked still waits for its answer; nobody needs to be reminded of more.
      expect(await open(leadId)).toEqual(['Answer the lead'])
    })

    it('begins anew when the lead writes again, and ends with what sales says', async () => {
      const { leadId } = await begun()
      await reply(leadId, 'I have a question')
      await bench.look(leadId)
      later(DAY_MS)
      await bench.look(leadId)
      await reply(leadId, 'Hello? Anybody there?')
      expect((await bench.look(leadId)).next).toEqual({ do: 'wait', ms: DAY_MS })
      expect(await open(leadId)).toEqual(['Answer the lead'])
      later(DAY_MS)
      await bench.look(leadId)
      const payload = { outcome: 'interested', details: null, until: null, note: null } as const
      await bench.signal(leadId, { kind: 'disposition', payload })
      expect((await bench.look(leadId)).next).toEqual({ do: 'wait', ms: null })
      expect(await open(leadId)).toEqual([])
      expect((await tasks(leadId)).map(({ done_by }) => done_by)).toEqual([
        'sales: interested',
        'nobody: the lead was heard of again',
        'sales: interested',
      ])
    })
  })
})
