import { beforeEach, describe, expect, it } from 'vitest'
import { makeTouch } from '../../src/activities/touch/touch.ts'
import type { Plan } from '../../src/domain/contract.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import type { Signal } from '../../src/domain/signals.ts'
import { HOUR_MS, instant, MINUTE_MS, plus } from '../../src/domain/time.ts'
import type { LeadInput } from '../../src/leads/incoming/lead-fields.ts'
import { type NewMessage, writeMessage } from '../../src/leads/messages/messages.ts'
import { takeFromHash, takeOptInOf, takeOptOutOf } from '../../src/leads/person-signals.ts'
import { answerKeyword } from '../../src/leads/replies/answers.ts'
import { hashesOf } from '../../src/leads/stops.ts'
import { explainLead } from '../../src/leads/views/explain.ts'
import { timelineOf } from '../../src/leads/views/timeline/timeline.ts'
import { lockLead } from '../../src/store/leads.ts'
import { newId } from '../../src/store/new-id.ts'
import { touchIdOf } from '../../src/store/touches.ts'
import { verifyLedger } from '../../src/store/verify-ledger.ts'
import {
  forEachWorkbench,
  newPerson,
  type Stage,
  stallAt,
  touchInput,
  type Workbench,
} from '../support/workbench.ts'

const ERASE: Signal = { kind: 'erase', payload: {} }

forEachWorkbench((kind, opened) => {
  let bench: Workbench
  beforeEach(() => {
    bench = opened()
  })

  /** A lead that a person talks with, so that nothing else is planned. */
  async function engaged(person: LeadInput = newPerson()): Promise<LeadId> {
    const leadId = await bench.post(person)
    const payload = { channel: 'email', text: 'Call me', subject: null, touchId: null } as const
    await bench.signal(leadId, { kind: 'reply', payload })
    await bench.look(leadId)
    return leadId
  }
  async function write(leadId: LeadId, more: Partial<NewMessage> = {}) {
    const message = {
      class: 'conversation',
      channel: 'sms',
      subject: null,
      text: 'Tuesday is fine.',
      by: 'console:owner',
      inReplyTo: null,
      requestedAt: instant(Date.now()),
      validMs: null,
      ...more,
    } as NewMessage
    return bench.store.transaction(async (trx) => {
      const lead = await lockLead(trx, leadId)
      if (lead === null) throw new Error('no such lead')
      return writeMessage(trx, lead, message)
    })
  }
  /** A text with a keyword, taken as the webhook takes it. */
  async function keyword(leadId: LeadId, word: 'stop' | 'start' | 'help', receivedAt = Date.now()) {
    const event = { id: newId('sms'), via: 'twilio', receivedAt: instant(receivedAt) }
    return bench.store.transaction(async (trx) => {
      const [hash = ''] = await hashesOf(trx, leadId, 'sms')
      const taken =
        word === 'stop'
          ? await takeOptOutOf(trx, [hash], {
              ...event,
              signal: {
                kind: 'opt_out',
                payload: { channel: 'sms', how: 'text STOP', words: 'STOP' },
              },
            })
          : word === 'start'
            ? await takeOptInOf(trx, [hash], {
                ...event,
                signal: { kind: 'opt_in', payload: { channel: 'sms', how: 'text START' } },
              })
            : await takeFromHash(trx, hash, {
                ...event,
                signal: { kind: 'custom', payload: { name: 'help', data: {} } },
              })
      return answerKeyword(trx, hash, word, taken, event)
    })
  }
  const written = (leadId: LeadId) =>
    bench.store.db
      .selectFrom('messages')
      .select(['class', 'answer', 'outcome', 'because'])
      .where('lead_id', '=', leadId)
      .orderBy('requested_at')
      .execute()
  const states = async (leadId: LeadId) =>
    (await bench.touches(leadId)).map(({ class: of, attempt, state }) => [of, attempt, state])
  /** Makes touches until none is due now. */
  async function play(leadId: LeadId, plan: Plan): Promise<Plan> {
    let next = plan
    for (let turn = 0; next.next.do === 'touch' && next.next.ms === 0; turn += 1) {
      expect(turn).toBeLessThan(10)
      next = await bench.touch(leadId, next)
    }
    return next
  }

  describe('a message outside a cadence', () => {
    it('leaves by the same steps as any touch, once, and closes', async () => {
      const leadId = await engaged()
      const { messageId, ring } = await write(leadId)
      expect(ring).toMatchObject({ kind: 'message', priority: 3 })
      const plan = await bench.look(leadId)
      expect(plan).toMatchObject({
        next: { do: 'touch', ms: 0, touch: { v: 2, messageId, attempt: 1, channel: 'sms' } },
        summary: 'message by a person, sms, Tue 24 Nov 12:00 New York',
      })
      const next = await bench.touch(leadId, plan)
      expect(next.next.do).toBe('wait')
      expect(bench.caught('sms')).toEqual(['Tuesday is fine.'])
      expect(await states(leadId)).toEqual([['conversation', 1, 'sent']])
      expect(await written(leadId)).toMatchObject([{ outcome: 'sent' }])
      expect((await bench.lead(leadId)).open_messages).toBe(0)
      const entries = await bench.store.db
        .selectFrom('ledger_entries')
        .select(['kind', 'meta'])
        .where('lead_id', '=', leadId)
        .orderBy('seq')
        .execute()
      expect(entries.map((each) => each.kind)).toEqual([
        'decision',
        'intent',
        'dispatch',
        'outcome',
      ])
      expect(entries[0]?.meta).toMatchObject({ message: messageId, class: 'conversation' })
      // The same input again, as Temporal may try it: nothing more leaves.
      await bench.touch(leadId, plan)
      expect(bench.caught('sms')).toHaveLength(1)
      const { faults } = await verifyLedger(bench.store, [bench.deps.ledgerKey])
      expect(faults.filter((fault) => fault.leadId === leadId)).toEqual([])
    })

    it('as an email carries its subject and a Message-ID of its own', async () => {
      const leadId = await engaged()
      await write(leadId, { channel: 'email', subject: 'Tuesday', text: 'At ten?' } as NewMessage)
      const plan = await bench.look(leadId)
      await bench.touch(leadId, plan)
      const [mail] = bench.mails('email')
      expect(mail).toMatchObject({ subject: 'Tuesday' })
      const { touch } = touchInput(leadId, plan)
      expect(mail?.headers['Message-ID']).toBe(`<${touchIdOf(leadId, touch)}@acme.example>`)
      expect(mail?.headers['List-Unsubscribe']).toBeUndefined()
    })

    it('as a text waits for the law’s hours, and the lead goes on meanwhile', async () => {
      bench.clock.now = instant(Date.parse('2026-11-25T04:00:00Z'))
      const leadId = await engaged()
      await write(leadId)
      const plan = await bench.look(leadId)
      expect(plan.next).toMatchObject({ do: 'touch', ms: 9 * HOUR_MS })
      const early = await bench.touch(leadId, plan)
      expect(bench.caught()).toEqual([])
      expect(early.next).toMatchObject({ do: 'touch', ms: 9 * HOUR_MS })
    })

    it('leaves though the lead is held, and the step stays held', async () => {
      const leadId = await bench.post()
      await bench.signal(leadId, { kind: 'pause', payload: { because: 'a call first' } })
      await write(leadId)
      const plan = await bench.look(leadId)
      const next = await bench.touch(leadId, plan)
      expect(bench.caught()).toEqual(['Tuesday is fine.'])
      expect(next.next.do).toBe('wait')
    })

    it('is tried again after a transient failure, under its next number', async () => {
      const person = newPerson()
      const leadId = await engaged(person)
      await write(leadId)
      bench.catchers.faults.set(person.phone, {
        kind: 'create-error',
        code: 20429,
        status: 429,
        times: 1,
      })
      const failed = await bench.touch(leadId, await bench.look(leadId))
      expect(failed.next).toMatchObject({ do: 'touch', touch: { v: 2, attempt: 2 } })
      bench.clock.now = plus(bench.clock.now, HOUR_MS)
      await play(leadId, await bench.look(leadId))
      expect(bench.caught('sms')).toEqual(['Tuesday is fine.'])
      expect(await states(leadId)).toEqual([
        ['conversation', 1, 'failed'],
        ['conversation', 2, 'sent'],
      ])
    })

    it('does not leave after a stop, and whoever wrote it is told why', async () => {
      const leadId = await engaged()
      await write(leadId)
      const plan = await bench.look(leadId)
      const payload = { channel: 'sms', how: 'text STOP', words: 'STOP' } as const
      await bench.signal(leadId, { kind: 'opt_out', payload })
      await bench.touch(leadId, plan)
      expect(bench.caught()).toEqual([])
      expect(await written(leadId)).toMatchObject([
        { outcome: 'denied', because: expect.stringContaining('opted out') },
      ])
      const tasks = await bench.store.db
        .selectFrom('tasks')
        .select('title')
        .where('lead_id', '=', leadId)
        .where('kind', '=', 'other')
        .execute()
      expect(tasks).toEqual([{ title: 'A text to the lead did not leave' }])
    })

    it('goes nowhere else when the number changes, and nowhere when the person is erased', async () => {
      const moved = await engaged()
      await write(moved)
      await bench.store.db
        .updateTable('contact_points')
        .set({ current: false })
        .where('lead_id', '=', moved)
        .where('kind', '=', 'phone')
        .execute()
      await bench.look(moved)
      expect(await written(moved)).toMatchObject([{ outcome: 'unreachable' }])

      const gone = await engaged()
      await write(gone)
      await bench.signal(gone, ERASE)
      expect((await bench.look(gone)).next.do).toBe('complete')
      expect(await written(gone)).toEqual([
        { class: 'conversation', answer: null, outcome: 'erased', because: null },
      ])
      expect(bench.caught()).toEqual([])
    })

    it('needs a subject as an email and a way to reach the lead', async () => {
      const leadId = await engaged(newPerson({ phone: null }))
      await expect(write(leadId)).rejects.toMatchObject({ code: 'not_reachable' })
      await expect(write(leadId, { channel: 'email' })).rejects.toMatchObject({ status: 422 })
    })

    it('is told in the timeline and in the explanation', async () => {
      bench.clock.now = instant(Date.parse('2026-11-25T04:00:00Z'))
      const leadId = await engaged()
      await write(leadId)
      await bench.look(leadId)
      const { db } = bench.store
      const explained = await explainLead(
        db,
        await bench.lead(leadId),
        bench.clock.now,
        bench.rules,
      )
      expect(explained.summary).toContain('Next: message by a person, sms, Wed 25 Nov 08:00')
      expect(await timelineOf(db, leadId)).toContainEqual(
        expect.objectContaining({
          kind: 'message',
          title: 'message by a person, sms, by console:owner: waiting',
        }),
      )
    })
  })

  describe('the answer to a keyword', () => {
    it('confirms a STOP at eleven in the evening, once, though nothing else may leave', async () => {
      bench.clock.now = instant(Date.parse('2026-11-25T04:00:00Z'))
      const leadId = await bench.post(newPerson(), { cadence: 'texts' })
      const ring = await keyword(leadId, 'stop')
      expect(ring).toMatchObject({ kind: 'message', priority: 1 })
      const plan = await bench.look(leadId)
      expect(plan).toMatchObject({ priority: 1, next: { do: 'touch', ms: 0 } })
      await play(leadId, plan)
      expect(bench.caught('sms')).toEqual([expect.stringContaining('no more texts')])
      // A second STOP of somebody who has stopped is owed nothing.
      expect(await keyword(leadId, 'stop')).toBeNull()
      await play(leadId, await bench.look(leadId))
      expect(bench.caught('sms')).toHaveLength(1)
    })

    it('tells the provider to keep it no longer than its five minutes', async () => {
      const leadId = await engaged()
      await keyword(leadId, 'stop', Date.now() - 2 * MINUTE_MS)
      const plan = await bench.look(leadId)
      const { sms } = bench.deps
      let validForMs: number | undefined
      const noting: typeof sms = {
        ...sms,
        send: (text, options) => {
          validForMs = text.validForMs
          return sms.send(text, options)
        },
      }
      const now = () => bench.clock.now
      const timing = {
        mode: 'virtual',
        scheduledAt: now(),
        now,
        wall: () => instant(Date.now()),
      } as const
      await makeTouch({ ...bench.deps, sms: noting }, touchInput(leadId, plan), 'run-1', timing)
      expect(validForMs).toBeLessThanOrEqual(3 * MINUTE_MS)
      expect(validForMs).toBeGreaterThan(2 * MINUTE_MS)
      const [touch] = await bench.touches(leadId)
      expect(touch?.valid_for_ms).toBe(validForMs)
    })

    it('is not sent later than five minutes, and why is on record', async () => {
      const leadId = await engaged()
      await keyword(leadId, 'stop', Date.now() - 6 * MINUTE_MS)
      await bench.look(leadId)
      expect(bench.caught()).toEqual([])
      expect(await written(leadId)).toMatchObject([{ answer: 'stop', outcome: 'expired' }])
      const [entry] = await bench.store.db
        .selectFrom('ledger_entries')
        .select(['meta', 'payload'])
        .where('lead_id', '=', leadId)
        .orderBy('seq', 'desc')
        .limit(1)
        .execute()
      expect(entry?.meta).toMatchObject({ answer: 'stop', verdict: 'dropped', by: 'expired' })
    })

    it('is taken back when the person has said the contrary before it left', async () => {
      const leadId = await engaged()
      await keyword(leadId, 'stop')
      await keyword(leadId, 'start')
      expect(await written(leadId)).toMatchObject([
        { answer: 'stop', outcome: 'taken_back' },
        { answer: 'start', outcome: null },
      ])
      await play(leadId, await bench.look(leadId))
      expect(bench.caught('sms')).toEqual([expect.stringContaining('opted in')])
    })

    it('runs out on the planner’s clock too, where time is skipped', async () => {
      const leadId = await engaged()
      await keyword(leadId, 'stop')
      bench.clock.now = plus(bench.clock.now, HOUR_MS)
      expect((await bench.look(leadId)).next).toMatchObject({ do: 'touch', ms: 0 })
      bench.clock.now = plus(bench.clock.now, 6 * MINUTE_MS)
      await bench.look(leadId)
      expect(await written(leadId)).toMatchObject([{ outcome: 'expired' }])
    })

    it('goes to the lead that heard from us last, of those that share the number', async () => {
      const first = newPerson()
      const one = await bench.post(first)
      const two = await bench.post({ ...newPerson(), phone: first.phone })
      await play(two, await bench.look(two))
      await keyword(one, 'help')
      expect(await written(one)).toEqual([])
      expect(await written(two)).toMatchObject([{ answer: 'help' }])
      await play(two, await bench.look(two))
      expect(bench.caught('sms').at(-1)).toContain('for help')
    })

    const places: readonly [Stage, readonly string[], number][] = [
      ['decide', ['sent'], 1],
      ['dispatch', ['abandoned', 'sent'], 1],
      ['won', ['failed'], 0],
      ['settle', ['sent'], 1],
    ]
    it.each(places)(
      'is sent once at most when its process dies at %s',
      async (stage, ends, sent) => {
        const leadId = await engaged()
        await keyword(leadId, 'stop')
        const plan = await bench.look(leadId)
        const stall = stallAt(stage)
        const dying = bench.touch(leadId, plan, stall)
        await stall.reached
        // Another process takes over when the first has been silent for too long.
        bench.clock.wallAheadMs = 10 * MINUTE_MS
        bench.clock.now = plus(bench.clock.now, 2 * MINUTE_MS)
        await play(leadId, await bench.look(leadId))
        if (stage === 'won' || stage === 'settle') {
          expect(await states(leadId)).toEqual([['required', 1, 'uncertain']])
        }
        // The dead process, if it was only asleep, finds that it has no right to send any more.
        stall.letGo()
        await dying
        await play(leadId, await bench.look(leadId))
        expect((await states(leadId)).map(([, , state]) => state)).toEqual(ends)
        expect(bench.caught('sms')).toHaveLength(sent)
      },
    )

    it('is not undone by a stop that comes between the decision and the intent', async () => {
      const leadId = await engaged()
      await write(leadId)
      const plan = await bench.look(leadId)
      const stall = stallAt('decide')
      const racing = bench.touch(leadId, plan, stall)
      await stall.reached
      await keyword(leadId, 'stop')
      stall.letGo()
      await play(leadId, await racing)
      await play(leadId, await bench.look(leadId))
      expect(bench.caught('sms')).toEqual([expect.stringContaining('no more texts')])
      expect(await written(leadId)).toMatchObject([{ outcome: 'denied' }, { outcome: 'sent' }])
    })
  })
})
