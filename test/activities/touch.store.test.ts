import { sql } from 'kysely'
import { beforeEach, describe, expect, it } from 'vitest'
import { clockTrouble, wallTiming } from '../../src/activities/clock.ts'
import { makeTouch } from '../../src/activities/touch/touch.ts'
import type { Plan } from '../../src/domain/contract.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import type { Signal } from '../../src/domain/signals.ts'
import { HOUR_MS, instant, MINUTE_MS, plus, SECOND_MS } from '../../src/domain/time.ts'
import { timelineOf } from '../../src/leads/views/timeline/timeline.ts'
import type { Store } from '../../src/store/connect.ts'
import { touchIdOf } from '../../src/store/touches.ts'
import { until } from '../support/until.ts'
import {
  acceptNow,
  forEachWorkbench,
  newPerson,
  type Stage,
  stallAt,
  touchInput,
  type Workbench,
} from '../support/workbench.ts'

const STOP: Signal = {
  kind: 'opt_out',
  payload: { channel: 'sms', how: 'text STOP', words: 'STOP' },
}
const UNSUBSCRIBE: Signal = {
  kind: 'opt_out',
  payload: { channel: 'email', how: 'one-click', words: null },
}
const PAUSE: Signal = { kind: 'pause', payload: { because: 'a call comes first' } }
const REPLY: Signal = {
  kind: 'reply',
  payload: { channel: 'email', text: 'Call me', subject: null, touchId: null },
}
const MARK_DEAD: Signal = {
  kind: 'mark_dead',
  payload: { details: { reason: 'not_interested', words: null } },
}

forEachWorkbench((kind, opened) => {
  let bench: Workbench
  beforeEach(() => {
    bench = opened()
  })

  /** A lead whose first email is due now. */
  async function dueNow(more: Parameters<Workbench['post']>[1] = {}): Promise<[LeadId, Plan]> {
    const leadId = await bench.post(newPerson(), more)
    return [leadId, await bench.look(leadId)]
  }
  const states = async (leadId: LeadId) =>
    (await bench.touches(leadId)).map(({ step_id, attempt, state }) => [step_id, attempt, state])

  describe('one touch', () => {
    it('sends once, writes down why it might, and plans what follows', async () => {
      const [leadId, plan] = await dueNow()
      expect(plan.next).toMatchObject({ do: 'touch', ms: 0 })
      const next = await bench.touch(leadId, plan)
      expect(bench.caught()).toEqual(['First'])
      expect(await states(leadId)).toEqual([['first', 1, 'sent']])
      expect(next.next).toMatchObject({ do: 'touch', touch: { stepId: 'text', channel: 'sms' } })
      const entries = await bench.store.db
        .selectFrom('ledger_entries')
        .select(['kind', 'meta', 'payload'])
        .where('lead_id', '=', leadId)
        .orderBy('seq')
        .execute()
      expect(entries.map((entry) => entry.kind)).toEqual([
        'decision',
        'intent',
        'dispatch',
        'outcome',
      ])
      expect(entries[0]).toMatchObject({
        meta: { verdict: 'allowed', step: 'first' },
        payload: { local: 'Tue 24 Nov 12:00 New York' },
      })
    })

    it('of a text keeps for how long its provider may deliver it, and shows until when', async () => {
      // 20:40 in New York: the law closes at 21:00, and a minute is kept for other clocks.
      bench.clock.now = instant(Date.parse('2026-11-25T01:40:00Z'))
      const [leadId, plan] = await dueNow()
      await bench.touch(leadId, await bench.touch(leadId, plan))
      const [email, sms] = await bench.touches(leadId)
      expect(email?.valid_for_ms).toBeNull()
      expect(sms).toMatchObject({ channel: 'sms', valid_for_ms: 19 * MINUTE_MS - SECOND_MS })
      const told = (await timelineOf(bench.store.db, leadId)).filter(({ kind }) => kind === 'touch')
      expect(told.map(({ details }) => details.validUntil)).toEqual([null, '2026-11-25T01:58:59Z'])
    })

    it('carries a Message-ID that every try at one attempt shares, and no other attempt', async () => {
      const [leadId, plan] = await dueNow()
      await bench.touch(leadId, plan)
      const [mail] = bench.mails('email')
      const { touch } = touchInput(leadId, plan)
      expect(mail?.headers['Message-ID']).toBe(`<${touchIdOf(leadId, touch)}@acme.example>`)
      const others = [
        { ...touch, attempt: 2 },
        { ...touch, visit: 2 },
        { ...touch, stepId: 'last' },
      ].map((other) => touchIdOf(leadId, other))
      expect(new Set([touchIdOf(leadId, touch), ...others]).size).toBe(4)
    })

    it('tells the provider how long a text is good for, within the window', async () => {
      const [leadId, plan] = await dueNow({ cadence: 'texts' })
      await bench.touch(leadId, plan)
      expect(bench.caught('sms')).toHaveLength(1)
      expect((await bench.touches(leadId))[0]?.provider_id).toMatch(/^SM/)
    })

    it('does nothing for a plan that is no longer the newest', async () => {
      const [leadId, plan] = await dueNow()
      await bench.signal(leadId, { kind: 'call', payload: { outcome: null, note: null } })
      const next = await bench.touch(leadId, plan)
      expect(bench.caught()).toEqual([])
      expect(await states(leadId)).toEqual([])
      expect(next).toMatchObject({ next: { do: 'touch' } })
      expect(next.revision).toBeGreaterThan(plan.revision)
    })

    it('is not made before its time, nor for a step the lead has left', async () => {
      const [leadId, plan] = await dueNow()
      const second = await bench.touch(leadId, plan)
      await bench.touch(leadId, second)
      expect(bench.caught()).toHaveLength(2)
      expect(await bench.touch(leadId, plan)).toMatchObject({ next: { do: 'touch' } })
      expect(await bench.touch(leadId, second)).toMatchObject({ next: { do: 'touch' } })
      expect(bench.caught()).toHaveLength(2)
    })

    it('asks the policy for the very moment: what was allowed when planned may not be now', async () => {
      const [leadId, plan] = await dueNow({ cadence: 'texts' })
      bench.clock.now = plus(bench.clock.now, 9 * HOUR_MS)
      const next = await bench.touch(leadId, plan)
      expect(bench.caught()).toEqual([])
      expect(next.next).toMatchObject({ do: 'touch', touch: { stepId: 'text' } })
      const wait = next.next.do === 'touch' ? next.next.ms : 0
      expect(new Date(bench.clock.now + wait).toISOString()).toBe('2026-11-25T13:00:00.000Z')
    })
  })

  describe('two attempts at one touch', () => {
    it('race for the right to send, and one wins', async () => {
      const [leadId, plan] = await dueNow()
      const stalls = [stallAt('dispatch'), stallAt('dispatch')]
      const attempts = stalls.map((stall) => bench.touch(leadId, plan, stall))
      await Promise.all(stalls.map((stall) => stall.reached))
      for (const stall of stalls) stall.letGo()
      await Promise.all(attempts)
      expect(bench.caught()).toEqual(['First'])
      expect(await states(leadId)).toEqual([['first', 1, 'sent']])
    })

    const stages: readonly Stage[] = ['decide', 'dispatch', 'send', 'settle']
    it.each(stages)(
      'send once when the first stalls (%s) and wakes after the second',
      async (stage) => {
        const [leadId, plan] = await dueNow()
        const stall = stallAt(stage)
        const first = bench.touch(leadId, plan, stall)
        await stall.reached
        await bench.touch(leadId, plan)
        stall.letGo()
        await first
        expect(bench.caught()).toEqual(['First'])
        expect(await states(leadId)).toEqual([['first', 1, 'sent']])
      },
    )

    it('take over the intent of one that was killed', async () => {
      const [leadId, plan] = await dueNow()
      const stall = stallAt('dispatch')
      const killed = bench.touch(leadId, plan, stall)
      await stall.reached
      expect(await states(leadId)).toEqual([['first', 1, 'intent']])
      await bench.touch(leadId, plan)
      expect(await states(leadId)).toEqual([['first', 1, 'sent']])
      stall.letGo()
      await killed
      expect(bench.caught()).toEqual(['First'])
    })

    it('go on under the next number when a look closed the intent of one that was killed', async () => {
      const [leadId, plan] = await dueNow()
      const stall = stallAt('dispatch')
      const killed = bench.touch(leadId, plan, stall)
      await stall.reached
      const again = await bench.look(leadId)
      expect(await states(leadId)).toEqual([['first', 1, 'abandoned']])
      stall.letGo()
      await killed
      expect(bench.caught()).toEqual([])
      await bench.touch(leadId, again)
      expect(bench.caught()).toEqual(['First'])
      expect(await states(leadId)).toEqual([
        ['first', 1, 'abandoned'],
        ['first', 2, 'sent'],
      ])
    })
  })

  describe('an attempt that stood still', () => {
    const places: readonly Stage[] = ['dispatch', 'won']
    it.each(places)('calls nobody any more (%s), and writes that down', async (stage) => {
      const [leadId, plan] = await dueNow()
      const stall = stallAt(stage)
      const slow = bench.touch(leadId, plan, stall)
      await stall.reached
      bench.clock.wallAheadMs += 30_000
      stall.letGo()
      const next = await slow
      expect(bench.caught()).toEqual([])
      const [touch] = await bench.touches(leadId)
      expect(touch).toMatchObject({ state: 'failed', failure_code: 'stalled_before_the_call' })
      expect(next.next).toMatchObject({ do: 'touch', ms: MINUTE_MS, touch: { attempt: 2 } })
    })
  })

  describe('a dispatch without an answer', () => {
    it('is never sent again: after its deadline it is uncertain, and the cadence goes on', async () => {
      const [leadId, plan] = await dueNow()
      const stall = stallAt('send')
      const dying = bench.touch(leadId, plan, stall)
      await stall.reached
      expect(await bench.look(leadId)).toMatchObject({ next: { do: 'wait', ms: MINUTE_MS } })
      expect(await states(leadId)).toEqual([['first', 1, 'dispatching']])
      bench.clock.wallAheadMs += 61_000
      bench.clock.now = plus(bench.clock.now, MINUTE_MS)
      const next = await bench.look(leadId)
      expect(await states(leadId)).toEqual([['first', 1, 'uncertain']])
      expect(next.next).toMatchObject({ do: 'touch', touch: { stepId: 'text' } })
      expect(await bench.touch(leadId, plan)).toMatchObject({ next: { touch: { stepId: 'text' } } })
      expect(bench.caught()).toEqual([])
      expect(await openAlerts(bench.store)).toEqual(['uncertain'])
      stall.letGo()
      await dying
    })

    it('is settled by its own late answer, which is the best evidence', async () => {
      const [leadId, plan] = await dueNow()
      const stall = stallAt('settle')
      const slow = bench.touch(leadId, plan, stall)
      await stall.reached
      bench.clock.wallAheadMs += 61_000
      await bench.look(leadId)
      expect(await states(leadId)).toEqual([['first', 1, 'uncertain']])
      stall.letGo()
      await slow
      expect(await states(leadId)).toEqual([['first', 1, 'sent']])
      expect(bench.caught()).toEqual(['First'])
      expect(await openAlerts(bench.store)).toEqual([])
    })
  })

  describe('what stops a touch', () => {
    const stops = [
      ['a pause', PAUSE],
      ['a reply', REPLY],
      ['marking it dead', MARK_DEAD],
      ['unsubscribing', UNSUBSCRIBE],
      ['erasing the person', { kind: 'erase', payload: {} } satisfies Signal],
    ] as const

    it.each(stops)('%s between intent and dispatch takes the intent back', async (_, signal) => {
      const [leadId, plan] = await dueNow()
      const stall = stallAt('dispatch')
      const attempt = bench.touch(leadId, plan, stall)
      await stall.reached
      await bench.signal(leadId, signal)
      expect(await states(leadId)).toEqual([['first', 1, 'abandoned']])
      stall.letGo()
      await attempt
      expect(bench.caught()).toEqual([])
    })

    it.each(stops)('%s before the decision leaves no intent', async (_, signal) => {
      const [leadId, plan] = await dueNow()
      const stall = stallAt('decide')
      const attempt = bench.touch(leadId, plan, stall)
      await stall.reached
      await bench.signal(leadId, signal)
      stall.letGo()
      await attempt
      expect(bench.caught()).toEqual([])
      expect(await states(leadId)).toEqual([])
    })

    it('a stop waits for a decision under way, and then takes its intent back', async () => {
      const [leadId, plan] = await dueNow({ cadence: 'texts' })
      const stall = stallAt('commit')
      const attempt = bench.touch(leadId, plan, stall)
      await stall.reached
      const stopped = bench.signal(leadId, STOP)
      if (kind === 'postgres') await until(() => someoneWaits(bench.store), { what: 'the stop' })
      stall.letGo()
      const [accepted] = await Promise.all([stopped, attempt])
      expect(accepted.kind).toBe('accepted')
      const sent = bench.caught('sms').length
      // Whoever came first: never a text after the stop was acknowledged, and a truthful row.
      expect(await states(leadId)).toEqual([['text', 1, sent === 1 ? 'sent' : 'abandoned']])
    })

    it('a decision waits for a stop under way, and then denies', async () => {
      const [leadId, plan] = await dueNow({ cadence: 'texts' })
      const gate = stallAt('commit')
      const stopped = bench.store.transaction(async (trx) => {
        await acceptNow(trx, leadId, STOP, bench.clock.now)
        await gate.wait()
      })
      await gate.reached
      const attempt = bench.touch(leadId, plan)
      if (kind === 'postgres') await until(() => someoneWaits(bench.store), { what: 'the touch' })
      gate.letGo()
      await Promise.all([stopped, attempt])
      expect(bench.caught()).toEqual([])
      expect(await states(leadId)).toEqual([])
    })

    it('only one that is dispatching already may still leave', async () => {
      const [leadId, plan] = await dueNow({ cadence: 'texts' })
      const stall = stallAt('send')
      const attempt = bench.touch(leadId, plan, stall)
      await stall.reached
      await bench.signal(leadId, STOP)
      stall.letGo()
      await attempt
      expect(await states(leadId)).toEqual([['text', 1, 'sent']])
      bench.clock.now = plus(bench.clock.now, 26 * HOUR_MS)
      await bench.look(leadId)
      expect(bench.caught('sms')).toHaveLength(1)
    })

    it('a stop by one lead stops another that has the same phone, intent and all', async () => {
      const { phone } = newPerson()
      const leadId = await bench.post(newPerson({ phone }), { cadence: 'texts' })
      const other = await bench.post(newPerson({ phone }), { cadence: 'texts' })
      expect(other).not.toBe(leadId)
      const plan = await bench.look(other)
      const stall = stallAt('dispatch')
      const attempt = bench.touch(other, plan, stall)
      await stall.reached
      await bench.signal(leadId, STOP)
      expect(await states(other)).toEqual([['text', 1, 'abandoned']])
      stall.letGo()
      const next = await attempt
      expect(bench.caught('sms')).toEqual([])
      // Nothing is left to text it about; what time cannot mend is dropped.
      expect(next.next.do).toBe('wait')
    })
  })

  describe('a clock that disagrees', () => {
    it('sends nothing while Temporal is ahead of this machine, and tries again in 30 s', async () => {
      const [leadId, plan] = await dueNow()
      const ahead = wallTiming(instant(Date.now() + 3_000))
      expect(await clockTrouble(bench.store, ahead)).toContain('clock_disagrees')
      const waits = await makeTouch(bench.deps, touchInput(leadId, plan), 'run-1', ahead)
      expect(waits).toMatchObject({ next: { do: 'wait', ms: 30_000 }, revision: plan.revision })
      expect(bench.caught()).toEqual([])
    })

    it('sends nothing while the database is ahead of this machine', async () => {
      await dueNow()
      const now = instant(Date.now())
      expect(await clockTrouble(bench.store, wallTiming(now))).toBeNull()
      const behind = { ...wallTiming(now), now: () => instant(Date.now() - 3_000) }
      const trouble = await clockTrouble(bench.store, { ...behind, scheduledAt: behind.now() })
      expect(trouble).toContain('database')
    })
  })
})

async function openAlerts(store: Store): Promise<string[]> {
  const rows = await store.db
    .selectFrom('alerts')
    .select('kind')
    .where('resolved_at', 'is', null)
    .execute()
  return rows.map((row) => row.kind)
}

/** Whether a session of this database waits for another's lock. */
async function someoneWaits(store: Store): Promise<boolean> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(store.db)
  return (rows[0]?.n ?? 0) > 0
}
