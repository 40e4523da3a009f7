import { describe, expect, it } from 'vitest'
import {
  decide,
  defaultRules,
  legalWindow,
  openForMs,
  type PolicyPerson,
  type PolicyRules,
  policyRules,
  withPreferredHours,
} from '../../../src/domain/policy/index.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS, toIso } from '../../../src/domain/time.ts'
import { at, person, point, suppressed, written } from './people.ts'

/** What a company's own settings do to the calling windows. */

const RULES = withPreferredHours(defaultRules('America/New_York'), null)
const rulesWith = (more: Partial<PolicyRules>) =>
  policyRules({ ...RULES, closingMarginMs: 0, ...more })

const judged = (who: PolicyPerson, when: string, rules: PolicyRules) => {
  const decision = decide(who, 'sms', 'marketing', at(when), rules)
  const verdict = decision.rules.find(({ rule }) => rule === 'calling_window')
  if (verdict === undefined) throw new Error('no verdict')
  const next = decision.allowed ? when : decision.nextAllowedAt && toIso(decision.nextAllowedAt)
  return { allowed: decision.allowed, next, verdict }
}

describe('days that the company closed', () => {
  const rules = rulesWith({
    closedDays: [
      { date: '2026-12-24', states: ['LA'] },
      { date: '2026-12-31', states: null },
    ],
  })
  const louisiana = person({ phone: point('+15045550142') })

  it('close a state, in its local time', () => {
    const { allowed, next, verdict } = judged(louisiana, '2026-12-24T18:00:00Z', rules)
    expect([allowed, next]).toEqual([false, '2026-12-26T14:00:00Z']) // Christmas, then Saturday
    expect(verdict.because).toMatch(
      /^It is Thu 24 Dec 12:00 Chicago, and Louisiana is closed on this day: a day that the company closed/,
    )
    expect(judged(person(), '2026-12-24T18:00:00Z', rules).allowed).toBe(true)
  })

  it('close everywhere when they name no state', () => {
    for (const who of [louisiana, person(), person({ phone: point('+15005550142') })]) {
      expect(judged(who, '2026-12-31T21:00:00Z', rules).allowed).toBe(false)
    }
  })

  it('close the unknown place whatever they name', () => {
    const unknown = person({ phone: point('+15005550142') })
    expect(judged(unknown, '2026-12-24T21:00:00Z', rules).allowed).toBe(false)
    expect(judged(unknown, '2026-12-24T21:00:00Z', rulesWith({})).allowed).toBe(true)
  })

  it('must exist', () => {
    for (const date of ['2026-02-30', '24.12.2026', '']) {
      expect(() => rulesWith({ closedDays: [{ date, states: null }] })).toThrow(RangeError)
    }
  })
})

describe('the country pack of Canada', () => {
  const rules = rulesWith({ countryPacks: ['CA'] })
  const toronto = person({ phone: point('+14165550142') })

  it('is off as shipped', () => {
    const { allowed, next, verdict } = judged(toronto, '2026-12-08T17:00:00Z', rulesWith({}))
    expect([allowed, next]).toEqual([false, null])
    expect(verdict.fix).toContain('countryPacks')
  })

  it.each([
    ['2026-12-08T13:59:59Z', false], // Tuesday 08:59:59
    ['2026-12-08T14:00:00Z', true],
    ['2026-12-09T01:59:59Z', true], // 20:59:59; the federal window closes at 21:00
    ['2026-12-09T02:00:00Z', false],
    ['2026-12-12T14:59:59Z', false], // Saturday 09:59:59
    ['2026-12-12T15:00:00Z', true],
    ['2026-12-13T22:59:59Z', true], // Sunday 17:59:59
    ['2026-12-13T23:00:00Z', false],
  ])('keeps the hours of the CRTC: %s is %s', (when, allowed) => {
    expect(judged(toronto, when, rules).allowed).toBe(allowed)
  })

  it('joins the zones of a code with those of the address, and says what it rests on', () => {
    const who = person({ phone: point('+14165550142'), state: 'BC' })
    const { next, verdict } = judged(who, '2026-12-08T15:00:00Z', rules)
    expect(next).toBe('2026-12-08T17:00:00Z') // 09:00 in Vancouver
    expect(verdict.inputs.windows).toContainEqual(
      expect.stringMatching(
        /^Canada: Mon–Fri 09:00–21:30, Sat 10:00–18:00, Sun 10:00–18:00 \(CRTC/,
      ),
    )
  })

  it('opens no other country of the plan', () => {
    expect(
      judged(person({ phone: point('+18765550142') }), '2026-12-08T17:00:00Z', rules).next,
    ).toBeNull()
  })
})

describe('the override address-over-area-code', () => {
  const rules = rulesWith({ overrides: ['address-over-area-code'] })
  const moved = person({ phone: point('+18085550142'), state: 'NY' }) // Honolulu's code, New York

  it('lets the address count alone where it names a state, and says so', () => {
    expect(judged(moved, '2026-12-08T14:00:00Z', rulesWith({})).allowed).toBe(false)
    const { allowed, verdict } = judged(moved, '2026-12-08T14:00:00Z', rules)
    expect(allowed).toBe(true)
    expect(verdict.because).toMatch(/The company's override address-over-area-code was used\.$/)
    expect(verdict.inputs.overrides).toEqual(['address-over-area-code'])
  })

  it('changes nothing without a state, and is not named then', () => {
    const who = person({ phone: point('+18085550142'), zip: '10001' })
    const { allowed, verdict } = judged(who, '2026-12-08T14:00:00Z', rules)
    expect(allowed).toBe(false)
    expect(verdict.inputs.overrides).toEqual([])
  })

  it('opens no foreign number', () => {
    const who = person({ phone: point('+14165550142'), state: 'NY' })
    expect(judged(who, '2026-12-08T17:00:00Z', rules).next).toBeNull()
  })
})

describe('the override consented-texts-federal-hours', () => {
  const rules = rulesWith({ overrides: ['consented-texts-federal-hours'] })
  const SUNDAY = '2026-12-13T18:00:00Z'
  const salem = person({ phone: point('+16055550142'), zip: '57101' }) // South Dakota, no Sundays

  it('lifts state hours and holidays for a text under written consent, and says so', () => {
    expect(judged(salem, SUNDAY, rulesWith({})).allowed).toBe(false)
    const { allowed, verdict } = judged(salem, SUNDAY, rules)
    expect(allowed).toBe(true)
    expect(verdict.because).toContain('override consented-texts-federal-hours was used')
    expect(verdict.inputs.windows).toContainEqual(
      expect.stringMatching(/^South Dakota: .*set aside for texts under written consent$/),
    )
    expect(judged(salem, '2026-12-13T12:00:00Z', rules).next).toBe('2026-12-13T15:00:00Z') // 08:00 Denver
  })

  it('lifts nothing without a written consent that stands', () => {
    const weaker = [
      person({ ...salem, consents: [written(undefined, { basis: 'express' })] }),
      person({ ...salem, suppressions: [suppressed('2026-11-20T00:00:00Z')] }),
      person({ ...salem, consents: [] }),
    ]
    for (const who of weaker) {
      expect(judged(who, SUNDAY, rules).verdict).toMatchObject({
        verdict: 'deny',
        inputs: { overrides: [] },
      })
    }
  })

  it.each([
    ['Florida', '+13055550142', '2026-12-09T01:30:00Z'],
    ['Maryland', '+14105550142', '2026-12-09T01:30:00Z'],
    ['Louisiana', '+15045550142', SUNDAY],
  ])('stays out of %s, where consent lifts nothing', (_, number, when) => {
    expect(judged(person({ phone: point(number) }), when, rules).allowed).toBe(false)
  })

  it('keeps the days that the company closed', () => {
    const closed = rulesWith({
      overrides: rules.overrides,
      closedDays: [{ date: '2026-12-13', states: ['SD'] }],
    })
    expect(judged(salem, SUNDAY, closed).allowed).toBe(false)
  })
})

describe('how long a text stays legal', () => {
  const open = (who: PolicyPerson, when: string, rules = rulesWith({})) =>
    openForMs(who, at(when), rules, 4 * HOUR_MS)

  it('is told to the second, and at most what is asked', () => {
    const florida = person({ phone: point('+13055550142') })
    expect(open(florida, '2026-12-08T17:00:00Z')).toBe(4 * HOUR_MS)
    expect(open(florida, '2026-12-09T00:29:30Z')).toBe(30 * MINUTE_MS + 29 * SECOND_MS)
    expect(open(florida, '2026-12-09T00:59:59Z')).toBe(0)
    expect(open(florida, '2026-12-09T01:00:00Z')).toBe(0)
  })

  it('ends at the first of several windows: a state, a zone, midnight before a closed day', () => {
    const split = person({ phone: point('+12055550142'), state: 'NY' }) // Alabama and New York
    // New York closes at 21:00, Alabama at 20:00 in New York's zone, too: 01:00Z.
    expect(open(split, '2026-12-08T23:00:00Z')).toBe(2 * HOUR_MS - SECOND_MS)
    const rules = rulesWith({ overrides: ['consented-texts-federal-hours'] })
    expect(open(split, '2026-12-08T23:00:00Z', rules)).toBe(3 * HOUR_MS - SECOND_MS)
  })

  it('ignores the margin, which planning keeps', () => {
    const place = { phone: point('+12125550142'), state: null, zip: null, timezone: null }
    const last = at('2026-12-09T01:59:59Z')
    expect(legalWindow(place, 'sms', last, RULES).allowed).toBe(true)
  })
})
