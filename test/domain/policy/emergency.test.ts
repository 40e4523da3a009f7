import { describe, expect, it } from 'vitest'
import { decide } from '../../../src/domain/policy/decide.ts'
import { isStateCode, STATE_NAMES, stateEvidence } from '../../../src/domain/policy/emergency.ts'
import { explainDecision } from '../../../src/domain/policy/explain.ts'
import { locate } from '../../../src/domain/policy/locate.ts'
import { defaultRules } from '../../../src/domain/policy/settings.ts'
import {
  CHANNELS,
  type Channel,
  type EmergencyStop,
  type MessageClass,
  type PolicyPerson,
} from '../../../src/domain/policy/types.ts'
import { at, person, point } from './people.ts'

const NOON = at('2026-11-24T17:00:00Z')
const CLASSES = ['marketing', 'transactional', 'conversation', 'required'] as const
const RULES = defaultRules('America/New_York')

const stop = (scope: EmergencyStop['scope'], key: string | null): EmergencyStop => ({
  id: 'hold_1',
  scope,
  key,
  because: 'hurricane',
  since: at('2026-11-24T15:00:00Z'),
})
const told = (who: Partial<PolicyPerson>, channel: Channel, messageClass: MessageClass) => {
  const decision = decide(person(who), channel, messageClass, NOON, RULES)
  return decision.rules.find(({ rule }) => rule === 'emergency_stop')
}
const stopped = (who: Partial<PolicyPerson>, one: EmergencyStop) =>
  CHANNELS.flatMap((channel) =>
    CLASSES.filter((each) => told({ ...who, stops: [one] }, channel, each)?.verdict === 'deny').map(
      (each) => `${channel} ${each}`,
    ),
  )

describe('an emergency stop', () => {
  it('of everything or of a channel lets nothing pass', () => {
    expect(stopped({}, stop('global', null))).toHaveLength(8)
    const texts = stopped({}, stop('channel', 'sms'))
    expect(texts).toEqual(CLASSES.map((each) => `sms ${each}`))
  })

  it('of a cadence keeps what that cadence plans', () => {
    const one = stop('cadence', 'new-lead')
    expect(stopped({ cadence: 'new-lead' }, one)).toEqual(['email marketing', 'sms marketing'])
    expect(stopped({ cadence: 'check-in' }, one)).toEqual([])
    expect(stopped({ cadence: null }, one)).toEqual([])
  })

  it('of a state spares what a person answers and what the law asks for', () => {
    const one = stop('state', 'NY')
    const held = ['email marketing', 'email transactional', 'sms marketing', 'sms transactional']
    expect(stopped({}, one)).toEqual(held)
    expect(stopped({ phone: point('+15045550142'), state: 'NY' }, one)).toEqual(held)
    expect(stopped({ phone: point('+15045550142') }, one)).toEqual([])
    // Nobody knows where: no text, and emails are not what the law means.
    expect(stopped({ phone: point('+18005550142') }, one)).toEqual(held.slice(2))
  })

  it('is no matter of time, and says who may end it and by which law it is', () => {
    const who = person({ stops: [stop('state', 'NY')] })
    const decision = decide(who, 'sms', 'marketing', NOON, RULES)
    expect(decision).toMatchObject({ deniedBy: 'emergency_stop', nextAllowedAt: null })
    expect(explainDecision(decision)).toBe(
      'No. An emergency stop for leads in New York is on since Tue 24 Nov 10:00 New York: hurricane. Everything waits until a person lifts the stop.',
    )
    expect(told({ stops: who.stops }, 'sms', 'marketing')?.source).toContain('399-z')
    expect(told({ stops: [stop('state', 'LA')] }, 'sms', 'marketing')).toMatchObject({
      verdict: 'allow',
      because: 'The emergency stops that are on do not concern this message.',
    })
  })
})

describe('what names a state', () => {
  it('agrees with where the policy says a phone is', () => {
    expect(STATE_NAMES).toContainEqual({ code: 'LA', name: 'Louisiana' })
    expect([isStateCode('LA'), isStateCode('la'), isStateCode('ZZ')]).toEqual([true, false, false])
    for (const { code } of STATE_NAMES) {
      for (const areaCode of stateEvidence(code).areaCodes) {
        const place = {
          phone: point(`+1${areaCode}5550142`),
          state: null,
          zip: null,
          timezone: null,
        }
        expect(locate(place).states).toContain(code)
      }
    }
  })
})
