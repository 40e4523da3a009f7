import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AttemptFact } from '../../../src/domain/attempts.ts'
import type { Cadence, MessageStep, Step, TaskStep } from '../../../src/domain/cadence/types.ts'
import { nextPosition } from '../../../src/domain/cadence/walk.ts'
import { id } from '../../../src/domain/ids.ts'
import {
  type EpisodeFacts,
  type HoldFact,
  type PlanFacts,
  type Planned,
  planLead,
} from '../../../src/domain/plan/plan.ts'
import { rulesFor } from '../../../src/domain/plan/plan-touch.ts'
import {
  decide,
  explainDecision,
  type PastTouch,
  type PolicyPerson,
} from '../../../src/domain/policy/index.ts'
import {
  DAY_MS,
  HOUR_MS,
  type Instant,
  MINUTE_MS,
  plus,
  SECOND_MS,
} from '../../../src/domain/time.ts'
import { at, person, point, suppressed, written } from '../policy/people.ts'
import { CALL, emailStep, NOON, planFacts, RULES, sampleCadence, sampleEpisode } from './samples.ts'

const MIDNIGHT = at('2026-11-24T05:00:00Z')

/** Three days after its last step this cadence is over. */
const cadence = (steps: readonly Step[], more: Partial<Cadence> = {}): Cadence =>
  sampleCadence(steps, { endAfterMs: 3 * DAY_MS, ...more })
const episode = (steps: readonly Step[], more: Partial<EpisodeFacts> = {}): EpisodeFacts =>
  sampleEpisode(steps, { cadence: cadence(steps), begun: 'fresh', ...more })
const facts = (more: Partial<PlanFacts> = {}): PlanFacts =>
  planFacts({ episode: episode([emailStep()]), ...more })
const withSteps = (steps: readonly Step[], more: Partial<EpisodeFacts> = {}) =>
  facts({ episode: episode(steps, more) })
const attempt = (more: Partial<AttemptFact> = {}): AttemptFact => ({
  attempt: 1,
  state: 'sent',
  failure: null,
  because: null,
  settledAt: NOON,
  retryAfterMs: null,
  ...more,
})
const failed = (n: number, settledAt: Instant, more: Partial<AttemptFact> = {}) =>
  attempt({ attempt: n, state: 'failed', failure: 'transient', settledAt, ...more })

describe('a lead that needs nothing from us', () => {
  it('completes when it is erased or a customer, and waits while a person talks with it', () => {
    expect(planLead(facts({ status: 'erased' }), NOON).kind).toBe('complete')
    expect(planLead(facts({ status: 'converted' }), NOON).kind).toBe('complete')
    expect(planLead(facts({ status: 'engaged' }), NOON).kind).toBe('bell')
  })
})

describe('a dead lead', () => {
  const dead = (more: Partial<PlanFacts>) => facts({ status: 'dead', episode: null, ...more })
  const soon = plus(NOON, 10 * DAY_MS)
  const late = plus(NOON, 500 * DAY_MS)

  it('completes when nothing of ours may wake it', () => {
    expect(planLead(dead({ archiveAt: null, checkInAt: soon }), NOON).kind).toBe('complete')
  })

  it('sleeps until its check-in, and is checked in on when the time has come', () => {
    const waiting = dead({ archiveAt: late, checkInAt: soon })
    expect(planLead(waiting, NOON)).toMatchObject({ kind: 'look', at: soon })
    expect(planLead(waiting, soon).kind).toBe('check_in')
  })

  it('sleeps until it is archived, and not past a check-in that is still to come', () => {
    expect(planLead(dead({ archiveAt: soon }), NOON)).toMatchObject({ kind: 'look', at: soon })
    expect(planLead(dead({ archiveAt: soon }), soon).kind).toBe('complete')
    const both = dead({ archiveAt: soon, checkInAt: late })
    expect(planLead(both, plus(soon, DAY_MS))).toMatchObject({ kind: 'look', at: late })
  })
})

describe('the words of a plan', () => {
  it('are those that every page has for the decision, with every denial in them', () => {
    const night = at('2026-11-25T04:00:00Z')
    const text = emailStep({ channel: 'sms' })
    for (const now of [NOON, night]) {
      const planned = planLead(withSteps([text]), now)
      const decision = decide(person(), 'sms', 'marketing', now, RULES)
      expect(planned).toMatchObject({ kind: 'touch', why: explainDecision(decision) })
    }
    expect(planLead(withSteps([text]), night)).toHaveProperty(
      'why',
      expect.stringMatching(/that New York allows.*outside the preferred hours/),
    )
  })

  it('tell what stands in the way for good while the step is not due', () => {
    const text = emailStep({ channel: 'sms', after: { kind: 'exactly', ms: DAY_MS } })
    const who = person({ consents: [] })
    const planned = planLead({ ...withSteps([text]), person: who }, NOON)
    expect(planned).toMatchObject({
      kind: 'look',
      why: 'step hello, sms, may not leave as things stand',
      because: expect.stringMatching(/^No\. A marketing text needs written consent/),
    })
  })

  it('name an emergency stop before whatever else denies, and give nothing up for that', () => {
    const stop = {
      id: 'hold_1',
      scope: 'global',
      key: null,
      because: 'wrong',
      since: NOON,
    } as const
    const who = person({ consents: [], stops: [stop] })
    const text = emailStep({ channel: 'sms' })
    expect(planLead({ ...withSteps([text]), person: who }, NOON)).toMatchObject({
      kind: 'look',
      why: 'held: an emergency stop is on',
    })
  })
})

describe('a check-in by telephone', () => {
  it('waits for room under the law’s cap; one by message does not', () => {
    const calls = [1, 2, 3].map((hours) => ({
      channel: 'call' as const,
      messageClass: 'conversation' as const,
      at: plus(NOON, -hours * HOUR_MS),
      inEpisode: false,
    }))
    const dead = facts({
      status: 'dead',
      episode: null,
      person: person({ recent: calls }),
      checkInAt: NOON,
      archiveAt: plus(NOON, 500 * DAY_MS),
    })
    expect(planLead(dead, NOON).kind).toBe('check_in')
    const opensAt = plus(NOON, 21 * HOUR_MS)
    const byPhone = { ...dead, checkInCalls: true }
    expect(planLead(byPhone, NOON)).toMatchObject({
      kind: 'look',
      at: opensAt,
      because: expect.stringContaining('the law allows 3'),
    })
    expect(planLead(byPhone, opensAt).kind).toBe('check_in')
  })
})

describe('a held lead', () => {
  const hold = (more: Partial<HoldFact>): HoldFact => ({
    kind: 'paused',
    channel: null,
    untilAt: null,
    ...more,
  })

  it('is looked at once a day, or when its date comes', () => {
    expect(planLead(facts({ holds: [hold({})] }), NOON)).toEqual({
      kind: 'look',
      at: plus(NOON, DAY_MS),
      why: 'held: it is paused',
    })
    const untilAt = plus(NOON, 2 * HOUR_MS)
    const dated = facts({ holds: [hold({ kind: 'held_until', untilAt })] })
    expect(planLead(dated, NOON)).toMatchObject({ kind: 'look', at: untilAt })
  })

  it('is held on one channel when only its sender is halted', () => {
    const holds = [hold({ kind: 'sender_halted', channel: 'sms' })]
    const text = emailStep({ channel: 'sms' })
    expect(planLead({ ...withSteps([text]), holds }, NOON).kind).toBe('look')
    expect(planLead({ ...withSteps([emailStep()]), holds }, NOON).kind).toBe('touch')
  })
})

describe('a task', () => {
  it('is given when it is due, and waited for before', () => {
    const due = plus(NOON, HOUR_MS)
    expect(planLead(withSteps([CALL]), NOON)).toMatchObject({ kind: 'look', at: due })
    expect(planLead(withSteps([CALL]), due)).toMatchObject({ kind: 'task' })
    expect(planLead(withSteps([CALL], { sendNow: true }), NOON)).toMatchObject({ kind: 'task' })
  })

  describe('to call', () => {
    const due = plus(NOON, HOUR_MS)
    const touched = (channel: PastTouch['channel'], beforeMs: number): PastTouch => ({
      channel,
      messageClass: 'marketing',
      at: plus(due, -beforeMs),
      inEpisode: true,
    })
    const full = [
      touched('sms', 2 * HOUR_MS),
      touched('call', 5 * HOUR_MS),
      touched('sms', 23 * HOUR_MS),
    ]
    const given = (
      recent: readonly PastTouch[],
      now: Instant = due,
      more: { task?: TaskStep['task']; sendNow?: boolean } = {},
    ) =>
      planLead(
        {
          ...withSteps([{ ...CALL, task: more.task ?? 'call' }], {
            sendNow: more.sendNow ?? false,
          }),
          person: person({ recent }),
        },
        now,
      )

    it('waits until the cap of the law has room, in the words of the rule', () => {
      const opensAt = plus(due, HOUR_MS)
      for (const task of ['call', 'voicemail'] as const) {
        const planned = given(full, due, { task })
        expect(planned).toMatchObject({ kind: 'look', at: opensAt })
        expect(planned).toHaveProperty(
          'because',
          expect.stringContaining('has had 3 texts and calls in 24 hours, and the law allows 3'),
        )
      }
      expect(given(full, plus(opensAt, -1)).kind).toBe('look')
      expect(given(full, opensAt).kind).toBe('task')
      expect(given(full, due, { sendNow: true })).toMatchObject({ kind: 'look', at: opensAt })
    })

    it('is bound by that cap alone, which binds no other task', () => {
      expect(given(full, due, { task: 'other' }).kind).toBe('task')
      expect(given(full.slice(1)).kind).toBe('task')
      const emails = full.map((touch) => ({ ...touch, channel: 'email' as const }))
      expect(given(emails).kind).toBe('task')
    })

    it('is never given while the cap is full, whatever happened before', () => {
      const history = fc.array(
        fc.record({
          channel: fc.constantFrom<PastTouch['channel']>('email', 'sms', 'call'),
          beforeMs: fc.integer({ min: 0, max: 2 * DAY_MS }),
        }),
        { maxLength: 12 },
      )
      fc.assert(
        fc.property(history, (touches) => {
          const recent = touches
            .map(({ channel, beforeMs }) => touched(channel, beforeMs))
            .sort((a, b) => b.at - a.at)
          const counted = (now: Instant) =>
            recent.filter((one) => one.channel !== 'email' && one.at + DAY_MS > now).length
          const planned = given(recent)
          expect(planned.kind).toBe(counted(due) < 3 ? 'task' : 'look')
          if (planned.kind !== 'look') return
          expect(given(recent, planned.at).kind).toBe('task')
          expect(counted(plus(planned.at, -SECOND_MS))).toBeGreaterThanOrEqual(3)
        }),
      )
    })
  })
})

describe('a message', () => {
  it('is a touch when it is due and allowed', () => {
    expect(planLead(facts(), NOON)).toMatchObject({ kind: 'touch', at: NOON })
  })

  it('waits for its delay and for the time that the lead stood still', () => {
    const step = emailStep({ after: { kind: 'exactly', ms: 2 * HOUR_MS } })
    const planned = planLead(withSteps([step], { pausedMs: HOUR_MS }), NOON)
    expect(planned).toMatchObject({ kind: 'touch', at: plus(NOON, 3 * HOUR_MS) })
  })

  it('waits for the hours in which it may leave; the answer to a form for their first second', () => {
    const planned = planLead(withSteps([emailStep()], { anchorAt: MIDNIGHT }), MIDNIGHT)
    expect(planned).toMatchObject({ kind: 'touch', at: at('2026-11-24T14:00:00Z') })
  })

  it.each([
    ['of a lead that nobody waits for', { begun: 'calm' as const }],
    ['after the answer to its form', { begun: 'fresh' as const, reachedOut: true }],
  ])('leaves spread out after a night that others waited through too: %s', (_, who) => {
    const at9 = at('2026-11-24T14:00:00Z')
    const times = Array.from({ length: 200 }, (_, n) => {
      const lead = { ...withSteps([emailStep()], { ...who, anchorAt: MIDNIGHT }) }
      const planned = planLead({ ...lead, leadId: id(`lead_${n}`) }, MIDNIGHT)
      return planned.kind === 'touch' ? planned.at - at9 : -1
    })
    expect(Math.min(...times)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...times)).toBeLessThan(45 * MINUTE_MS)
    expect(new Set(times).size).toBeGreaterThan(150)
  })

  it('ignores the hours of manners, never the law, when it is to leave now', () => {
    const sendNow = { sendNow: true, anchorAt: MIDNIGHT }
    expect(planLead(withSteps([emailStep()], sendNow), MIDNIGHT)).toMatchObject({ at: MIDNIGHT })
    const text = planLead(withSteps([emailStep({ channel: 'sms' })], sendNow), MIDNIGHT)
    expect(text).toMatchObject({ kind: 'touch', at: at('2026-11-24T13:00:00Z') })
  })

  it('is dropped with its reason when nothing but the lead can change the answer', () => {
    const noConsent = { ...facts(), person: person({ consents: [] }) }
    const text = episode([emailStep({ channel: 'sms' })])
    const planned = planLead({ ...noConsent, episode: text }, NOON)
    expect(planned).toMatchObject({ kind: 'drop', drop: { kind: 'denied', by: 'consent' } })
  })

  it('is not dropped before it is due: the consent may come until then', () => {
    const due = plus(NOON, HOUR_MS)
    const text = emailStep({ channel: 'sms', after: { kind: 'exactly', ms: HOUR_MS } })
    const planned = planLead({ ...withSteps([text]), person: person({ consents: [] }) }, NOON)
    expect(planned).toMatchObject({ kind: 'look', at: due })
  })

  it('is dropped when it would leave too late to be of use', () => {
    const step = emailStep({ staleAfterMs: DAY_MS })
    const stale = { kind: 'drop', drop: { kind: 'stale' } }
    expect(planLead(withSteps([step]), plus(NOON, DAY_MS))).toMatchObject({ kind: 'touch' })
    expect(planLead(withSteps([step]), plus(NOON, DAY_MS + 1))).toMatchObject(stale)
    const overnight = emailStep({ staleAfterMs: HOUR_MS })
    const waits = withSteps([overnight], { anchorAt: MIDNIGHT })
    expect(planLead(waits, MIDNIGHT)).toMatchObject(stale)
  })
})

describe('after an attempt', () => {
  const retry = (attempts: readonly AttemptFact[], now: Instant = NOON) =>
    planLead(withSteps([emailStep({ hours: 'any' })], { attempts }), now)

  it('goes on when the message left, or may have', () => {
    for (const state of ['sent', 'delivered', 'uncertain'] as const) {
      expect(retry([attempt({ state })]).kind).toBe('advance')
    }
  })

  it('waits while a send is under way, and never begins another', () => {
    const planned = retry([attempt({ state: 'dispatching' })])
    expect(planned).toMatchObject({ kind: 'look', at: plus(NOON, MINUTE_MS) })
  })

  it('tries again under the next number when the intent was taken back', () => {
    const planned = retry([attempt({ state: 'abandoned' })])
    expect(planned).toMatchObject({ kind: 'touch', touch: { attempt: 2 } })
  })

  it('drops the step when it cannot be delivered at all', () => {
    const planned = retry([attempt({ state: 'failed', failure: 'permanent', because: 'no' })])
    expect(planned).toMatchObject({ kind: 'drop', drop: { kind: 'failed', because: 'no' } })
  })

  it('waits longer after each transient failure, and gives up after the fifth', () => {
    const waits = [1, 5, 30, 120].map((minutes, index) => {
      const attempts = Array.from({ length: index + 1 }, (_, n) => failed(n + 1, NOON))
      expect(retry(attempts)).toMatchObject({
        kind: 'touch',
        at: plus(NOON, minutes * MINUTE_MS),
        touch: { attempt: index + 2 },
      })
      return minutes
    })
    expect(waits).toHaveLength(4)
    const five = Array.from({ length: 5 }, (_, n) => failed(n + 1, NOON))
    expect(retry(five)).toMatchObject({ kind: 'drop', drop: { because: 'failed 5 times' } })
  })

  it('waits as long as the provider asked', () => {
    const planned = retry([failed(1, NOON, { retryAfterMs: HOUR_MS })])
    expect(planned).toMatchObject({ at: plus(NOON, HOUR_MS) })
  })

  it('does not count against the lead what was the sender’s fault', () => {
    const faults = Array.from({ length: 9 }, (_, n) =>
      failed(n + 1, NOON, { failure: 'sender_fault' }),
    )
    expect(retry(faults)).toMatchObject({ kind: 'touch', touch: { attempt: 10 } })
  })
})

describe('after the last step', () => {
  it('leaves time to answer, also for the time on hold, and then ends', () => {
    const over = withSteps([emailStep()], { position: null, pausedMs: DAY_MS })
    const end = plus(NOON, 4 * DAY_MS)
    expect(planLead(over, NOON)).toMatchObject({ kind: 'look', at: end })
    expect(planLead(over, end)).toEqual({
      kind: 'end',
      end: { outcome: 'dead', reason: 'unresponsive' },
    })
  })
})

const DELAYS = [0, 10 * MINUTE_MS, 3 * HOUR_MS, DAY_MS, 2 * DAY_MS]
const anyDelay = fc.oneof(
  fc.constantFrom(...DELAYS).map((ms) => ({ kind: 'exactly' as const, ms })),
  fc
    .constantFrom(...DELAYS)
    .map((minMs) => ({ kind: 'between' as const, minMs, maxMs: minMs + DAY_MS })),
)
const anyMessage = fc.record<Omit<MessageStep, 'id'>>({
  kind: fc.constant('message'),
  channel: fc.constantFrom('email', 'sms'),
  template: fc.constant('hello'),
  after: anyDelay,
  timing: fc.constantFrom({ kind: 'asap' }, { kind: 'varied' }),
  hours: fc.constantFrom('preferred', 'any'),
  staleAfterMs: fc.constantFrom(null, HOUR_MS, 5 * DAY_MS),
})
const anyTask = anyDelay.map((after) => ({ ...CALL, after }))
const anySteps = fc
  .array(fc.oneof({ weight: 4, arbitrary: anyMessage }, anyTask), { minLength: 1, maxLength: 6 })
  .map((steps) => steps.map((step, n): Step => ({ ...step, id: `step-${n}` })))
const anyPerson = fc.constantFrom<PolicyPerson>(
  person(),
  person({ consents: [] }),
  person({ phone: null }),
  person({ email: null }),
  person({ email: null, phone: null }),
  person({ phone: point('+18085550142'), timezone: 'America/New_York' }),
  person({ suppressions: [suppressed('2026-11-02T00:00:00Z', { channel: 'all' })] }),
  person({ suppressions: [suppressed('2026-11-02T00:00:00Z')], consents: [written()] }),
)
const anyStart = fc
  .integer({ min: 0, max: 14 * 24 * 60 })
  .map((minutes) => plus(NOON, minutes * MINUTE_MS))
const anyOutcome = fc.constantFrom<AttemptFact['state']>('sent', 'uncertain', 'failed', 'abandoned')
const anyLife = fc.record({
  steps: anySteps,
  person: anyPerson,
  start: anyStart,
  begun: fc.constantFrom('fresh' as const, 'calm' as const, 'bulk' as const),
  outcomes: fc.array(anyOutcome, { minLength: 40, maxLength: 40 }),
  failure: fc.constantFrom('permanent' as const, 'transient' as const),
})

describe('any lead in any cadence', () => {
  it('never touches before its time, nor when it is not allowed', () => {
    fc.assert(
      fc.property(anyLife, ({ steps, person: who, start, begun }) => {
        const lead = facts({ person: who, episode: episode(steps, { begun, anchorAt: start }) })
        const planned = planLead(lead, start)
        if (planned.kind !== 'touch') return
        const { after } = planned.touch.step
        const least = after.kind === 'exactly' ? after.ms : after.minMs
        expect(planned.at).toBeGreaterThanOrEqual(start + least)
        expect(allowed(lead, planned)).toBe(true)
      }),
    )
  })

  it('never touches while it is held', () => {
    fc.assert(
      fc.property(anyLife, ({ steps, person: who, start, begun }) => {
        const holds = [{ kind: 'paused' as const, channel: null, untilAt: null }]
        const lead = facts({ person: who, holds, episode: episode(steps, { begun }) })
        expect(planLead(lead, start)).toMatchObject({ kind: 'look' })
      }),
    )
  })

  it('comes to its end, each step made or dropped once, whatever the provider answers', () => {
    fc.assert(
      fc.property(anyLife, (life) => {
        const { end, made } = live(life)
        expect(end.kind).toBe('end')
        expect(new Set(made).size).toBe(made.length)
        expect(made.length).toBeLessThanOrEqual(life.steps.length)
      }),
    )
  })
})

function allowed(lead: PlanFacts, planned: Extract<Planned, { kind: 'touch' }>): boolean {
  const { step } = planned.touch
  if (lead.episode === null) return false
  const rules = rulesFor(step, lead.episode, lead.rules)
  return decide(lead.person, step.channel, 'marketing', planned.at, rules).allowed
}

interface Life {
  readonly steps: readonly Step[]
  readonly person: PolicyPerson
  readonly start: Instant
  readonly begun: EpisodeFacts['begun']
  readonly outcomes: readonly AttemptFact['state'][]
  readonly failure: 'permanent' | 'transient'
}

/** Lives a lead's episode by the planner alone: waits, tries, and takes what the provider says. */
function live({ steps, person: who, start, begun, outcomes, failure }: Life) {
  let now = start
  let turn = 0
  const made: string[] = []
  let current = episode(steps, { begun, anchorAt: start })
  for (let step = 0; step < 300; step += 1) {
    const lead = facts({ person: who, episode: current })
    const planned = planLead(lead, now)
    switch (planned.kind) {
      case 'touch': {
        if (planned.at > now) {
          now = planned.at
          break
        }
        expect(allowed(lead, planned)).toBe(true)
        const state = outcomes[turn % outcomes.length] ?? 'sent'
        turn += 1
        const last = attempt({
          attempt: planned.touch.attempt,
          state,
          failure: state === 'failed' ? failure : null,
          settledAt: now,
        })
        expect(last.attempt).toBe(current.attempts.length + 1)
        if (state === 'sent' || state === 'uncertain') made.push(planned.touch.step.id)
        current = { ...current, attempts: [...current.attempts, last] }
        break
      }
      case 'look':
        expect(planned.at).toBeGreaterThan(now)
        now = planned.at
        break
      case 'advance':
      case 'drop':
      case 'task': {
        if (current.position === null) throw new Error('moved past the end')
        const next = nextPosition(current.cadence, current.position)
        const position = next.kind === 'step' ? next.position : null
        current = { ...current, position, anchorAt: now, attempts: [] }
        break
      }
      default:
        return { end: planned, made }
    }
  }
  throw new Error('the lead never came to its end')
}
