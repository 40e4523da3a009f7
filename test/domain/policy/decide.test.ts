import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide } from '../../../src/domain/policy/decide.ts'
import { EVERY_ZONE, locate } from '../../../src/domain/policy/locate.ts'
import { defaultRules, withPreferredHours } from '../../../src/domain/policy/settings.ts'
import {
  CHANNELS,
  type Channel,
  type ConsentBasis,
  type Decision,
  type MessageClass,
  type PolicyPerson,
  RULE_NAMES,
  type RuleName,
} from '../../../src/domain/policy/types.ts'
import {
  DAY_MS,
  HOUR_MS,
  type Instant,
  instant,
  MINUTE_MS,
  toIso,
} from '../../../src/domain/time.ts'
import { localTime } from '../../../src/domain/time-zones.ts'
import { at, person, point, suppressed, written } from './people.ts'

const RULES = defaultRules('America/New_York')
const ANY_HOUR = withPreferredHours(RULES, null)
const NOON = at('2026-11-24T17:00:00Z') // Tuesday 12:00 in New York
const NIGHT = at('2026-11-25T04:00:00Z') // Tuesday 23:00 in New York

const ask = (
  who: PolicyPerson,
  channel: Channel = 'sms',
  messageClass: MessageClass = 'marketing',
  now: Instant = NOON,
  rules = RULES,
) => decide(who, channel, messageClass, now, rules)

const next = (decision: Decision) =>
  decision.allowed || decision.nextAllowedAt === null ? null : toIso(decision.nextAllowedAt)

const said = (decision: Decision, rule: RuleName) => {
  const verdict = decision.rules.find((one) => one.rule === rule)
  if (verdict === undefined) throw new Error(`no verdict of ${rule}`)
  return verdict
}

describe('the order of the rules', () => {
  it('tells every rule in the order of the law, then of manners', () => {
    const told = ask(person()).rules.map(({ rule }) => rule)
    expect(told).toEqual([...told].sort((a, b) => RULE_NAMES.indexOf(a) - RULE_NAMES.indexOf(b)))
    expect(told).toEqual([
      'erased',
      'suppression',
      'topic',
      'consent',
      'do_not_call',
      'contact_point',
      'emergency_stop',
      'frequency_caps',
      'minimum_gap',
      'calling_window',
      'preferred_hours',
    ])
  })

  it('names the first rule that denies, and still tells the others', () => {
    const broken = {
      erased: { erased: true },
      suppression: { suppressions: [suppressed('2026-11-02T00:00:00Z', { cause: 'complaint' })] },
      consent: { consents: [] },
      contact_point: { phone: { ...point('+12125550142'), validity: 'invalid' } },
    } as const
    let who = person()
    expect(ask(who, 'sms', 'marketing', NIGHT)).toMatchObject({ deniedBy: 'calling_window' })
    for (const rule of ['contact_point', 'consent', 'suppression', 'erased'] as const) {
      who = { ...who, ...broken[rule] }
      const decision = ask(who, 'sms', 'marketing', NIGHT)
      expect(decision).toMatchObject({ allowed: false, deniedBy: rule, nextAllowedAt: null })
      expect(decision.rules).toHaveLength(11)
    }
    const denied = ask(who, 'sms', 'marketing', NIGHT).rules.filter((one) => one.verdict === 'deny')
    expect(denied).toHaveLength(7)
  })

  it('carries the version of the rules', () => {
    expect(ask(person()).rulesVersion).toBe(RULES.version)
  })

  it('allows a text at noon to a lead who consented', () => {
    expect(ask(person()).allowed).toBe(true)
  })
})

describe('consent', () => {
  const BASES: readonly ConsentBasis[] = ['express_written', 'express', 'implied', 'none']
  const ENOUGH: Readonly<Record<MessageClass, readonly ConsentBasis[]>> = {
    marketing: ['express_written'],
    transactional: ['express_written', 'express'],
    conversation: BASES,
    required: BASES,
  }
  const CLASSES: readonly MessageClass[] = [
    'marketing',
    'transactional',
    'conversation',
    'required',
  ]
  const cases = CLASSES.flatMap((messageClass) =>
    CHANNELS.flatMap((channel) =>
      [...BASES, null].map((basis) => {
        const free =
          channel === 'email' || messageClass === 'conversation' || messageClass === 'required'
        const enough = basis === null ? free : free || ENOUGH[messageClass].includes(basis)
        return [messageClass, channel, basis, enough] as const
      }),
    ),
  )

  it.each(cases)('%s by %s with consent %s: %s', (messageClass, channel, basis, enough) => {
    const consents = basis === null ? [] : [written('2026-11-01T00:00:00Z', { basis })]
    const decision = ask(person({ consents }), channel, messageClass)
    expect(decision).toMatchObject(enough ? { allowed: true } : { deniedBy: 'consent' })
    expect(said(decision, 'consent').verdict).toBe(enough ? 'allow' : 'deny')
  })

  it('to email is no consent to texts', () => {
    const consents = [written('2026-11-01T00:00:00Z', { channel: 'email' })]
    expect(ask(person({ consents }))).toMatchObject({ allowed: false, deniedBy: 'consent' })
  })

  it('may come from a list, when nobody opted out', () => {
    expect(ask(person({ consents: [written(undefined, { byLead: false })] })).allowed).toBe(true)
  })

  it('is told without what a page address could reveal', () => {
    const consents = [
      written(undefined, { source: 'https://acme.example/q?email=ada@example.com' }),
    ]
    const { inputs, fix } = said(ask(person({ consents })), 'consent')
    expect(inputs).toMatchObject({ basis: 'express_written', given: 'https://acme.example/q' })
    expect(fix).toBeUndefined()
  })

  it('tells what to do when it is missing', () => {
    const verdict = said(ask(person({ consents: [] })), 'consent')
    expect(verdict.because).toBe(
      'A marketing text needs written consent, and there is none on file.',
    )
    expect(verdict.fix).toContain('Ask for consent')
  })
})

describe('suppression', () => {
  const OUT = '2026-11-10T00:00:00Z'
  const AFTER = '2026-11-11T00:00:00Z'

  it.each([
    ['sms', 'sms', false],
    ['sms', 'email', true],
    ['email', 'email', false],
    ['email', 'sms', true],
    ['all', 'sms', false],
    ['all', 'email', false],
  ] as const)('of %s leaves %s open: %s', (scope, channel, open) => {
    const who = person({
      suppressions: [suppressed(OUT, { channel: scope })],
      consents: [written(AFTER, { byLead: false })],
    })
    expect(ask(who, channel).allowed).toBe(open)
  })

  it.each(['marketing', 'transactional', 'conversation'] as const)('stops %s', (messageClass) => {
    const who = person({ suppressions: [suppressed(OUT)] })
    expect(ask(who, 'sms', messageClass)).toMatchObject({ allowed: false, deniedBy: 'suppression' })
  })

  it('lets the one required answer pass, at any hour', () => {
    const who = person({ consents: [], suppressions: [suppressed(OUT, { channel: 'all' })] })
    expect(ask(who, 'sms', 'required', NIGHT).allowed).toBe(true)
  })

  it('lifts by the written consent that the lead gave afterwards', () => {
    const who = person({ suppressions: [suppressed(OUT)], consents: [written(), written(AFTER)] })
    expect(ask(who).allowed).toBe(true)
  })

  it.each([
    ['a consent given before', written('2026-11-09T00:00:00Z')],
    ['a consent of the same instant', written(OUT)],
    ['a consent from a list', written(AFTER, { byLead: false })],
    ['a consent to the other channel', written(AFTER, { channel: 'email' })],
    ['an implied consent', written(AFTER, { basis: 'implied' })],
    ['a record of no consent', written(AFTER, { basis: 'none' })],
  ])('does not lift by %s', (_, consent) => {
    const who = person({ suppressions: [suppressed(OUT)], consents: [consent] })
    expect(ask(who)).toMatchObject({ allowed: false, deniedBy: 'suppression', nextAllowedAt: null })
  })

  it.each([
    ['opt_out', true],
    ['import', true],
    ['operator', true],
    ['provider', true],
    ['erasure', true],
    ['complaint', false],
  ] as const)('caused by %s lifts by a fresh consent in person: %s', (cause, lifts) => {
    const who = person({
      suppressions: [suppressed(OUT, { cause, channel: 'all' })],
      consents: [written(AFTER)],
    })
    expect(ask(who).allowed).toBe(lifts)
    // The consent was to texts: email stays closed.
    expect(ask(who, 'email').allowed).toBe(false)
  })

  it('stands again after a second opt-out', () => {
    const who = person({
      suppressions: [suppressed(OUT), suppressed('2026-11-12T00:00:00Z')],
      consents: [written(AFTER)],
    })
    expect(ask(who)).toMatchObject({ deniedBy: 'suppression' })
  })

  it('took the older consents with it: START opens the channel, not marketing', () => {
    const start = written(AFTER, { basis: 'express', disclosure: null, source: 'START' })
    const who = person({ suppressions: [suppressed(OUT)], consents: [written(), start] })
    expect(ask(who, 'sms', 'transactional').allowed).toBe(true)
    const decision = ask(who)
    expect(decision).toMatchObject({ allowed: false, deniedBy: 'consent' })
  })

  it('lasts for ever', () => {
    const who = person({ suppressions: [suppressed('1999-01-01T00:00:00Z')], consents: [] })
    expect(ask(who, 'sms', 'conversation')).toMatchObject({ deniedBy: 'suppression' })
  })
})

describe('contact point', () => {
  it.each([
    ['sms', { phone: null }, 'Add the phone number.'],
    ['email', { email: null }, 'Add the email address.'],
    [
      'sms',
      { phone: { ...point('+12125550142'), validity: 'invalid' } },
      'Correct the phone number.',
    ],
    [
      'sms',
      { phone: { ...point('+12125550142'), validity: 'not_capable' } },
      'Ask for the mobile number.',
    ],
    [
      'email',
      { email: { ...point('ada@example.com'), validity: 'invalid' } },
      'Correct the email address.',
    ],
    ['sms', { phone: point('+19005550142') }, 'Ask for the mobile number.'],
    ['sms', { phone: point('not a phone') }, 'Correct the phone number, with its area code.'],
  ] as const)('denies %s with %j; the fix is: %s', (channel, more, fix) => {
    const decision = ask(person(more), channel)
    expect(decision).toMatchObject({
      allowed: false,
      deniedBy: 'contact_point',
      nextAllowedAt: null,
    })
    expect(said(decision, 'contact_point').fix).toBe(fix)
  })

  it('does not let a bad number stop email', () => {
    const who = person({ phone: { ...point('+12125550142'), validity: 'invalid' } })
    expect(ask(who, 'email').allowed).toBe(true)
  })

  it('says why a number failed', () => {
    const phone = {
      ...point('+12125550142'),
      validity: 'invalid',
      invalidBecause: 'The carrier says no.',
    } as const
    expect(said(ask(person({ phone })), 'contact_point').because).toBe('The carrier says no.')
  })
})

describe('calling window', () => {
  const law = (who: PolicyPerson, now: string, messageClass: MessageClass = 'marketing') =>
    decide(who, 'sms', messageClass, at(now), { ...ANY_HOUR, closingMarginMs: 0 })

  it.each([
    ['2026-11-24T12:59:59.999Z', false],
    ['2026-11-24T13:00:00Z', true],
    ['2026-11-25T01:59:59.999Z', true],
    ['2026-11-25T02:00:00Z', false],
  ])('in New York at %s: %s', (now, allowed) => {
    expect(law(person(), now).allowed).toBe(allowed)
  })

  it('closes a quarter of an hour early by default', () => {
    const decide_ = (now: string) => decide(person(), 'sms', 'marketing', at(now), ANY_HOUR).allowed
    expect(decide_('2026-11-25T01:44:59Z')).toBe(true)
    expect(decide_('2026-11-25T01:45:00Z')).toBe(false)
  })

  it('waits for the next morning, by the clock there, across clock changes', () => {
    expect(next(law(person(), '2026-11-01T03:00:00Z'))).toBe('2026-11-01T13:00:00Z')
    expect(next(law(person(), '2026-03-08T04:00:00Z'))).toBe('2026-03-08T12:00:00Z')
  })

  it('asks every zone: New York number, California address', () => {
    const who = person({ state: 'CA' })
    expect(law(who, '2026-11-24T15:59:59Z').allowed).toBe(false)
    expect(law(who, '2026-11-24T16:00:00Z').allowed).toBe(true)
    expect(law(who, '2026-11-25T02:00:00Z').allowed).toBe(false)
    expect(next(law(who, '2026-11-25T02:00:00Z'))).toBe('2026-11-25T16:00:00Z')
  })

  it('asks both zones of a split area code', () => {
    const who = person({ phone: point('+12195550142') }) // Indiana: Central and Eastern
    expect(law(who, '2026-11-24T13:30:00Z').allowed).toBe(false)
    expect(law(who, '2026-11-24T14:00:00Z').allowed).toBe(true)
    expect(law(who, '2026-11-25T02:00:00Z').allowed).toBe(false)
  })

  it('with nothing known is open only while the whole country is', () => {
    const who = person({ phone: point('+15005550142') })
    expect(law(who, '2026-11-24T19:59:59Z').allowed).toBe(false) // 09:59:59 in Honolulu
    expect(law(who, '2026-11-24T20:00:00Z').allowed).toBe(true)
    expect(law(who, '2026-11-24T23:00:00Z').allowed).toBe(false) // 18:00 in New York
    expect(said(law(who, '2026-11-25T02:00:00Z'), 'calling_window').inputs.zones).toBe(EVERY_ZONE)
  })

  it.each(['+14165550142', '+18765550142', '+12425550142', '+447911123456'])(
    'never opens for %s',
    (number) => {
      for (const messageClass of ['marketing', 'transactional', 'conversation'] as const) {
        const decision = law(
          person({ phone: point(number), state: 'NY' }),
          '2026-11-24T17:00:00Z',
          messageClass,
        )
        expect(said(decision, 'calling_window')).toMatchObject({ verdict: 'deny' })
        expect(decision).toMatchObject({ allowed: false, nextAllowedAt: null })
      }
    },
  )

  it.each(['transactional', 'conversation'] as const)('binds %s texts too', (messageClass) => {
    expect(law(person(), '2026-11-25T04:00:00Z', messageClass)).toMatchObject({
      allowed: false,
      deniedBy: 'calling_window',
    })
  })

  it('is nothing to email', () => {
    expect(decide(person(), 'email', 'marketing', NIGHT, ANY_HOUR).allowed).toBe(true)
    expect(said(ask(person(), 'email'), 'calling_window').verdict).toBe('not_applicable')
  })

  it('tells evidence and warnings, and no contact data', () => {
    const { inputs, because } = said(ask(person({ timezone: 'Mars/Phobos' })), 'calling_window')
    expect(inputs).toMatchObject({
      states: ['NY'],
      zones: ['America/New_York'],
      evidence: ['area code 212: New York (America/New_York)'],
      closingMarginMinutes: 15,
    })
    expect(inputs.warnings).toHaveLength(1)
    expect(inputs.windows).toEqual([
      'New York: 08:00–21:00 every day (N.Y. GBL 399-z(2), (5-a); 399-pp(7)(f)), confidence high',
      'federal law: 08:00–21:00 every day (47 CFR 64.1200(c)(1); 16 CFR 310.4(c)), confidence high',
    ])
    expect(because).toBe('It is 12:00 New York, within 08:00–21:00 (federal law, New York).')
  })
})

describe('preferred hours', () => {
  const SUNDAY = at('2026-11-29T17:00:00Z') // 12:00 in New York

  it('let no text leave on a Sunday, and an email', () => {
    const decision = ask(person(), 'sms', 'marketing', SUNDAY)
    expect(decision).toMatchObject({ allowed: false, deniedBy: 'preferred_hours' })
    expect(next(decision)).toBe('2026-11-30T14:00:00Z') // Monday 09:00
    expect(ask(person(), 'email', 'marketing', SUNDAY).allowed).toBe(true)
  })

  it('hold for emails in the best known zone', () => {
    const who = person({ timezone: 'America/Los_Angeles' })
    expect(ask(who, 'email', 'marketing', at('2026-11-24T16:59:59Z')).allowed).toBe(false)
    expect(ask(who, 'email', 'marketing', at('2026-11-24T17:00:00Z')).allowed).toBe(true)
    expect(ask(who, 'email', 'marketing', at('2026-11-25T02:59:59Z')).allowed).toBe(true)
    expect(next(ask(who, 'email', 'marketing', at('2026-11-25T03:00:00Z')))).toBe(
      '2026-11-25T17:00:00Z',
    )
  })

  it("hold for emails in the company's zone where none is known", () => {
    const who = person({ phone: null })
    expect(ask(who, 'email', 'marketing', at('2026-11-24T13:59:59Z')).allowed).toBe(false)
    expect(ask(who, 'email', 'marketing', at('2026-11-24T14:00:00Z')).allowed).toBe(true)
  })

  it('hold for texts in every zone where the lead may be', () => {
    const who = person({ state: 'CA' })
    expect(next(ask(who, 'sms', 'marketing', at('2026-11-24T15:00:00Z')))).toBe(
      '2026-11-24T17:00:00Z',
    )
    expect(next(ask(who, 'sms', 'marketing', at('2026-11-25T00:00:00Z')))).toBe(
      '2026-11-25T17:00:00Z',
    )
  })

  it('may be narrower than the day, and may close for good', () => {
    const rules = withPreferredHours(RULES, { from: '09:00', to: '12:00' })
    const who = person({ phone: point('+15005550142') })
    expect(ask(who, 'sms', 'marketing', NOON, rules)).toMatchObject({
      deniedBy: 'calling_window',
      nextAllowedAt: null,
    })
  })

  it.each(['transactional', 'conversation', 'required'] as const)(
    'do not hold %s back',
    (messageClass) => {
      expect(said(ask(person(), 'sms', messageClass, SUNDAY), 'preferred_hours').verdict).toBe(
        'not_applicable',
      )
    },
  )

  it('are no law: any hour may be preferred', () => {
    expect(ask(person(), 'email', 'marketing', NIGHT, ANY_HOUR).allowed).toBe(true)
  })
})

describe('for anybody, at any time', () => {
  const NUMBERS = [
    '+12125550142',
    '+12085550142',
    '+19075550142',
    '+12195550142',
    '+18085550142',
    '+15005550142',
    '+15555550142',
    '+16715550142',
    '+14165550142',
  ]
  const people = fc
    .record({
      phone: fc.constantFrom(...NUMBERS, null),
      state: fc.constantFrom(null, 'CA', 'TN', 'AZ', 'ZZ', 'HI'),
      timezone: fc.constantFrom(null, 'America/Phoenix', 'Mars/Phobos', '+05:00', 'Asia/Kolkata'),
    })
    .map(({ phone, ...more }) => person({ phone: phone === null ? null : point(phone), ...more }))
  const instants = fc
    .tuple(
      fc.constantFrom(
        '2026-03-08T07:00:00Z',
        '2026-11-01T06:00:00Z',
        '2028-02-29T12:00:00Z',
        '2027-01-01T05:00:00Z',
        '2026-07-04T12:00:00Z',
      ),
      fc.integer({ min: -50 * HOUR_MS, max: 50 * HOUR_MS }),
    )
    .map(([near, offset]) => instant(Date.parse(near) + offset))

  it('an allowed text is within 08:00 and 20:45 on every candidate clock, not on a Sunday', () => {
    fc.assert(
      fc.property(people, instants, (who, now) => {
        fc.pre(ask(who, 'sms', 'marketing', now).allowed)
        for (const zone of locate(who).zones) {
          const { hour, minute, weekday } = localTime(now, zone)
          expect(hour).toBeGreaterThanOrEqual(8)
          expect(hour * 60 + minute).toBeLessThan(20 * 60 + 45)
          expect(weekday).not.toBe(7)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('nextAllowedAt is allowed, and no moment looked at before it is', () => {
    fc.assert(
      fc.property(people, fc.constantFrom(...CHANNELS), instants, (who, channel, now) => {
        const allowed = (when: number) => ask(who, channel, 'marketing', instant(when)).allowed
        const decision = ask(who, channel, 'marketing', now)
        fc.pre(!decision.allowed)
        const { nextAllowedAt: then } = decision
        expect(then === null || (then % 1_000 === 0 && then > now && allowed(then))).toBe(true)
        const end = then ?? now + 8 * DAY_MS
        const before = then === null ? [] : [then - 1_000].filter((when) => when > now)
        const quarter = 15 * MINUTE_MS
        for (let when = Math.ceil(now / quarter) * quarter; when < end; when += quarter) {
          before.push(when)
        }
        expect(before.filter(allowed)).toEqual([])
      }),
      { numRuns: 100 },
    )
  })

  it('decides the same twice, and names its contact data nowhere', () => {
    fc.assert(
      fc.property(people, instants, (who, now) => {
        const decision = ask(who, 'sms', 'marketing', now)
        expect(ask(who, 'sms', 'marketing', now)).toEqual(decision)
        expect(JSON.stringify(decision)).not.toMatch(/5550142|ada@/)
      }),
    )
  })
})
