import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { conditionSchema } from '../../src/domain/cadence/conditions/condition-schema.ts'
import { writeCondition } from '../../src/domain/cadence/conditions/condition-write.ts'
import { ENGAGEMENTS } from '../../src/domain/cadence/conditions/conditions.ts'
import { DEFAULT_SCORING, scoreOf } from '../../src/domain/scoring.ts'
import { DAY_MS, plus } from '../../src/domain/time.ts'
import { conditionFacts, NOW } from '../support/condition-facts.ts'

describe('the score', () => {
  const ago = (days: number) => plus(NOW, -days * DAY_MS)

  it('sums what was done of late, what fits, and what was given, each with its words', () => {
    const pro = conditionSchema.parse({ field: 'lead.attributes.plan', is: 'pro' })
    const facts = conditionFacts({ lead: { attributes: { plan: 'Pro' } } })
    const score = scoreOf(
      [
        { kind: 'click', at: ago(2) },
        { kind: 'click', at: ago(1) },
        { kind: 'visit', at: ago(91) },
      ],
      [{ points: -3, because: 'step cool of drip', at: ago(1) }],
      facts,
      { ...DEFAULT_SCORING, fit: [{ name: 'pro plan', when: pro, points: 25 }] },
    )
    expect(score).toEqual({
      points: 32,
      parts: [
        { points: 10, because: '2 clicks', at: ago(1) },
        { points: 25, because: 'fit: pro plan', at: null },
        { points: -3, because: 'step cool of drip', at: ago(1) },
      ],
      changesAt: plus(ago(2), 90 * DAY_MS + 1),
    })
  })

  it('is the sum of its parts, bounded for each kind, and stands still until it says it changes', () => {
    const event = fc.record({
      kind: fc.constantFrom(...ENGAGEMENTS),
      at: fc.integer({ min: 0, max: 200 }).map(ago),
    })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), fc.nat(100 * DAY_MS), (events, later) => {
        const facts = conditionFacts()
        const score = scoreOf(events, [], facts, DEFAULT_SCORING)
        expect(score.points).toBe(score.parts.reduce((sum, { points }) => sum + points, 0))
        for (const { points } of score.parts) expect(points).toBeLessThanOrEqual(40)
        const at = plus(NOW, later)
        fc.pre(score.changesAt === null || at < score.changesAt)
        const then = scoreOf(events, [], { ...facts, now: at }, DEFAULT_SCORING)
        expect(then.points).toBe(score.points)
      }),
    )
  })
})

it.each([
  { field: 'lead.cost', above: 3, below: 9.5 },
  { field: 'lead.attributes.plan', in: ['pro', 2, true] },
  { field: 'lead.created', 'within-last': '1d 12h' },
  { field: 'dead.contractEnds', before: 'now' },
  { score: { 'at-least': 20 } },
  { engaged: { within: '30d', by: ['click'] } },
  { consent: 'sms' },
  { happened: { step: 'ab', arm: 'short' } },
  { happened: { step: 'hello', was: 'clicked', within: '2d' } },
  { happened: { signal: 'custom', name: 'demo' } },
  { all: [{ consent: 'email' }, { not: { any: [{ consent: 'sms' }] } }] },
])('%j is written as it was read', (written) => {
  expect(writeCondition(conditionSchema.parse(written))).toEqual(written)
})
