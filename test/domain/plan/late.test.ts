import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MessageStep } from '../../../src/domain/cadence/types.ts'
import { pausedSince, skippedUntil } from '../../../src/domain/pauses.ts'
import { type EpisodeFacts, type PlanFacts, planLead } from '../../../src/domain/plan/plan.ts'
import { DAY_MS, HOUR_MS, instant, MINUTE_MS, plus } from '../../../src/domain/time.ts'
import { at, person, written } from '../policy/people.ts'
import { emailStep, planFacts, sampleEpisode } from './samples.ts'

const BEGIN = at('2026-03-02T12:00:00Z')

const step = (more: Partial<MessageStep> = {}): MessageStep =>
  emailStep({ after: { kind: 'exactly', ms: DAY_MS }, hours: 'any', ...more })

const facts = (of: MessageStep, more: Partial<EpisodeFacts> = {}): PlanFacts =>
  planFacts({
    person: person({ consents: [written('2026-01-01T12:00:00Z')] }),
    episode: sampleEpisode([of], { anchorAt: BEGIN, reachedOut: true, ...more }),
  })

const anyStep = fc
  .record({
    channel: fc.constantFrom('email', 'sms' as const),
    hours: fc.constantFrom('any', 'preferred' as const),
    timing: fc.constantFrom({ kind: 'asap' }, { kind: 'varied' } as const),
    after: fc.integer({ min: 0, max: 20 * 24 }).map((h) => ({
      kind: 'exactly' as const,
      ms: h * HOUR_MS,
    })),
  })
  .map((more) => step(more as Partial<MessageStep>))
const minutes = (min: number, max: number) =>
  fc.integer({ min, max }).map((count) => count * MINUTE_MS)

describe('a message that nothing kept', () => {
  it('is on time whatever it waited for by the rules, and stands in no line', () => {
    fc.assert(
      fc.property(anyStep, minutes(0, 400 * 24 * 60), (of, offset) => {
        const anchorAt = plus(BEGIN, offset)
        const plan = facts(of, { anchorAt })
        const first = planLead(plan, anchorAt)
        expect(first.kind).toBe('touch')
        if (first.kind !== 'touch') return
        expect(planLead(plan, first.at)).toMatchObject({ kind: 'touch', at: first.at })
      }),
      { numRuns: 200 },
    )
  })

  it('gets a turn when it was kept for longer, and leaves when that has come', () => {
    fc.assert(
      fc.property(minutes(16, 30 * 24 * 60), minutes(0, 500), (late, wait) => {
        const due = plus(BEGIN, DAY_MS)
        const now = plus(due, late)
        expect(planLead(facts(step()), now).kind).toBe('line_up')
        const turn = plus(now, wait)
        const given = facts(step(), { releaseAt: turn })
        expect(planLead(given, now)).toMatchObject({ kind: 'touch', at: turn })
        expect(planLead(given, turn)).toMatchObject({ kind: 'touch', at: turn })
        // What was kept again stands in line again.
        expect(planLead(given, plus(turn, 16 * MINUTE_MS)).kind).toBe('line_up')
        expect(planLead(facts(step(), { sendNow: true }), now).kind).toBe('touch')
      }),
      { numRuns: 100 },
    )
  })
})

describe('a step whose lead was paused', () => {
  const pause = fc
    .tuple(
      minutes(0, 3_000),
      minutes(1, 6_000),
      fc.constantFrom('shift', 'skip-overdue', 'send-one'),
    )
    .map(([from, long, mode]) => ({
      beganAt: plus(BEGIN, from),
      liftedAt: plus(BEGIN, from + long),
      mode: mode as 'shift' | 'skip-overdue' | 'send-one',
    }))

  it('is due at anchor + delay + what it stood still in the mode shift, and never before', () => {
    fc.assert(
      fc.property(fc.array(pause, { maxLength: 3 }), minutes(0, 10_000), (pauses, later) => {
        const now = plus(BEGIN, later)
        const lifted = pauses.filter(({ liftedAt }) => liftedAt <= now)
        const pausedMs = pausedSince(lifted, BEGIN, now)
        const until = skippedUntil(lifted)
        const due = plus(BEGIN, DAY_MS + pausedMs)
        const planned = planLead(facts(step(), { pausedMs, skippedUntil: until }), now)
        if (until !== null && due <= until) {
          expect(planned).toMatchObject({ kind: 'pass', dueAt: due })
          return
        }
        if (planned.kind === 'touch') {
          expect(planned.at).toBe(instant(Math.max(due, now)))
        } else {
          expect(planned.kind).toBe('line_up')
          expect(now - due).toBeGreaterThan(15 * MINUTE_MS)
        }
      }),
    )
  })
})
