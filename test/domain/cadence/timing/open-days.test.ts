import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DueInput, dueAt } from '../../../../src/domain/cadence/timing/timing.ts'
import type { MessageStep, Vary } from '../../../../src/domain/cadence/types.ts'
import {
  closedBecause,
  decide,
  defaultRules,
  type OpenDays,
  withOpenDays,
} from '../../../../src/domain/policy/index.ts'
import { DAY_MS, type Instant, plus } from '../../../../src/domain/time.ts'
import { dayOfDate, localTime } from '../../../../src/domain/time-zones.ts'
import { at, person } from '../../policy/people.ts'

const NEW_YORK = 'America/New_York'
const RULES = defaultRules(NEW_YORK)
const BUSINESS: OpenDays = { business: true, weekdays: null, closed: [] }
const YEAR_END: OpenDays = {
  business: false,
  weekdays: null,
  closed: [{ from: '2026-12-21', to: '2027-02-07', calendar: 'year-end' }],
}
const TUESDAYS: OpenDays = { business: false, weekdays: [2], closed: [] }

const reason = (days: OpenDays, date: string) => closedBecause(days, dayOfDate(date))

describe('a day', () => {
  it('of business is no weekend and no federal holiday', () => {
    expect(reason(BUSINESS, '2026-11-25')).toBeNull()
    expect(reason(BUSINESS, '2026-11-28')).toBe('no business day')
    expect(reason(BUSINESS, '2026-11-26')).toContain('Thanksgiving')
  })

  it('is closed by a calendar from its first to its last day', () => {
    expect(reason(YEAR_END, '2026-12-20')).toBeNull()
    expect(reason(YEAR_END, '2026-12-21')).toContain('year-end')
    expect(reason(YEAR_END, '2027-02-07')).toContain('year-end')
    expect(reason(YEAR_END, '2027-02-08')).toBeNull()
  })

  it('is one of those that a cadence has', () => {
    expect(reason(TUESDAYS, '2026-11-24')).toBeNull()
    expect(reason(TUESDAYS, '2026-11-25')).toContain('(Tue)')
  })
})

describe('the policy under a cadence’s days', () => {
  const ask = (days: OpenDays, now: Instant) =>
    decide(person(), 'email', 'marketing', now, withOpenDays(RULES, days))

  it('denies on a closed day, says why, and opens on the next', () => {
    const denied = ask(BUSINESS, at('2026-11-26T17:00:00Z'))
    expect(denied).toMatchObject({
      allowed: false,
      deniedBy: 'preferred_hours',
      nextAllowedAt: at('2026-11-27T14:00:00Z'),
    })
    expect(denied.rules.find(({ rule }) => rule === 'preferred_hours')?.because).toContain(
      'Thanksgiving',
    )
  })

  it('finds the opening after a calendar that closes for longer than the law ever does', () => {
    expect(ask(YEAR_END, at('2026-12-22T17:00:00Z'))).toMatchObject({
      nextAllowedAt: at('2027-02-08T14:00:00Z'),
    })
  })

  it('tells its rules apart from those without', () => {
    expect(withOpenDays(RULES, BUSINESS).version).not.toBe(RULES.version)
  })
})

describe('a varied time', () => {
  it('lies on an open day, whatever was sent before', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(BUSINESS, YEAR_END, TUESDAYS),
        fc.integer({ min: 0, max: 120 }),
        fc.integer({ min: 0, max: 20 }),
        fc.string(),
        (openDays, day, ago, leadSeed) => {
          const anchor = plus(at('2026-11-20T15:00:00Z'), day * DAY_MS)
          const previousAttempts = [{ channel: 'email' as const, at: plus(anchor, -ago * DAY_MS) }]
          const due = dueOf({ openDays, anchor, leadSeed, previousAttempts })
          expect(due).toBeGreaterThanOrEqual(anchor)
          expect(closedBecause(openDays, localTime(due, NEW_YORK).day)).toBeNull()
          const { hour } = localTime(due, NEW_YORK)
          expect(hour).toBeGreaterThanOrEqual(9)
          expect(hour).toBeLessThan(19)
        },
      ),
    )
  })

  it('differs in what `vary` names, and need not in the rest', () => {
    const tuesday = { channel: 'email' as const, at: at('2026-11-24T15:00:00Z') }
    const anchor = at('2026-12-01T05:00:00Z')
    const hoursOf = (vary: Vary) =>
      Array.from({ length: 60 }, (_, n) =>
        localTime(
          dueOf({ anchor, vary, leadSeed: `lead-${n}`, previousAttempts: [tuesday] }),
          NEW_YORK,
        ),
      )
    expect(hoursOf('weekday').some(({ weekday }) => weekday === 2)).toBe(false)
    expect(hoursOf('weekday').some(({ hour }) => hour === 10)).toBe(true)
    expect(hoursOf('time').every(({ weekday }) => weekday === 2)).toBe(true)
    expect(hoursOf('time').some(({ hour }) => hour === 10)).toBe(false)
    expect(hoursOf('none').every(({ weekday }) => weekday === 2)).toBe(true)
    expect(hoursOf('none').some(({ hour }) => hour === 10)).toBe(true)
    expect(hoursOf('both').some(({ weekday, hour }) => weekday === 2 || hour === 10)).toBe(false)
  })

  it('keeps the days of its slots', () => {
    const slots = [
      { from: '09:00', to: '10:00', days: [1] },
      { from: '17:00', to: '18:00', days: [6] },
    ]
    for (let n = 0; n < 30; n += 1) {
      const anchor = plus(at('2026-11-20T15:00:00Z'), n * DAY_MS)
      const { weekday, hour } = localTime(dueOf({ anchor, slots }), NEW_YORK)
      expect([`1 9`, `6 17`]).toContain(`${weekday} ${hour}`)
    }
  })
})

interface Given extends Partial<Pick<DueInput, 'leadSeed' | 'previousAttempts'>> {
  readonly anchor: Instant
  readonly openDays?: OpenDays
  readonly vary?: Vary
  readonly slots?: readonly { from: string; to: string; days: readonly number[] }[]
}

function dueOf({ anchor, openDays, vary, slots, ...more }: Given): Instant {
  const step: MessageStep = {
    kind: 'message',
    id: 'step',
    after: { kind: 'exactly', ms: 0 },
    channel: 'email',
    template: 'x',
    timing: slots === undefined ? { kind: 'varied' } : { kind: 'slots', slots },
    hours: 'preferred',
    staleAfterMs: null,
    ...(vary !== undefined && { vary }),
  }
  return dueAt({
    step,
    leadSeed: 'lead-1',
    episodeSeed: 'episode-1',
    anchor,
    pausedMs: 0,
    zone: NEW_YORK,
    previousAttempts: [],
    hours: { from: '09:00', to: '19:00', restDays: [], openDays: openDays ?? null },
    spreadMs: 0,
    ...more,
  }).at
}
