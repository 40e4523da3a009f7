import { describe, expect, it } from 'vitest'
import {
  decide,
  defaultRules,
  explainDecision,
  legalWindow,
  policyRules,
  withPreferredHours,
} from '../../../src/domain/policy/index.ts'
import { toIso } from '../../../src/domain/time.ts'
import { at, person, point, suppressed } from './people.ts'

const RULES = defaultRules('America/New_York')
const NOON = at('2026-11-24T17:00:00Z')
const NIGHT = at('2026-11-25T04:00:00Z')

describe('explainDecision', () => {
  it('says why a text may leave', () => {
    expect(explainDecision(decide(person(), 'sms', 'marketing', NOON, RULES))).toBe(
      'Yes, now. The lead gave written consent to texts on 2026-11-01. It is 12:00 New York, ' +
        'within 08:00–21:00 (federal law, New York). It is 12:00 New York, within the preferred ' +
        'hours 09:00–19:00.',
    )
  })

  it('says why not now, and when', () => {
    expect(explainDecision(decide(person(), 'sms', 'marketing', NIGHT, RULES))).toBe(
      'Not now. It is 23:00 New York, outside the 08:00–21:00 that New York allows less 15 minutes ' +
        'kept free before closing (N.Y. GBL 399-z(2), (5-a); 399-pp(7)(f)). Closed by federal law, ' +
        'too. It is 23:00 New York, outside the preferred hours 09:00–19:00 ' +
        '(none on Sundays). It may leave from Wed 25 Nov 09:00 New York.',
    )
  })

  it('speaks of a moment to come in the same words', () => {
    for (const when of [NOON, NIGHT]) {
      const decision = decide(person(), 'sms', 'marketing', when, RULES)
      const [now, then] = [explainDecision(decision), explainDecision(decision, 'then')]
      expect(then).toBe(now.replace(/^(Yes, |Not )now\./, '$1then.'))
      expect(then).toMatch(/^(Yes, then|Not then)\. /)
    }
  })

  it('says why never, and what to do', () => {
    const who = person({ suppressions: [suppressed('2026-11-10T00:00:00Z')] })
    const words = explainDecision(decide(who, 'sms', 'marketing', NOON, RULES))
    expect(words).toMatch(/^No\. This person opted out, which stops texts\. /)
    expect(words).toContain('Only a fresh consent that the lead gives in person lifts this')
  })

  it('says what to do when no hour fits', () => {
    const rules = withPreferredHours(RULES, { from: '09:00', to: '11:00' })
    const who = person({ phone: point('+15005550142') })
    expect(explainDecision(decide(who, 'sms', 'marketing', NIGHT, rules))).toMatch(
      /^No\..*No moment within 30 days satisfies every rule: widen the preferred hours, or tell where the lead is\.$/,
    )
  })

  it('names a few zones and counts the rest', () => {
    const who = person({ phone: point('+15005550142') })
    expect(
      explainDecision(decide(who, 'sms', 'transactional', at('2026-11-24T21:00:00Z'), RULES)),
    ).toMatch(/and in 5 more zones, within .* \(the window for unknown places\)/)
  })
})

describe('legalWindow', () => {
  const place = { phone: point('+12125550142'), state: null, zip: null, timezone: null }

  it('knows no margin and no manners', () => {
    const last = at('2026-11-30T01:59:59Z') // Sunday 20:59:59 in New York
    expect(legalWindow(place, 'sms', last)).toMatchObject({ allowed: true, nextAllowedAt: last })
    const shut = legalWindow(place, 'sms', at('2026-11-30T02:00:00Z'))
    expect(shut.allowed).toBe(false)
    expect(shut.nextAllowedAt && toIso(shut.nextAllowedAt)).toBe('2026-11-30T13:00:00Z')
    expect(shut.rules.map(({ rule }) => rule)).toEqual(['calling_window'])
  })

  it('never opens for another country, and never closes for email', () => {
    const abroad = { ...place, phone: point('+14165550142') }
    expect(legalWindow(abroad, 'sms', NOON)).toMatchObject({ allowed: false, nextAllowedAt: null })
    expect(legalWindow(abroad, 'email', NIGHT)).toMatchObject({
      allowed: true,
      nextAllowedAt: NIGHT,
    })
  })
})

describe('settings', () => {
  it('give equal rules equal versions, and others other ones', () => {
    expect(defaultRules('America/New_York')).toEqual(RULES)
    expect(defaultRules('America/Chicago').version).not.toBe(RULES.version)
    expect(withPreferredHours(RULES, null).version).not.toBe(RULES.version)
    expect(withPreferredHours(RULES, { from: '09:00', to: '19:00' })).toEqual(RULES)
    expect(RULES.version).toMatch(/^2\.\d{4}-\d\d-\d\d\.[0-9a-f]{8}$/)
  })

  it('refuse what no rule could use', () => {
    expect(() => defaultRules('Mars/Phobos')).toThrow(RangeError)
    expect(() => policyRules({ ...RULES, closingMarginMs: -1 })).toThrow(RangeError)
    expect(() => withPreferredHours(RULES, { from: '9', to: '19:00' })).toThrow(RangeError)
  })
})
