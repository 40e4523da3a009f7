import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AttemptFact } from '../../../src/domain/attempts.ts'
import { id } from '../../../src/domain/ids.ts'
import type { LeadStatus } from '../../../src/domain/lead.ts'
import type { MessageFact } from '../../../src/domain/messages.ts'
import { type PlanFacts, type Planned, planLead } from '../../../src/domain/plan/plan.ts'
import type { HoldFact } from '../../../src/domain/plan/wait-held.ts'
import { decide } from '../../../src/domain/policy/index.ts'
import { type Instant, MINUTE_MS, plus, SECOND_MS } from '../../../src/domain/time.ts'
import { at, person, suppressed } from '../policy/people.ts'
import { NOON, planFacts, RULES } from './samples.ts'

/** Eleven in the evening in New York. */
const LATE = at('2026-11-24T04:00:00Z')
const OPTED_OUT = person({ suppressions: [suppressed('2026-11-23T10:00:00Z', { channel: 'all' })] })

const message = (more: Partial<MessageFact> = {}): MessageFact => ({
  id: id('message_1'),
  class: 'conversation',
  channel: 'sms',
  answer: null,
  notAfter: null,
  reachable: true,
  attempts: [],
  ...more,
})
const owed = (more: Partial<MessageFact> = {}): MessageFact =>
  message({ id: id('message_owed'), class: 'required', answer: 'stop', ...more })
const facts = (messages: readonly MessageFact[], more: Partial<PlanFacts> = {}): PlanFacts =>
  planFacts({ status: 'engaged', messages, ...more })
const attempt = (more: Partial<AttemptFact> = {}): AttemptFact => ({
  attempt: 1,
  state: 'failed',
  failure: 'transient',
  because: null,
  settledAt: NOON,
  retryAfterMs: null,
  ...more,
})
const idOf = (planned: Planned) => (planned.kind === 'message' ? planned.message.message.id : null)

describe('the answer that is owed', () => {
  it('leaves at once whatever the lead is, at any hour, held or stopped', () => {
    const held: HoldFact = { kind: 'paused', channel: null, untilAt: null }
    for (const status of ['nurturing', 'engaged', 'converted', 'dead'] as const) {
      const lead = facts([owed()], { status, person: OPTED_OUT, holds: [held] })
      expect(planLead(lead, LATE)).toMatchObject({ kind: 'message', at: LATE })
    }
    expect(planLead(facts([owed()], { status: 'erased' }), LATE)).toMatchObject({
      kind: 'complete',
    })
  })

  it('comes before whatever a person wrote', () => {
    expect(idOf(planLead(facts([message(), owed()]), NOON))).toBe('message_owed')
  })

  it('is not sent later than it may, and is looked at as soon as that is certain', () => {
    const notAfter = plus(NOON, 5 * MINUTE_MS)
    const lead = facts([owed({ notAfter })])
    expect(planLead(lead, notAfter).kind).toBe('message')
    const late = planLead(lead, plus(notAfter, 1))
    expect(late).toMatchObject({ kind: 'close_message', close: { outcome: 'expired' } })
    const halted: HoldFact = { kind: 'sender_halted', channel: 'sms', untilAt: null }
    const waits = planLead({ ...lead, holds: [halted] }, NOON)
    expect(waits).toMatchObject({ kind: 'look', at: plus(notAfter, 1) })
  })

  it('is tried again in haste, five times within its five minutes', () => {
    const waits = [15, 30, 60, 120].map((seconds, index) => {
      const attempts = Array.from({ length: index + 1 }, (_, n) => attempt({ attempt: n + 1 }))
      const planned = planLead(facts([owed({ attempts })]), NOON)
      expect(planned).toMatchObject({ kind: 'message', at: plus(NOON, seconds * SECOND_MS) })
      return seconds
    })
    expect(waits.reduce((a, b) => a + b)).toBeLessThan(5 * 60)
  })
})

describe('a message by a person', () => {
  it('waits for the law’s hours as a text, and leaves though the lead is held', () => {
    const planned = planLead(facts([message()]), LATE)
    expect(planned).toMatchObject({ kind: 'message', at: at('2026-11-24T13:00:00Z') })
    const held: HoldFact = { kind: 'paused', channel: null, untilAt: null }
    const lead = facts([message()], { status: 'nurturing', holds: [held] })
    expect(planLead(lead, NOON)).toMatchObject({ kind: 'message', at: NOON })
  })

  it('is closed with the rule’s reason when the person has said stop', () => {
    const planned = planLead(facts([message()], { person: OPTED_OUT }), NOON)
    expect(planned).toMatchObject({
      kind: 'close_message',
      close: { outcome: 'denied', decision: { deniedBy: 'suppression' } },
    })
  })

  it('waits for the end of an emergency stop, whatever else denies it meanwhile', () => {
    const stop = {
      id: 'hold_1',
      scope: 'global',
      key: null,
      because: 'wrong',
      since: NOON,
    } as const
    const planned = planLead(facts([message()], { person: { ...OPTED_OUT, stops: [stop] } }), NOON)
    expect(planned).toMatchObject({ kind: 'look', why: 'held: an emergency stop is on' })
  })

  it('goes nowhere but where it was written to', () => {
    const planned = planLead(facts([message({ reachable: false })]), NOON)
    expect(planned).toMatchObject({ kind: 'close_message', close: { outcome: 'unreachable' } })
  })

  it('lets a lead that would end wait for it, and a check-in come first', () => {
    const dead = facts([message()], { status: 'dead' })
    expect(planLead(dead, LATE).kind).toBe('message')
    const soon = plus(LATE, MINUTE_MS)
    const waits = facts([message()], {
      status: 'dead',
      archiveAt: plus(LATE, 1e9),
      checkInAt: soon,
    })
    expect(planLead(waits, LATE)).toMatchObject({ kind: 'look', at: soon })
    expect(planLead(waits, soon).kind).toBe('check_in')
  })

  it('closes by what became of its last attempt, and never begins a second beside it', () => {
    const after = (state: AttemptFact['state']) =>
      planLead(facts([message({ attempts: [attempt({ state, failure: null })] })]), NOON)
    expect(after('delivered')).toMatchObject({ close: { outcome: 'sent' } })
    expect(after('uncertain')).toMatchObject({ close: { outcome: 'uncertain' } })
    expect(after('dispatching')).toMatchObject({ kind: 'look', at: plus(NOON, MINUTE_MS) })
    expect(after('abandoned')).toMatchObject({ kind: 'message', message: { attempt: 2 } })
    const refused = attempt({ failure: 'permanent', because: 'no' })
    expect(planLead(facts([message({ attempts: [refused] })]), NOON)).toMatchObject({
      close: { outcome: 'failed', because: 'no' },
    })
  })
})

describe('whatever waits to leave', () => {
  const statuses: readonly LeadStatus[] = ['nurturing', 'engaged', 'converted', 'dead']
  const someMessage = fc
    .record({
      n: fc.integer({ min: 0, max: 1e6 }),
      kind: fc.constantFrom('required', 'conversation', 'transactional'),
      channel: fc.constantFrom('email', 'sms'),
      inMs: fc.option(fc.integer({ min: -MINUTE_MS, max: 48 * 60 * MINUTE_MS })),
      failures: fc.integer({ min: 0, max: 6 }),
      reachable: fc.boolean(),
    })
    .map(({ n, kind, channel, inMs, failures, reachable }): MessageFact => {
      const settledAt = NOON
      const attempts = Array.from({ length: failures }, (_, i) =>
        attempt({ attempt: i + 1, settledAt }),
      )
      const notAfter = inMs === null ? null : plus(NOON, inMs)
      const own = message({ id: id(`message_${n}`), channel, notAfter, reachable, attempts })
      return kind === 'required'
        ? owed({ ...own, class: kind })
        : { ...own, class: kind, answer: null }
    })

  it('leaves only when the policy allows its class, in its time, and is settled in the end', () => {
    fc.assert(
      fc.property(
        fc.array(someMessage, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(...statuses),
        fc.constantFrom(person(), OPTED_OUT, person({ consents: [] })),
        fc.integer({ min: 0, max: 24 * 60 }),
        (messages, status, who, minutes) => {
          let now: Instant = plus(NOON, minutes * MINUTE_MS)
          let open = messages
          for (let step = 0; open.length > 0; step += 1) {
            expect(step).toBeLessThan(50)
            const planned = planLead(facts(open, { status, person: who }), now)
            const [gone, left] = judge(planned, who, now)
            open = open.filter((each) => each !== gone)
            now = left
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  function judge(
    planned: Planned,
    who: PlanFacts['person'],
    now: Instant,
  ): [MessageFact | null, Instant] {
    if (planned.kind === 'close_message') return [planned.message, now]
    if (planned.kind === 'look') return [null, planned.at]
    if (planned.kind !== 'message') throw new Error(`forgotten: ${planned.kind}`)
    const { message: sent } = planned.message
    expect(planned.at).toBeGreaterThanOrEqual(now)
    expect(decide(who, sent.channel, sent.class, planned.at, RULES).allowed).toBe(true)
    if (sent.notAfter !== null) expect(planned.at).toBeLessThanOrEqual(sent.notAfter)
    expect(sent.reachable).toBe(true)
    return [sent, planned.at]
  }
})
