import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { limitsFile } from '../../../src/domain/policy/data.ts'
import { decide } from '../../../src/domain/policy/decide.ts'
import { defaultRules, policyRules, withoutManners } from '../../../src/domain/policy/settings.ts'
import {
  CHANNELS,
  type Channel,
  type Decision,
  type MessageClass,
  type PastTouch,
  type PolicyPerson,
  type PolicyRules,
  type RuleName,
} from '../../../src/domain/policy/types.ts'
import {
  DAY_MS,
  HOUR_MS,
  type Instant,
  instant,
  plus,
  SECOND_MS,
} from '../../../src/domain/time.ts'
import { at, person, point } from './people.ts'

const RULES = policyRules({ ...defaultRules('America/New_York'), preferredHours: null })
const NO_GAP = policyRules({ ...RULES, minimumGapMs: 0 })
const NOON = at('2026-11-24T17:00:00Z') // Tuesday 12:00 in New York

const before = (ms: number, more: Partial<PastTouch> = {}): PastTouch => ({
  channel: 'sms',
  messageClass: 'marketing',
  at: plus(NOON, -ms),
  inEpisode: false,
  ...more,
})
const newestFirst = (recent: readonly PastTouch[]) => [...recent].sort((a, b) => b.at - a.at)

function ask(
  recent: readonly PastTouch[],
  more: {
    channel?: Channel
    messageClass?: MessageClass
    now?: Instant
    rules?: PolicyRules
    who?: Partial<PolicyPerson>
  } = {},
): Decision {
  const { channel = 'sms', messageClass = 'marketing', now = NOON, rules = NO_GAP } = more
  return decide(
    person({ recent: newestFirst(recent), ...more.who }),
    channel,
    messageClass,
    now,
    rules,
  )
}

const said = (decision: Decision, rule: RuleName) => {
  const verdict = decision.rules.find((one) => one.rule === rule)
  if (verdict === undefined) throw new Error(`no verdict of ${rule}`)
  return verdict
}

describe('the cap of the law', () => {
  const three = [before(HOUR_MS), before(5 * HOUR_MS, { channel: 'call' }), before(23 * HOUR_MS)]

  it('counts texts and calls of 24 hours, of any class but the required answers', () => {
    for (const messageClass of ['marketing', 'transactional', 'conversation'] as const) {
      const recent = three.map((touch) => ({ ...touch, messageClass }))
      expect(ask(recent)).toMatchObject({ deniedBy: 'frequency_caps' })
      expect(ask(three, { messageClass })).toMatchObject({ deniedBy: 'frequency_caps' })
    }
    const answers = three.map((touch) => ({ ...touch, messageClass: 'required' as const }))
    expect(ask(answers).allowed).toBe(true)
    expect(ask(three, { messageClass: 'required' }).allowed).toBe(true)
    expect(said(ask(three, { messageClass: 'required' }), 'frequency_caps').verdict).toBe(
      'not_applicable',
    )
  })

  it('does not bind emails, nor count them', () => {
    const emails = three.map((touch) => ({ ...touch, channel: 'email' as const }))
    const conversation = { messageClass: 'conversation' } as const
    expect(ask(three, { ...conversation, channel: 'email' }).allowed).toBe(true)
    expect(ask(emails.map((one) => ({ ...one, ...conversation }))).allowed).toBe(true)
  })

  it('opens at the very instant at which the oldest leaves the window', () => {
    const decision = ask(three)
    expect(decision).toMatchObject({ allowed: false, nextAllowedAt: plus(NOON, HOUR_MS) })
    expect(ask(three, { now: plus(NOON, HOUR_MS) }).allowed).toBe(true)
    expect(ask(three, { now: plus(NOON, HOUR_MS - 1) }).allowed).toBe(false)
  })

  it('tells counts, the law and the hour at which there is room', () => {
    const verdict = said(ask(three, { who: { phone: point('+13055550142') } }), 'frequency_caps')
    expect(verdict).toMatchObject({
      because:
        'This person has had 3 texts and calls in 24 hours, and the law allows 3; there is room again Tue 24 Nov 13:00 New York. This person has had 3 planned touches in 24 hours, and the company allows itself 3; there is room again Tue 24 Nov 13:00 New York.',
      inputs: { textsAndCallsPerDay: '3 of 3', touchesPerWeek: '3 of 10' },
      source: 'Fla. Stat. 501.616(6)(b)',
    })
    expect(said(ask(three), 'frequency_caps').source).toContain('everywhere')
    expect(said(ask([]), 'frequency_caps').because).toBe(
      '0 of 3 texts and calls in 24 hours, 0 of 3 planned touches in 24 hours, 0 of 10 planned touches in 7 days, 0 of 12 planned touches in this episode so far.',
    )
  })

  it('is that of four states, which no setting loosens', () => {
    expect(Object.keys(limitsFile.caps)).toEqual(['FL', 'MD', 'OK', 'OR'])
    for (const cap of Object.values(limitsFile.caps)) {
      expect(cap).toMatchObject({ max: 3, perHours: 24, confidence: 'high' })
      expect(RULES.caps.textsAndCallsPerDay).toBeLessThanOrEqual(cap.max)
    }
  })

  it('may be made stricter and never looser', () => {
    const with1 = (textsAndCallsPerDay: number) =>
      policyRules({ ...NO_GAP, caps: { ...NO_GAP.caps, textsAndCallsPerDay } })
    expect(ask([before(HOUR_MS)], { rules: with1(1) })).toMatchObject({ allowed: false })
    expect(() => with1(4)).toThrow(RangeError)
    expect(() => with1(0)).toThrow(RangeError)
  })
})

describe('the company’s own caps', () => {
  const planned = (n: number, everyMs: number, more: Partial<PastTouch> = {}) =>
    Array.from({ length: n }, (_, age) =>
      before((age + 1) * everyMs, { channel: 'email', ...more }),
    )
  const email = { channel: 'email' } as const

  it('count planned touches of all channels, in a day and in a week', () => {
    expect(ask(planned(3, HOUR_MS), email)).toMatchObject({ deniedBy: 'frequency_caps' })
    expect(ask(planned(2, HOUR_MS), email).allowed).toBe(true)
    const week = ask(planned(10, 15 * HOUR_MS), email)
    expect(week).toMatchObject({ nextAllowedAt: plus(NOON, 7 * DAY_MS - 150 * HOUR_MS) })
    expect(ask(planned(9, 15 * HOUR_MS), email).allowed).toBe(true)
  })

  it('leave what is owed and what is answered out, on both sides', () => {
    for (const messageClass of ['transactional', 'conversation', 'required'] as const) {
      expect(ask(planned(3, HOUR_MS), { ...email, messageClass }).allowed).toBe(true)
      expect(ask(planned(3, HOUR_MS, { messageClass }), email).allowed).toBe(true)
    }
  })

  it('end an episode that is too long: time alone opens nothing', () => {
    const long = planned(12, 8 * DAY_MS, { inEpisode: true })
    expect(ask(long, email)).toMatchObject({ deniedBy: 'frequency_caps', nextAllowedAt: null })
    expect(said(ask(long, email), 'frequency_caps').fix).toContain('cap per episode')
    expect(
      ask(
        long.map((touch) => ({ ...touch, inEpisode: false })),
        email,
      ).allowed,
    ).toBe(true)
  })
})

describe('the minimum gap', () => {
  const email = before(HOUR_MS, { channel: 'email', inEpisode: true })

  it('stands between two planned touches, whatever their channels', () => {
    for (const channel of CHANNELS) {
      const decision = ask([email], { channel, rules: RULES })
      expect(decision).toMatchObject({
        deniedBy: 'minimum_gap',
        nextAllowedAt: plus(NOON, 3 * HOUR_MS),
      })
    }
    expect(said(ask([email], { rules: RULES }), 'minimum_gap').because).toBe(
      'The last planned email was Tue 24 Nov 11:00 New York, and 4 hours are kept until the next: Tue 24 Nov 15:00 New York.',
    )
    expect(ask([before(4 * HOUR_MS)], { rules: RULES }).allowed).toBe(true)
    expect(ask([before(HOUR_MS, { messageClass: 'conversation' })], { rules: RULES }).allowed).toBe(
      true,
    )
    expect(ask([email], { rules: RULES, messageClass: 'conversation' }).allowed).toBe(true)
  })

  it('is waived between the first email and the first text that answer a form', () => {
    const fresh = { rules: RULES, who: { freshForm: true } }
    expect(ask([email], fresh).allowed).toBe(true)
    const text = before(HOUR_MS, { inEpisode: true })
    expect(ask([text], { ...fresh, channel: 'email' }).allowed).toBe(true)
    // Neither between others of the episode, nor towards another cadence or a call.
    expect(ask([text], fresh).allowed).toBe(false)
    expect(ask([email, { ...email, at: plus(NOON, -30 * HOUR_MS) }], fresh).allowed).toBe(false)
    expect(ask([email, { ...text, at: plus(NOON, -30 * HOUR_MS) }], fresh).allowed).toBe(false)
    expect(ask([{ ...email, inEpisode: false }], fresh).allowed).toBe(false)
    expect(ask([{ ...email, channel: 'call' }], fresh).allowed).toBe(false)
    expect(ask([email, before(2 * HOUR_MS)], fresh).allowed).toBe(false)
  })

  it('is a manner: what an operator sends by hand does not wait for it', () => {
    expect(ask([email], { rules: withoutManners(RULES) }).allowed).toBe(true)
  })
})

describe('over any history', () => {
  const touch = fc.record({
    channel: fc.constantFrom<PastTouch['channel']>('email', 'sms', 'call'),
    messageClass: fc.constantFrom<MessageClass>(
      'marketing',
      'transactional',
      'conversation',
      'required',
    ),
    at: fc.integer({ min: -9 * DAY_MS, max: 0 }).map((ms) => plus(NOON, ms)),
    inEpisode: fc.boolean(),
  })
  const history = fc.array(touch, { maxLength: 25 }).map(newestFirst)
  const channel = fc.constantFrom<Channel>('email', 'sms')
  const messageClass = fc.constantFrom<MessageClass>('marketing', 'transactional', 'conversation')
  const roomy = { ...RULES.caps, touchesPerEpisode: 100 }
  const rules = policyRules({ ...RULES, caps: roomy })

  it('the next allowed instant is allowed, and nothing between is', () => {
    fc.assert(
      fc.property(
        history,
        channel,
        messageClass,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (recent, by, kind, share) => {
          const now = (when: Instant) =>
            ask(recent, { channel: by, messageClass: kind, now: when, rules })
          const decision = now(NOON)
          if (decision.allowed) return
          const next = decision.nextAllowedAt
          expect(next).not.toBeNull()
          if (next === null) return
          expect(now(next).allowed).toBe(true)
          expect(now(instant(next - SECOND_MS)).allowed).toBe(false)
          const between = instant(
            NOON + Math.floor(((next - NOON - 1) * share) / SECOND_MS) * SECOND_MS,
          )
          expect(now(between).allowed).toBe(false)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('a life of touches never exceeds a cap in any rolling window, nor comes closer than the gap', () => {
    const wish = fc.record({
      afterMs: fc.integer({ min: 0, max: 9 * HOUR_MS }),
      channel,
      messageClass,
      fresh: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 60 }), (wishes) => {
        const sent: PastTouch[] = []
        let now = NOON
        for (const one of wishes) {
          now = plus(now, one.afterMs)
          const decision = ask(sent, {
            channel: one.channel,
            messageClass: one.messageClass,
            now,
            rules,
          })
          if (decision.allowed) sent.push({ ...one, at: now, inEpisode: false })
        }
        const texts = sent.filter((one) => one.channel === 'sms')
        const planned = sent.filter((one) => one.messageClass === 'marketing')
        expect(fullest(texts, DAY_MS)).toBeLessThanOrEqual(3)
        expect(fullest(planned, DAY_MS)).toBeLessThanOrEqual(3)
        expect(fullest(planned, 7 * DAY_MS)).toBeLessThanOrEqual(10)
        planned.forEach((one, index) => {
          const next = planned[index + 1]
          if (next) expect(next.at - one.at).toBeGreaterThanOrEqual(RULES.minimumGapMs)
        })
      }),
      { numRuns: 150 },
    )
  })
})

/** The most touches in any window [t, t + ms). */
function fullest(touches: readonly PastTouch[], ms: number): number {
  return Math.max(
    0,
    ...touches.map(
      (first) => touches.filter(({ at: t }) => t >= first.at && t < first.at + ms).length,
    ),
  )
}
