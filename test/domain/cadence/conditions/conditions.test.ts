import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { conditionSchema } from '../../../../src/domain/cadence/conditions/condition-schema.ts'
import { describeCondition } from '../../../../src/domain/cadence/conditions/condition-words.ts'
import { type Condition } from '../../../../src/domain/cadence/conditions/conditions.ts'
import { changesAt, judgeCondition } from '../../../../src/domain/cadence/conditions/judge.ts'
import { DAY_MS, type Instant, plus, toIso } from '../../../../src/domain/time.ts'
import { conditionFacts, NOW } from '../../../support/condition-facts.ts'

describe('a condition', () => {
  const facts = conditionFacts({
    lead: {
      source: 'Webform',
      tags: ['trial', 'Hot'],
      cost: { amount: 12.5, currency: 'USD' },
      attributes: {
        plan: 'Pro',
        seats: '12',
        contractEnd: '2026-07-01',
        vip: false,
        uses: ['api'],
      },
    },
    score: { points: 30, changesAt: null },
    engaged: { click: plus(NOW, -2 * DAY_MS) },
    consent: { email: true, sms: false },
  })

  it.each<[object, boolean]>([
    [{ field: 'lead.source', is: 'webform' }, true],
    [{ field: 'lead.source', 'is-not': 'webform' }, false],
    [{ field: 'lead.source', in: ['fair', 'webform'] }, true],
    [{ field: 'lead.source', 'not-in': ['fair', 'webform'] }, false],
    [{ field: 'lead.state', is: 'NY' }, false],
    [{ field: 'lead.state', 'is-not': 'NY' }, true],
    [{ field: 'lead.state', exists: true }, false],
    [{ field: 'lead.state', exists: false }, true],
    [{ field: 'lead.email', exists: true }, true],
    [{ field: 'lead.phone', exists: true }, false],
    [{ field: 'lead.tags', has: 'hot' }, true],
    [{ field: 'lead.tags', has: 'cold' }, false],
    [{ field: 'lead.cost', above: 12 }, true],
    [{ field: 'lead.cost', above: 12, below: 12.5 }, false],
    [{ field: 'lead.cost', 'at-least': 12.5, 'at-most': 12.5 }, true],
    [{ field: 'lead.attributes.plan', in: ['pro', 'team'] }, true],
    [{ field: 'lead.attributes.seats', above: 10 }, true],
    [{ field: 'lead.attributes.plan', above: 10 }, false],
    [{ field: 'lead.attributes.vip', is: false }, true],
    [{ field: 'lead.attributes.uses', has: 'api' }, true],
    [{ field: 'lead.attributes.nothing', exists: false }, true],
    [{ field: 'lead.attributes.contractEnd', within: '30d' }, true],
    [{ field: 'lead.attributes.contractEnd', within: '20d' }, false],
    [{ field: 'lead.attributes.contractEnd', 'within-last': '20d' }, false],
    [{ field: 'lead.attributes.contractEnd', before: '2026-07-02' }, true],
    [{ field: 'lead.attributes.contractEnd', after: 'now' }, true],
    [{ field: 'lead.created', 'within-last': '11d' }, true],
    [{ field: 'lead.status', is: 'nurturing' }, true],
    [{ score: { above: 20, below: 40 } }, true],
    [{ score: { 'at-least': 31 } }, false],
    [{ engaged: { within: '3d', by: 'click' } }, true],
    [{ engaged: { within: '1d' } }, false],
    [{ engaged: { within: '30d', by: ['visit', 'reply'] } }, false],
    [{ consent: 'email' }, true],
    [{ consent: 'sms' }, false],
    [{ happened: { step: 'hello', was: 'clicked' } }, true],
    [{ happened: { step: 'hello', was: 'clicked', within: '1d' } }, false],
    [{ happened: { step: 'hello', was: 'dropped' } }, false],
    [{ happened: { step: 'ab', arm: 'short' } }, true],
    [{ happened: { step: 'ab', arm: 'long' } }, false],
    [{ happened: { signal: 'custom', name: 'demo' } }, true],
    [{ happened: { signal: 'custom', name: 'other' } }, false],
    [{ happened: { signal: 'visit' } }, false],
    [{ all: [{ consent: 'email' }, { field: 'lead.tags', has: 'trial' }] }, true],
    [{ all: [{ consent: 'email' }, { consent: 'sms' }] }, false],
    [{ any: [{ consent: 'sms' }, { consent: 'email' }] }, true],
    [{ not: { any: [{ consent: 'sms' }, { score: { above: 99 } }] } }, true],
  ])('%j is %s', (written, holds) => {
    expect(judgeCondition(read(written), facts).holds).toBe(holds)
  })

  it('says why it held or did not, in its own words', () => {
    const why = (written: object) => judgeCondition(read(written), facts).because
    expect(why({ field: 'lead.source', is: 'webform' })).toBe('lead.source is webform')
    expect(why({ field: 'lead.state', is: 'NY' })).toBe('lead.state is not NY')
    expect(why({ field: 'lead.cost', above: 10, below: 11 })).toBe('lead.cost is not below 11')
    expect(why({ all: [{ consent: 'email' }, { consent: 'sms' }] })).toBe(
      'it does not consent to texts',
    )
    expect(why({ any: [{ consent: 'sms' }, { score: { above: 90 } }] })).toBe(
      'it does not consent to texts, and the score is not above 90',
    )
    expect(why({ engaged: { within: '1d', by: 'visit' } })).toBe('there was not a visit within 1d')
    expect(why({ happened: { step: 'ab', arm: 'short' } })).toBe('step ab took short')
  })

  it('is described', () => {
    const written = {
      any: [
        { all: [{ field: 'lead.tags', has: 'hot' }, { not: { consent: 'sms' } }] },
        { field: 'lead.attributes.contractEnd', within: '60d' },
      ],
    }
    expect(describeCondition(read(written))).toBe(
      '(lead.tags has hot, and it does not consent to texts), or lead.attributes.contractEnd is in the coming 60d',
    )
  })

  it.each<[object, string]>([
    [{ field: 'lead.sorce', is: 'x' }, 'Did you mean "lead.source"?'],
    [{ field: 'source', is: 'x' }, 'Did you mean "lead.source"?'],
    [{ field: 'plan', is: 'x' }, 'lead.attributes.plan'],
    [{ field: 'lead.source', above: 3 }, '"above" cannot be asked of "lead.source"'],
    [{ field: 'lead.cost', has: 3 }, 'Use one of: is, is-not, above'],
    [{ field: 'lead.source', iss: 'x' }, 'Did you mean "is"?'],
    [{ field: 'lead.source' }, 'Nothing is asked'],
    [{ field: 'lead.status', is: 'nurturin' }, 'Did you mean "nurturing"?'],
    [{ field: 'lead.created', before: '2026-13-01' }, 'Write a date'],
    [{ field: 'lead.created', within: '30' }, 'Write a number with a unit'],
    [{ score: { over: 3 } }, 'is not a test of the score'],
    [{ score: { above: 'high' } }, 'needs a number'],
    [{ engaged: { by: 'visit' } }, 'within what time'],
    [{ engaged: { within: '3d', by: 'vist' } }, 'Did you mean "visit"?'],
    [{ consent: 'fax' }, 'Write email or sms'],
    [{ happened: { step: 'hello', signal: 'visit' } }, 'names a step or a signal'],
    [{ happened: { signal: 'visit', name: 'x' } }, 'Only a custom signal has a name'],
    [{ al: [] }, 'Did you mean "all"?'],
    [{ all: [] }, 'is a list of conditions'],
    [{ consent: 'sms', score: { above: 3 } }, 'Write all: ['],
    [{}, 'This condition is empty'],
  ])('%j is refused: %s', (written, words) => {
    const { error } = conditionSchema.safeParse(written)
    expect(error?.issues.map(({ message }) => message).join('\n')).toContain(words)
  })

  it('does not change before it says so', () => {
    fc.assert(
      fc.property(
        timed,
        fc.integer({ min: 1, max: 400 * DAY_MS }),
        ({ condition, facts }, later) => {
          const next = changesAt(condition, facts)
          const at = plus(facts.now, later)
          fc.pre(next === null || at < next)
          const [before, after] = [facts, { ...facts, now: at }].map(
            (each) => judgeCondition(condition, each).holds,
          )
          expect(after).toBe(before)
        },
      ),
    )
  })
})

function read(written: object): Condition {
  return conditionSchema.parse(written)
}

const spanMs = fc.integer({ min: 1, max: 200 * DAY_MS })
const moment = fc.integer({ min: -300, max: 300 }).map((days) => plus(NOW, days * DAY_MS))
const asked: fc.Arbitrary<Condition> = fc.oneof(
  fc
    .record({ op: fc.constantFrom('within' as const, 'within-last' as const), ms: spanMs })
    .map((test): Condition => ({ kind: 'field', field: 'lead.attributes.day', tests: [test] })),
  fc.constantFrom('before' as const, 'after' as const).map(
    (op): Condition => ({
      kind: 'field',
      field: 'lead.attributes.day',
      tests: [{ op, date: 'now' }],
    }),
  ),
  spanMs.map((withinMs): Condition => ({ kind: 'engaged', withinMs, by: ['click', 'visit'] })),
  spanMs.map(
    (withinMs): Condition => ({
      kind: 'happened',
      what: { signal: 'custom', name: null },
      withinMs,
    }),
  ),
)
const condition = fc.letrec<{ any: Condition }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 2 },
    asked,
    tie('any').map((of): Condition => ({ kind: 'not', of })),
    fc
      .array(tie('any'), { minLength: 1, maxLength: 3 })
      .map((of): Condition => ({ kind: 'all', of })),
    fc
      .array(tie('any'), { minLength: 1, maxLength: 3 })
      .map((of): Condition => ({ kind: 'any', of })),
  ),
})).any
const timed = fc.record({
  condition,
  facts: fc
    .record({ day: moment, click: moment, visit: fc.option(moment) })
    .map(({ day, click, visit }: { day: Instant; click: Instant; visit: Instant | null }) =>
      conditionFacts({
        lead: { attributes: { day: toIso(day) } },
        engaged: {
          ...(click <= NOW && { click }),
          ...(visit !== null && visit <= NOW && { visit }),
        },
      }),
    ),
})
