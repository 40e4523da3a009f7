import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { afterBusinessDays } from '../../../src/domain/business-days.ts'
import { decide, defaultRules, mayCall } from '../../../src/domain/policy/index.ts'
import { standingConsents, standingSuppression } from '../../../src/domain/policy/standing.ts'
import { strengthOf, strengthWords } from '../../../src/domain/policy/strength.ts'
import type { Consent, DoNotCallFacts, Suppression } from '../../../src/domain/policy/types.ts'
import { DAY_MS, type Instant, instant, plus } from '../../../src/domain/time.ts'
import { at, person, suppressed, written } from './people.ts'

const RULES = defaultRules('America/New_York')
const NOON = at('2026-11-24T17:00:00Z')

const moment = fc.integer({ min: 0, max: 50 }).map((n) => instant(n))
const someConsent = fc.record({
  channel: fc.constantFrom('email', 'sms'),
  basis: fc.constantFrom('express_written', 'express', 'implied', 'none'),
  disclosure: fc.constant(null),
  at: moment,
  source: fc.constant('form'),
  byLead: fc.boolean(),
}) satisfies fc.Arbitrary<Consent>
const someStop = fc.record({
  channel: fc.constantFrom('email', 'sms', 'all'),
  cause: fc.constantFrom('opt_out', 'complaint', 'erasure', 'import', 'operator', 'provider'),
  at: moment,
}) satisfies fc.Arbitrary<Suppression>
const channel = fc.constantFrom('email', 'sms')
const express = ({ basis }: Consent) => basis === 'express' || basis === 'express_written'

describe('what stands of consents and stops', () => {
  it('lifts a stop only by the lead’s own express consent to the channel, after it', () => {
    fc.assert(
      fc.property(fc.array(someConsent), fc.array(someStop), channel, (consents, stops, on) => {
        const who = person({ consents, suppressions: stops })
        const standing = stops.filter(
          (stop) =>
            (stop.channel === on || stop.channel === 'all') &&
            (stop.cause === 'complaint' ||
              !consents.some(
                (each) => each.channel === on && each.byLead && express(each) && each.at > stop.at,
              )),
        )
        expect(standingSuppression(who, on) === null).toBe(standing.length === 0)
      }),
    )
  })

  it('never lets a list, an import or a sync open what was closed', () => {
    fc.assert(
      fc.property(
        fc.array(someConsent),
        fc.array(someStop, { minLength: 1 }),
        fc.array(someConsent),
        channel,
        (consents, stops, lists, on) => {
          const before = person({ consents, suppressions: stops })
          const fromLists = lists.map((each) => ({ ...each, byLead: false }))
          const after = person({ consents: [...consents, ...fromLists], suppressions: stops })
          if (standingSuppression(before, on) === null) return
          expect(standingSuppression(after, on)).not.toBeNull()
        },
      ),
    )
  })

  it('counts no consent from before the last stop, and the order of rows plays no part', () => {
    fc.assert(
      fc.property(fc.array(someConsent), fc.array(someStop), channel, (consents, stops, on) => {
        const who = person({ consents, suppressions: stops })
        const mine = stops.filter((stop) => stop.channel === on || stop.channel === 'all')
        const last = Math.max(-1, ...mine.map((stop) => stop.at))
        const standing = standingConsents(who, on)
        expect(standing.every((each) => each.channel === on && each.at > last)).toBe(true)
        const turned = person({
          consents: consents.toReversed(),
          suppressions: stops.toReversed(),
        })
        expect(new Set(standingConsents(turned, on))).toEqual(new Set(standing))
        expect(standingSuppression(turned, on) === null).toBe(standingSuppression(who, on) === null)
      }),
    )
  })

  it('a further stop never opens anything', () => {
    fc.assert(
      fc.property(
        fc.array(someConsent),
        fc.array(someStop),
        someStop,
        channel,
        (consents, stops, more, on) => {
          const ask = (suppressions: readonly Suppression[]) =>
            decide(person({ consents, suppressions }), on, 'marketing', NOON, RULES).allowed
          if (!ask(stops)) expect(ask([...stops, more])).toBe(false)
        },
      ),
    )
  })
})

describe('the evidence of a consent', () => {
  const shown = { disclosureVersion: 2, url: false, ip: false, proof: false, attested: false }

  it('is weak without words that were shown, fair with them, strong with traces of the act', () => {
    expect(strengthOf(written())).toBe('weak')
    expect(strengthOf(written(undefined, { evidence: shown, disclosure: null }))).toBe('weak')
    const undefinedOne = { ...shown, disclosureVersion: null, url: true, ip: true, proof: true }
    expect(strengthOf(written(undefined, { evidence: undefinedOne }))).toBe('weak')
    expect(strengthOf(written(undefined, { evidence: shown }))).toBe('fair')
    expect(strengthOf(written(undefined, { evidence: { ...shown, url: true } }))).toBe('fair')
    const traced = { ...shown, url: true, ip: true }
    expect(strengthOf(written(undefined, { evidence: traced }))).toBe('strong')
    expect(strengthOf(written(undefined, { evidence: { ...shown, proof: true } }))).toBe('strong')
  })

  it('is told in words, and decides nothing', () => {
    const weak = written(undefined, { evidence: { ...shown, disclosureVersion: null } })
    expect(strengthWords(weak)).toBe('weak evidence: nobody has defined the disclosure web-2026-03')
    const decision = decide(person({ consents: [weak] }), 'sms', 'marketing', NOON, RULES)
    expect(decision.allowed).toBe(true)
    expect(decision.rules.find(({ rule }) => rule === 'consent')).toMatchObject({
      because: expect.stringContaining('nobody has defined'),
      fix: expect.stringContaining('Define the disclosure'),
    })
  })
})

describe('the national do-not-call list', () => {
  const on = (facts: Partial<DoNotCallFacts>, now: Instant = NOON) => {
    const doNotCall = { listed: false, asOf: NOON, covered: true, ...facts }
    const who = person({ consents: [], doNotCall })
    const decision = decide(who, 'sms', 'marketing', now, RULES)
    return decision.rules.find(({ rule }) => rule === 'do_not_call')
  }

  it('clears a number for 31 days to the millisecond', () => {
    expect(on({})?.verdict).toBe('allow')
    expect(on({}, plus(NOON, 31 * DAY_MS))?.verdict).toBe('allow')
    expect(on({}, plus(NOON, 31 * DAY_MS + 1))?.verdict).toBe('deny')
    expect(on({ covered: false })?.verdict).toBe('deny')
    expect(on({ asOf: null })?.verdict).toBe('deny')
    expect(on({ listed: true })?.verdict).toBe('deny')
  })

  it('is not asked with written consent, by email, nor about what is owed or answered', () => {
    const doNotCall = { listed: true, asOf: NOON, covered: true }
    const verdict = (
      who: Parameters<typeof decide>[0],
      ...how: ['email' | 'sms', 'marketing' | 'conversation' | 'required' | 'transactional']
    ) => decide(who, ...how, NOON, RULES).rules.find(({ rule }) => rule === 'do_not_call')?.verdict
    expect(verdict(person({ doNotCall }), 'sms', 'marketing')).toBe('not_applicable')
    const bare = person({ consents: [], doNotCall })
    expect(verdict(bare, 'email', 'marketing')).toBe('not_applicable')
    for (const kind of ['conversation', 'required', 'transactional'] as const) {
      expect(verdict(bare, 'sms', kind)).toBe('not_applicable')
    }
  })

  it('keeps people from calling, but for a relationship; a stop keeps them in any case', () => {
    const doNotCall = { listed: true, asOf: NOON, covered: true }
    const bare = person({ consents: [], doNotCall })
    const nobody = { inquiredAt: null, boughtAt: null }
    expect(mayCall(bare, nobody, NOON, RULES).decision).toMatchObject({ deniedBy: 'do_not_call' })
    const asked = { ...nobody, inquiredAt: plus(NOON, -89 * DAY_MS) }
    expect(mayCall(bare, asked, NOON, RULES)).toMatchObject({ decision: { allowed: true } })
    const long = { ...nobody, inquiredAt: plus(NOON, -91 * DAY_MS) }
    expect(mayCall(bare, long, NOON, RULES).decision.allowed).toBe(false)
    const bought = { ...nobody, boughtAt: plus(NOON, -500 * DAY_MS) }
    expect(mayCall(bare, bought, NOON, RULES).decision.allowed).toBe(true)
    const stopped = person({ suppressions: [suppressed('2026-11-20T00:00:00Z')] })
    expect(mayCall(stopped, asked, NOON, RULES).decision).toMatchObject({ deniedBy: 'suppression' })
    const unasked = mayCall(person({ consents: [] }), nobody, NOON, RULES)
    expect(unasked).toMatchObject({
      decision: { allowed: true },
      warning: expect.stringContaining('counts as not asked'),
    })
  })
})

describe('ten business days', () => {
  it('are two weeks from a weekday, and no holiday excuses', () => {
    expect(afterBusinessDays(at('2026-11-24T12:00:00Z'), 10)).toBe(at('2026-12-08T12:00:00Z'))
    expect(afterBusinessDays(at('2026-11-27T12:00:00Z'), 1)).toBe(at('2026-11-30T12:00:00Z'))
    expect(afterBusinessDays(at('2026-11-28T12:00:00Z'), 10)).toBe(at('2026-12-11T12:00:00Z'))
  })
})
