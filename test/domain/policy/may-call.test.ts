import { describe, expect, it } from 'vitest'
import {
  defaultRules,
  explainDecision,
  mayCall,
  policyRules,
  type Relationship,
} from '../../../src/domain/policy/index.ts'
import type { PolicyPerson } from '../../../src/domain/policy/types.ts'
import { DAY_MS, HOUR_MS, plus } from '../../../src/domain/time.ts'
import { at, person, point, suppressed } from './people.ts'

const RULES = defaultRules('America/New_York')
const NOON = at('2026-11-24T17:00:00Z')
const NIGHT = at('2026-11-25T04:00:00Z')
const NOBODY: Relationship = { inquiredAt: null, boughtAt: null }
const ASKED: Relationship = { ...NOBODY, inquiredAt: plus(NOON, -DAY_MS) }

const call = (who: PolicyPerson, when = NOON, related = ASKED, rules = RULES) =>
  mayCall(who, related, when, rules, 'call')
const deniedBy = (who: PolicyPerson, when = NOON) => {
  const { decision } = call(who, when)
  return decision.allowed ? null : decision.deniedBy
}

describe('taking up the phone', () => {
  it('is allowed in the law’s hours, in the words of a text', () => {
    const { decision, warning } = call(person())
    expect(warning).toBeNull()
    expect(explainDecision(decision)).toBe(
      'Yes, now. It is 12:00 New York, within 08:00–21:00 (federal law, New York).',
    )
  })

  it('waits for the law’s hours, though the task was given at night', () => {
    expect(mayCall(person(), ASKED, NIGHT, RULES).decision.allowed).toBe(true)
    expect(call(person(), NIGHT).decision).toMatchObject({
      allowed: false,
      deniedBy: 'calling_window',
      nextAllowedAt: at('2026-11-25T13:00:00Z'),
    })
  })

  it('waits for room under the law’s cap on texts and calls', () => {
    const recent = [1, 2, 3].map((hours) => ({
      channel: 'call' as const,
      messageClass: 'conversation' as const,
      at: plus(NOON, -hours * HOUR_MS),
      inEpisode: false,
    }))
    expect(call(person({ recent })).decision).toMatchObject({
      deniedBy: 'frequency_caps',
      // 21 hours on it is 09:00 in New York.
      nextAllowedAt: plus(NOON, 21 * HOUR_MS),
    })
    expect(deniedBy(person({ recent: recent.slice(1) }))).toBeNull()
  })

  it('is for nobody who stopped texts, was erased, or has no number of ours to call', () => {
    expect(deniedBy(person({ suppressions: [suppressed('2026-11-20T00:00:00Z')] }))).toBe(
      'suppression',
    )
    expect(deniedBy(person({ erased: true }))).toBe('erased')
    expect(deniedBy(person({ phone: null }))).toBe('contact_point')
    expect(deniedBy(person({ phone: point('+442071838750') }))).toBe('contact_point')
  })

  it('reaches a landline, which takes no texts', () => {
    const phone = { ...point('+12125550142'), validity: 'not_capable', invalidBecause: 'landline' }
    expect(deniedBy(person({ phone: { ...phone, validity: 'not_capable' } }))).toBeNull()
  })

  it('obeys an emergency stop, but for one of a channel', () => {
    const stop = { id: 'hold_1', key: null, because: 'hurricane', since: NOON } as const
    expect(deniedBy(person({ stops: [{ ...stop, scope: 'global' }] }))).toBe('emergency_stop')
    expect(deniedBy(person({ stops: [{ ...stop, scope: 'state', key: 'NY' }] }))).toBe(
      'emergency_stop',
    )
    expect(deniedBy(person({ stops: [{ ...stop, scope: 'channel', key: 'sms' }] }))).toBeNull()
  })

  it('is not widened by the override for consented texts', () => {
    const rules = policyRules({ ...RULES, overrides: ['consented-texts-federal-hours'] })
    // 08:30 in Hartford: federal law is open, Connecticut from 09:00 on.
    const early = at('2026-11-24T13:30:00Z')
    const who = person({ phone: point('+18605550142') })
    expect(call(who, early, ASKED, rules).decision).toMatchObject({ deniedBy: 'calling_window' })
  })

  it('warns where no list of use is on file, and denies a number that is on one', () => {
    const bare = person({ consents: [] })
    expect(call(bare, NOON, NOBODY)).toMatchObject({
      decision: { allowed: true },
      warning: expect.stringContaining('counts as not asked'),
    })
    const doNotCall = { listed: true, asOf: NOON, covered: true }
    expect(call(person({ consents: [], doNotCall }), NOON, NOBODY).decision).toMatchObject({
      deniedBy: 'do_not_call',
      nextAllowedAt: null,
    })
  })
})
