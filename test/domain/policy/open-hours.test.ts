import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  defaultRules,
  openHours,
  type PolicyPerson,
  policyRules,
} from '../../../src/domain/policy/index.ts'
import { dayWindow, everyDay, openMs, windowAllows } from '../../../src/domain/policy/windows.ts'
import { HOUR_MS, instant, MINUTE_MS } from '../../../src/domain/time.ts'
import { at, person, point } from './people.ts'

const RULES = defaultRules('America/New_York')
const NOW = at('2026-12-08T15:00:00Z')
const hours = (more: Partial<PolicyPerson>) => openHours(person(more), NOW, RULES)

describe('the hours a week that are open for texts', () => {
  it.each([
    ['a federal state', {}, 91],
    ['Florida', { phone: point('+13055550142') }, 84],
    ['Texas, less on Sundays', { phone: point('+12145550142') }, 81],
    ['Pennsylvania, none on Sundays', { phone: point('+12155550142') }, 60],
    ['Rhode Island', { phone: point('+14015550142') }, 52],
    ['two zones an hour apart', { phone: point('+12195550142') }, 84],
    ['nobody knows where', { phone: point('+18005550142') }, 17],
    ['another country', { phone: point('+447911123456') }, 0],
  ])('of %s', (_, more, perWeek) => {
    expect(hours(more).perWeek).toBe(perWeek)
  })

  it('know no holiday, no margin and no closed day: an ordinary week', () => {
    const rules = policyRules({ ...RULES, closedDays: [{ date: '2026-12-09', states: null }] })
    expect(openHours(person(), NOW, rules).perWeek).toBe(91)
    const thanksgiving = at('2026-11-25T15:00:00Z')
    const alabama = person({ phone: point('+12055550142') })
    expect(openHours(alabama, thanksgiving, RULES).perWeek).toBe(72)
  })

  it('count what the overrides open', () => {
    const rules = policyRules({ ...RULES, overrides: ['consented-texts-federal-hours'] })
    const dakota = person({ phone: point('+16055550142') })
    expect(openHours(dakota, NOW, RULES).perWeek).toBe(66)
    expect(openHours(dakota, NOW, rules).perWeek).toBe(84)
    expect(openHours({ ...dakota, consents: [] }, NOW, rules).perWeek).toBe(66)
  })
})

describe('what costs hours, and what would win some', () => {
  it('names the fact on file that narrows them', () => {
    expect(hours({ state: 'FL', zip: '33101' })).toMatchObject({
      perWeek: 84,
      costs: [{ fact: 'state', hours: 7 }],
      gains: [],
    })
    // Honolulu's area code with an address in New York: five hours of each day.
    const moved = hours({ phone: point('+18085550142'), state: 'NY' })
    expect(moved.costs).toContainEqual({ fact: 'area_code', hours: 35 })
    expect(moved.words).toBe(
      'Texts are legal 56 h of an ordinary week. The area code on file costs 35 h. ' +
        'The state on file costs 35 h.',
    )
  })

  it('tells what a ZIP code would win for a state of two zones', () => {
    const tennessee = hours({ phone: point('+18005550142'), state: 'TN' })
    expect(tennessee.gains).toEqual([{ fact: 'zip', least: 7, most: 7 }])
    expect(tennessee.words).toBe('Texts are legal 84 h of an ordinary week. Add a ZIP code: +7 h.')
  })

  it('tells what a state would win for nobody knows where', () => {
    const { gains, words } = hours({ phone: null })
    expect(gains.map(({ fact }) => fact)).toEqual(['zip', 'state'])
    expect(words).toMatch(
      /^Texts are legal 17 h of an ordinary week\. Add a ZIP code: \+\d+ h\. Add a state: \+\d+ to \+74 h\.$/,
    )
  })

  it('promises nothing where nothing helps', () => {
    expect(hours({})).toMatchObject({ costs: [], gains: [] })
    expect(hours({ phone: point('+447911123456'), state: 'NY' })).toEqual({
      perWeek: 0,
      costs: [],
      gains: [],
      words: 'No hour of the week is open for texts.',
    })
  })
})

describe('openMs', () => {
  const clock = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom('00', '15', '30'))
    .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${minute}`)
  const drawn = fc
    .record({
      zone: fc.constantFrom('America/New_York', 'Australia/Lord_Howe', 'Pacific/Honolulu'),
      from: clock,
      to: clock,
      rest: fc.subarray([1, 3, 7]),
    })
    .map(({ zone, from, to, rest }) => ({ zone, week: everyDay(dayWindow(from, to), rest) }))
  const starts = fc.constantFrom(
    '2026-03-07T00:00:00Z',
    '2026-10-31T00:00:00Z',
    '2026-10-03T00:00:00Z',
    '2026-04-04T00:00:00Z',
  )

  it('is the sum of the quarters of an hour that every window allows', () => {
    fc.assert(
      fc.property(fc.array(drawn, { minLength: 1, maxLength: 3 }), starts, (all, start) => {
        const from = at(start)
        const to = instant(from + 72 * HOUR_MS)
        let open = 0
        for (let ms: number = from; ms < to; ms += 15 * MINUTE_MS) {
          if (all.every((one) => windowAllows(one, instant(ms)))) open += 15 * MINUTE_MS
        }
        expect(openMs(all, from, to)).toBe(open)
      }),
      { numRuns: 200 },
    )
  })
})
