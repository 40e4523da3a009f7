import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEAD_REASONS } from '../../../src/domain/lead.ts'
import { PHASES, type Phase } from '../../../src/domain/lifecycle.ts'
import { dayNamed } from '../../../src/domain/replies/dates.ts'
import { effectOfReply } from '../../../src/domain/replies/effect.ts'
import { answeredWhy, LATER, pressedWhy, WHY_ANSWERS } from '../../../src/domain/replies/why.ts'
import { instant } from '../../../src/domain/time.ts'

describe('an answer by number', () => {
  it.each([
    ['1', 'price', null],
    ['2.', 'timing', null],
    [' #3 ', 'competitor', null],
    ['4)', 'need', null],
    ['"5"!', 'interested', null],
    ['Option 3', 'competitor', null],
    ["it's 2", 'timing', null],
    ['three', 'competitor', null],
    ['3 - we went with Initech', 'competitor', 'we went with Initech'],
    ['4: a smaller one', 'need', 'a smaller one'],
    ['2, in 3 months', 'timing', 'in 3 months'],
    ['2\nBest,\nAda', 'timing', 'Best,\nAda'],
    ['Price', 'price', null],
    ['The price.', 'price', null],
    ['timing', 'timing', null],
  ] as const)('%j is %s', (text, answer, detail) => {
    expect(answeredWhy(text)).toEqual({ answer, detail })
  })

  it.each([
    '',
    '6',
    '0',
    '12',
    '1 and 2',
    '3 or 4',
    '3 people',
    '2pm works',
    'call me at 5',
    '1/2',
    'Price?',
    'price list please',
  ])('%j is none: a person reads it', (text) => {
    expect(answeredWhy(text)).toBe(null)
  })

  it('is found or not, whatever is written', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2_000 }), (text) => {
        expect([null, ...WHY_ANSWERS]).toContain(answeredWhy(text)?.answer ?? null)
      }),
    )
  })
})

describe('what an answer does', () => {
  const effect = (phase: Phase, answer: (typeof WHY_ANSWERS)[number]) =>
    effectOfReply(phase, pressedWhy(answer, null, 'email').reading).do

  it('gives the lead up for its reason, or hands it to a person', () => {
    for (const phase of ['nurturing', 'dead:unresponsive'] as const) {
      expect(WHY_ANSWERS.map((answer) => effect(phase, answer))).toEqual([
        'die',
        'die',
        'die',
        'die',
        'engage',
      ])
    }
  })

  it('gives up nobody who talks with a person, is a customer, or is left alone', () => {
    const spared = PHASES.filter((phase) => !['nurturing', ...REVIVABLE].includes(phase))
    for (const phase of spared) {
      for (const answer of WHY_ANSWERS) expect(effect(phase, answer)).not.toBe('die')
    }
  })

  const REVIVABLE: readonly string[] = DEAD_REASONS.filter(
    (reason) => !['hostile', 'spam', 'opted_out', 'duplicate'].includes(reason),
  ).map((reason) => `dead:${reason}`)
})

it('every better time that the page offers is a day ahead that the calendar reads', () => {
  const at = instant(Date.parse('2026-01-31T15:00:00Z'))
  const days = Object.values(LATER).map(
    (words) => dayNamed(words, { at, zone: 'America/New_York' })?.daysAhead ?? 0,
  )
  expect(days).toHaveLength(4)
  expect(days.every((day, index) => day > 27 && day > (days[index - 1] ?? 0))).toBe(true)
})
