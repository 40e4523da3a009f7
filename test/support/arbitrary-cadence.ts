import fc from 'fast-check'
import type { Condition } from '../../src/domain/cadence/conditions/conditions.ts'
import type { WaitUntil } from '../../src/domain/cadence/flow-types.ts'
import type { Cadence, Step, StepDelay } from '../../src/domain/cadence/types.ts'
import { DAY_MS, HOUR_MS } from '../../src/domain/time.ts'

/**
 * Cadences of every kind of step, as the parser lets them pass: jumps to steps that are there, back
 * only by goto.
 */

const DELAYS: readonly StepDelay[] = [
  { kind: 'exactly', ms: 0 },
  { kind: 'exactly', ms: 2 * HOUR_MS },
  { kind: 'between', minMs: DAY_MS, maxMs: 3 * DAY_MS },
]

const CONDITIONS: readonly Condition[] = [
  { kind: 'happened', what: { signal: 'visit', name: null }, withinMs: null },
  { kind: 'engaged', withinMs: 5 * DAY_MS, by: ['click', 'visit'] },
  { kind: 'score', tests: [{ op: 'above', value: 9 }] },
  { kind: 'field', field: 'lead.tags', tests: [{ op: 'has', value: 'warm' }] },
  { kind: 'not', of: { kind: 'consent', channel: 'sms' } },
]

/** `template` is one that exists for both channels. */
export function arbitraryCadence(template: {
  readonly email: string
  readonly sms: string
}): fc.Arbitrary<Cadence> {
  return fc
    .integer({ min: 1, max: 10 })
    .chain((count) =>
      fc.tuple(
        ...Array.from({ length: count }, (_, index) => arbitraryStep(index, count, template)),
      ),
    )
    .map((steps) => ({
      name: 'any',
      title: 'Any',
      description: null,
      purpose: 'nurture',
      priority: 50,
      preferredHours: null,
      spreadImportsMs: 0,
      steps,
      end: { outcome: 'dead', reason: 'unresponsive' },
      endAfterMs: DAY_MS,
    }))
}

const idOf = (index: number) => `s${index}`

function arbitraryStep(
  index: number,
  count: number,
  template: { readonly email: string; readonly sms: string },
): fc.Arbitrary<Step> {
  const id = idOf(index)
  const after = fc.constantFrom(...DELAYS)
  const when = fc.constantFrom(...CONDITIONS)
  const later = index + 1 < count ? fc.integer({ min: index + 1, max: count - 1 }).map(idOf) : null
  const earlier = fc.integer({ min: 0, max: index }).map(idOf)
  const maybeLater = later === null ? fc.constant(null) : fc.option(later)
  const message: fc.Arbitrary<Step> = fc.record({
    kind: fc.constant('message'),
    id: fc.constant(id),
    after,
    channel: fc.constant('email'),
    template: fc.constant(template.email),
    timing: fc.constantFrom({ kind: 'asap' as const }, { kind: 'varied' as const }),
    hours: fc.constant('preferred'),
    staleAfterMs: fc.constant(null),
  })
  const task: fc.Arbitrary<Step> = fc.record({
    kind: fc.constant('task'),
    id: fc.constant(id),
    after,
    task: fc.constantFrom('call' as const, 'other' as const),
    title: fc.constant('Do it'),
    dueInMs: fc.constant(DAY_MS),
  })
  const wait: fc.Arbitrary<Step> = fc.record({
    kind: fc.constant('wait'),
    id: fc.constant(id),
    after,
    until: fc.constantFrom<WaitUntil | null>(null, {
      weekdays: [1, 3],
      slots: [{ from: '09:00', to: '11:00' }],
    }),
  })
  const waitFor: fc.Arbitrary<Step> = fc.record({
    kind: fc.constant('wait-for'),
    id: fc.constant(id),
    after: fc.constant({ kind: 'exactly' as const, ms: 0 }),
    awaited: fc.oneof(
      fc.constant({ kind: 'signal' as const, signals: ['visit' as const], name: null }),
      when.map((asked) => ({ kind: 'condition' as const, when: asked })),
    ),
    timeoutMs: fc.constantFrom(0, 4 * DAY_MS),
    whenItCame: maybeLater,
    whenNot: maybeLater,
  })
  const update: fc.Arbitrary<Step> = fc.record({
    kind: fc.constant('update'),
    id: fc.constant(id),
    after,
    update: fc.constant({
      attributes: { seen: true },
      score: 5,
      addTags: ['warm'],
      removeTags: [],
    }),
  })
  const webhook: fc.Arbitrary<Step> = fc.record({
    kind: fc.constant('webhook'),
    id: fc.constant(id),
    after,
    to: fc.constant('crm'),
  })
  const back: fc.Arbitrary<Step> = fc.record({
    kind: fc.constant('goto'),
    id: fc.constant(id),
    after,
    to: earlier,
    atMost: fc.integer({ min: 1, max: 3 }),
  })
  const end: fc.Arbitrary<Step> = fc.record({
    kind: fc.constant('end'),
    id: fc.constant(id),
    after,
    end: fc.constantFrom(
      { outcome: 'dead' as const, reason: 'not_interested' as const },
      { outcome: 'handed_over' as const, title: 'Take over' },
    ),
  })
  const anywhere = [message, message, task, wait, waitFor, update, webhook, back, end]
  if (later === null) return fc.oneof(...anywhere)
  const branch: fc.Arbitrary<Step> = fc.record({
    kind: fc.constant('branch'),
    id: fc.constant(id),
    after,
    arms: fc.array(fc.record({ when, goto: later }), { minLength: 1, maxLength: 3 }),
    otherwise: maybeLater,
  })
  const split: fc.Arbitrary<Step> = fc.record({
    kind: fc.constant('split'),
    id: fc.constant(id),
    after,
    arms: fc.tuple(later, later).map(([a, b]) => [
      { arm: 'one', weight: 70, goto: a },
      { arm: 'two', weight: 30, goto: b },
    ]),
  })
  const on: fc.Arbitrary<Step> = fc.record({
    kind: fc.constant('goto'),
    id: fc.constant(id),
    after,
    to: later,
    atMost: fc.constant(null),
  })
  return fc.oneof(...anywhere, branch, split, on)
}
