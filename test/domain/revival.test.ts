import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEAD_REASONS, type DeadDetails, type DeadReason } from '../../src/domain/lead.ts'
import {
  checkInAfterDeath,
  DEFAULT_REVIVAL,
  judgeRevival,
  mayComeBack,
  type RevivalFacts,
} from '../../src/domain/revival.ts'
import { DAY_MS, type Instant, instant, MINUTE_MS, plus } from '../../src/domain/time.ts'

const DIED = instant(Date.parse('2026-03-02T15:00:00Z'))
const after = (days: number) => plus(DIED, days * DAY_MS)

/** A visit by a person, long after the last message, to a lead that was never revived. */
const visit = (reason: DeadReason, more: Partial<RevivalFacts> = {}): RevivalFacts => ({
  reason,
  deadSince: DIED,
  revivals: [],
  by: 'rule',
  signal: 'visit',
  lastSendAt: null,
  interacted: true,
  byLink: false,
  freshConsent: false,
  ...more,
})
const judge = (facts: RevivalFacts, now: Instant) => judgeRevival(facts, now, DEFAULT_REVIVAL)

describe('the quiet time after a death', () => {
  it.each([
    ['unresponsive', 30],
    ['competitor', 90],
    ['no_matching_offering', 30],
    ['not_interested', 180],
    ['postponing', 14],
    ['unqualified', 90],
  ] as const)('%s: a visit revives after %i days, not before', (reason, days) => {
    const early = judge(visit(reason), plus(after(days), -1))
    expect(early).toMatchObject({ revive: false, tell: 'owner' })
    expect(!early.revive && early.because).toContain('within the quiet time until 2026-')
    expect(judge(visit(reason), after(days))).toEqual({ revive: true, cadence: 'welcome-back' })
  })

  it('is asked of visits only: new contact data count at once', () => {
    const facts = visit('unresponsive', { signal: 'contact_changed' })
    expect(judge(facts, after(1))).toMatchObject({ revive: true })
  })

  it('can be set per company and reason', () => {
    const { byReason } = DEFAULT_REVIVAL
    const rules = {
      ...DEFAULT_REVIVAL,
      byReason: {
        ...byReason,
        competitor: { ...byReason.competitor, quietMs: DAY_MS, cadence: 'win-back' },
      },
    }
    expect(judgeRevival(visit('competitor'), after(2), rules)).toEqual({
      revive: true,
      cadence: 'win-back',
    })
  })
})

describe('the budget', () => {
  it('is one revival in 90 days', () => {
    const last = after(100)
    const facts = visit('unresponsive', { revivals: [last] })
    expect(judge(facts, plus(last, 90 * DAY_MS - 1))).toMatchObject({
      revive: false,
      tell: 'owner',
    })
    expect(judge(facts, plus(last, 90 * DAY_MS))).toMatchObject({ revive: true })
  })

  it('is three in all; then a person decides', () => {
    const three = [after(100), after(300), after(500)]
    expect(judge(visit('unresponsive', { revivals: three }), after(2_000))).toMatchObject({
      revive: false,
      tell: 'decide',
    })
    expect(judge(visit('unresponsive', { revivals: three.slice(1) }), after(2_000))).toMatchObject({
      revive: true,
    })
  })

  it('counts for every signal that revives by rule', () => {
    for (const signal of ['contact_changed', 'offering_added'] as const) {
      const facts = visit('no_matching_offering', { signal, revivals: [after(10)] })
      expect(judge(facts, after(40))).toMatchObject({ revive: false })
    }
  })
})

describe('a visit by a link of a message', () => {
  it('revives only once a person was seen to act: scanners follow links at any time', () => {
    const byLink = { byLink: true, lastSendAt: DIED }
    const seen = judge(visit('unresponsive', { ...byLink, interacted: false }), after(90))
    expect(seen).toMatchObject({ revive: false, tell: 'nobody' })
    expect(judge(visit('unresponsive', byLink), after(90)).revive).toBe(true)
  })
})

describe('a visit within minutes of a message', () => {
  const sentAt = after(400)
  const seen = (minutes: number, interacted: boolean) =>
    judge(
      visit('unresponsive', { lastSendAt: sentAt, interacted }),
      plus(sentAt, minutes * MINUTE_MS),
    )

  it('revives nobody unless a person was seen to act', () => {
    expect(seen(9, false)).toMatchObject({ revive: false, tell: 'nobody' })
    expect(seen(9, true)).toMatchObject({ revive: true })
    expect(seen(10, false)).toMatchObject({ revive: true })
  })
})

describe('the lead’s own wish', () => {
  it('revives whatever the quiet time and the budget say', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...DEAD_REASONS),
        fc.constantFrom('lead' as const, 'operator' as const),
        fc.array(fc.integer({ min: 0, max: 900 }), { maxLength: 6 }),
        fc.integer({ min: 0, max: 900 }),
        (reason, by, revivals, days) => {
          const facts = visit(reason, {
            by,
            signal: by === 'lead' ? 'form' : 'revive',
            revivals: revivals.toSorted((a, b) => a - b).map(after),
            lastSendAt: after(days),
          })
          expect(judge(facts, after(days)).revive).toBe(true)
        },
      ),
    )
  })

  it('is not enough after an opt-out: that needs a fresh consent', () => {
    const form = visit('opted_out', { by: 'fresh_consent', signal: 'form' })
    expect(judge(form, after(900))).toMatchObject({ revive: false, tell: 'nobody' })
    expect(judge({ ...form, freshConsent: true }, after(1))).toMatchObject({ revive: true })
  })
})

describe('any revival by a rule', () => {
  it('keeps quiet time, gap and number together', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...DEAD_REASONS),
        fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 5 }),
        fc.integer({ min: 0, max: 1_500 }),
        (reason, days, today) => {
          const revivals = days.toSorted((a, b) => a - b).map(after)
          const now = after(today)
          if (!judge(visit(reason, { revivals }), now).revive) return
          expect(now - DIED).toBeGreaterThanOrEqual(DEFAULT_REVIVAL.byReason[reason].quietMs)
          expect(revivals.length).toBeLessThan(3)
          const last = revivals.at(-1)
          if (last !== undefined) expect(now - last).toBeGreaterThanOrEqual(90 * DAY_MS)
        },
      ),
    )
  })
})

describe('the check-in after a death', () => {
  const due = (details: DeadDetails) => checkInAfterDeath(details, DIED, DEFAULT_REVIVAL)
  const months = (n: number) => plus(DIED, n * 30.44 * DAY_MS)
  const competitor = (contractEnds: string | null): DeadDetails => ({
    reason: 'competitor',
    competitor: null,
    why: null,
    contractEnds,
  })

  it('is due after six months for those who did not answer, nine for those who said no', () => {
    expect(due({ reason: 'unresponsive', attempts: [] })).toBe(months(6))
    expect(due({ reason: 'not_interested', words: null })).toBe(months(9))
  })

  it('is due sixty days before the competitor’s contract ends, else after ten months', () => {
    const ends = instant(Date.parse('2027-02-01'))
    expect(due(competitor('2027-02-01'))).toBe(plus(ends, -60 * DAY_MS))
    expect(due(competitor(null))).toBe(months(10))
    expect(due(competitor('some day'))).toBe(months(10))
  })

  it('is the date that a postponing lead named last', () => {
    const postponements = [
      { askedAt: after(-20), until: after(-5) },
      { askedAt: after(-5), until: after(25) },
    ]
    expect(due({ reason: 'postponing', postponements })).toBe(after(25))
    expect(due({ reason: 'postponing', postponements: [] })).toBeNull()
    expect(DEFAULT_REVIVAL.byReason.postponing.checkIn.kind).toBe('task_on_named_date')
  })

  it('is never due for the others', () => {
    const never: DeadDetails[] = [
      { reason: 'bad_contact_info', failures: [] },
      { reason: 'no_matching_offering', wanted: null, fault: null },
      { reason: 'unqualified', criterion: null },
      { reason: 'hostile', words: null },
      { reason: 'spam', evidence: null },
      { reason: 'opted_out', how: 'link', words: null },
      { reason: 'duplicate', survivor: null },
    ]
    for (const details of never) expect(due(details)).toBeNull()
  })
})

describe('those that sleep in an open workflow', () => {
  it('are the ones that something of ours may wake', () => {
    expect(DEAD_REASONS.filter((reason) => !mayComeBack(reason))).toEqual([
      'hostile',
      'spam',
      'opted_out',
      'duplicate',
    ])
  })
})
