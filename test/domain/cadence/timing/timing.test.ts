import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type DueInput,
  dueAt,
  spreadOverPreferredHours,
} from '../../../../src/domain/cadence/timing/timing.ts'
import { CLOCK_DISTANCE_MS } from '../../../../src/domain/cadence/timing/timing-words.ts'
import type { MessageStep, StepDelay } from '../../../../src/domain/cadence/types.ts'
import {
  DAY_MS,
  HOUR_MS,
  type Instant,
  instant,
  MINUTE_MS,
  parseInstant,
  toIso,
} from '../../../../src/domain/time.ts'
import { localTime } from '../../../../src/domain/time-zones.ts'

const NEW_YORK = 'America/New_York'
const ZONES = [NEW_YORK, 'America/Phoenix', 'Pacific/Honolulu', 'Europe/Berlin', 'Asia/Kolkata']

describe('a first touch', () => {
  it('that answers a form at once is due at the anchor, to the millisecond', () => {
    const anchor = instant(Date.parse('2026-11-24T03:59:59.123Z'))
    const step = emailStep({ after: exactly(0), timing: { kind: 'asap' }, hours: 'any' })
    expect(dueAt(input({ step, anchor })).at).toBe(anchor)
  })

  it('of an import is spread over the span, in preferred hours, also when asap', () => {
    const step = emailStep({ after: exactly(0), timing: { kind: 'asap' }, hours: 'any' })
    const anchor = at('2026-11-24T05:00:00Z')
    const dues = leads(1_000).map(
      (leadSeed) => dueAt(input({ step, anchor, leadSeed, spreadMs: 5 * DAY_MS })).at,
    )
    expect(new Set(dues.map(dateIn)).size).toBeGreaterThanOrEqual(5)
    expect(Math.max(...dues)).toBeLessThan(anchor + 5 * DAY_MS)
    expect(dues.every((due) => hourIn(due) >= 9 && hourIn(due) < 19)).toBe(true)
  })

  it('of a revival waits from three hours to a day and lies in preferred hours', () => {
    const step = emailStep({ after: between(3 * HOUR_MS, DAY_MS) })
    fc.assert(
      fc.property(instants, fc.string(), fc.constantFrom(...ZONES), (anchor, leadSeed, zone) => {
        const due = dueAt(input({ step, anchor, leadSeed, zone })).at
        expect(due).toBeGreaterThanOrEqual(anchor + 3 * HOUR_MS)
        expect(due).toBeLessThan(anchor + DAY_MS)
        const { hour } = localTime(due, zone)
        expect(hour).toBeGreaterThanOrEqual(9)
        expect(hour).toBeLessThan(19)
      }),
    )
  })
})

describe('every due time', () => {
  it('is the same for the same input', () => {
    fc.assert(
      fc.property(inputs(), (given) => {
        expect(dueAt(given)).toEqual(dueAt({ ...given }))
      }),
    )
  })

  it('is never before anchor + delay + pause, and at most two days after an exact delay', () => {
    fc.assert(
      fc.property(inputs(), (given) => {
        const { after } = given.step
        const least = after.kind === 'exactly' ? after.ms : after.minMs
        const most = after.kind === 'exactly' ? after.ms : after.maxMs
        const start = given.anchor + given.pausedMs
        const { at: due } = dueAt(given)
        expect(due).toBeGreaterThanOrEqual(start + least)
        // A day whose clocks go back has an hour more.
        expect(due).toBeLessThanOrEqual(start + most + 2 * DAY_MS + HOUR_MS)
      }),
      { numRuns: 500 },
    )
  })

  it('differs from the last attempt on the channel in part of the day, clock and weekday', () => {
    fc.assert(
      fc.property(inputs(), (given) => {
        const [last] = given.previousAttempts
        if (last === undefined) return
        const then = localTime(last.at, given.zone)
        const now = localTime(dueAt(given).at, given.zone)
        expect(clockDistance(then.msOfDay, now.msOfDay)).toBeGreaterThanOrEqual(CLOCK_DISTANCE_MS)
        expect(partOfDay(now.msOfDay)).not.toBe(partOfDay(then.msOfDay))
        if (now.day !== then.day) expect(now.weekday).not.toBe(then.weekday)
      }),
      { numRuns: 500 },
    )
  })

  it('keeps off the days on which the channel rests', () => {
    const restDays = [6, 7]
    fc.assert(
      fc.property(inputs(), (given) => {
        const hours = { from: '09:00', to: '19:00', restDays }
        const due = dueAt({ ...given, hours }).at
        expect(restDays).not.toContain(localTime(due, given.zone).weekday)
      }),
    )
  })

  it('names its reason without naming the lead', () => {
    const previousAttempts = [{ channel: 'email' as const, at: at('2026-11-23T15:00:00Z') }]
    const { because } = dueAt(input({ previousAttempts, leadSeed: 'lead-seed' }))
    expect(because).toBe(
      '2 days after the step before, within 09:00–19:00, ' +
        'another time of day and weekday than the last email (Mon 23 Nov 10:00 New York).',
    )
  })
})

describe('leads enrolled together', () => {
  it('spread evenly over the time of day there is', () => {
    const dues = leads(1_000).map((leadSeed) => dueAt(input({ leadSeed })).at)
    const perHour = countBy(dues.map((due) => Math.floor(due / HOUR_MS)))
    expect(perHour.size).toBeGreaterThanOrEqual(9)
    for (const count of perHour.values()) expect(count).toBeLessThan(160)
    expect(
      Math.max(...countBy(dues.map((due) => Math.floor(due / MINUTE_MS))).values()),
    ).toBeLessThan(12)
  })

  it('spread over a span of days when the delay is one', () => {
    const step = emailStep({ after: between(2 * DAY_MS, 4 * DAY_MS) })
    const dates = countBy(
      leads(1_000).map((leadSeed) => dateIn(dueAt(input({ leadSeed, step })).at)),
    )
    expect(dates.size).toBeGreaterThanOrEqual(2)
    for (const count of dates.values()) expect(count).toBeLessThan(600)
  })

  it('leave an opening window spread out, but for answers to fresh forms', () => {
    const opensAt = at('2026-11-24T14:00:00Z')
    const opening = (leadSeed: string, freshForm: boolean) =>
      spreadOverPreferredHours({ opensAt, leadSeed, episodeSeed: 'e', stepId: 's', freshForm })
    const spread = leads(1_000).map((leadSeed) => opening(leadSeed, false))
    expect(Math.min(...spread)).toBeGreaterThanOrEqual(opensAt)
    expect(Math.max(...spread)).toBeLessThan(opensAt + 45 * MINUTE_MS)
    const perMinute = countBy(spread.map((due) => Math.floor(due / MINUTE_MS)))
    expect(perMinute.size).toBe(45)
    expect(Math.max(...perMinute.values())).toBeLessThan(60)
    expect(opening('lead-1', false)).toBe(opening('lead-1', false))
    expect(opening('lead-1', true)).toBe(opensAt)
  })
})

describe('slots of a step', () => {
  const slots = [
    { from: '08:30', to: '10:00' },
    { from: '16:00', to: '18:00' },
  ]

  it('are kept to, and the one of the last attempt is not used again', () => {
    const step = emailStep({ timing: { kind: 'slots', slots } })
    const previousAttempts = [{ channel: 'email' as const, at: at('2026-11-23T14:00:00Z') }]
    for (const leadSeed of leads(200)) {
      const due = dueAt(input({ step, leadSeed, previousAttempts })).at
      expect(hourIn(due)).toBeGreaterThanOrEqual(16)
      expect(hourIn(due)).toBeLessThan(18)
    }
  })

  it('with a single one it is used again, on another weekday', () => {
    const one = [{ from: '09:00', to: '10:00' }]
    const step = emailStep({ timing: { kind: 'slots', slots: one }, after: exactly(7 * DAY_MS) })
    const previousAttempts = [{ channel: 'email' as const, at: at('2026-11-23T14:30:00Z') }]
    const anchor = at('2026-11-23T14:30:00Z')
    const due = dueAt(input({ step, anchor, previousAttempts }))
    expect(hourIn(due.at)).toBe(9)
    expect(localTime(due.at, NEW_YORK).weekday).toBe(2)
    expect(due.because).toContain('another weekday than')
  })
})

describe('where clocks change', () => {
  it('a slot that the change skips is taken after the gap', () => {
    const slots = [{ from: '02:00', to: '03:30' }]
    const step = emailStep({ timing: { kind: 'slots', slots }, after: exactly(0) })
    // 2026-03-08 in New York: 02:00 becomes 03:00.
    for (const leadSeed of leads(50)) {
      const due = dueAt(input({ step, leadSeed, anchor: at('2026-03-08T06:30:00Z') })).at
      expect(toIso(due) >= '2026-03-08T07:00:00Z' && toIso(due) < '2026-03-08T07:30:00Z').toBe(true)
    }
  })

  it('hours are read from the zone at the target date, not from today', () => {
    const slots = [{ from: '09:00', to: '09:01' }]
    const step = emailStep({ timing: { kind: 'slots', slots }, after: exactly(2 * DAY_MS) })
    // Friday 30 October is in summer time, Sunday 1 November in winter time.
    const due = dueAt(input({ step, anchor: at('2026-10-30T12:00:00Z') })).at
    expect(toIso(due).slice(0, 16)).toBe('2026-11-01T14:00')
  })
})

describe('tasks and texts', () => {
  it('a task is due right after its delay', () => {
    const step = {
      kind: 'task' as const,
      id: 'call',
      after: exactly(3 * HOUR_MS),
      task: 'call' as const,
      title: 'Call',
      dueInMs: DAY_MS,
    }
    const given = input({ step, pausedMs: HOUR_MS })
    expect(dueAt(given).at).toBe(given.anchor + 4 * HOUR_MS)
  })

  it('an attempt on the other channel does not count', () => {
    const other = [{ channel: 'sms' as const, at: at('2026-11-23T15:00:00Z') }]
    expect(dueAt(input({ previousAttempts: other })).at).toBe(dueAt(input({})).at)
  })
})

const instants = fc
  .integer({ min: Date.parse('2026-01-01'), max: Date.parse('2028-12-31') })
  .map(instant)

/** Varied email steps of any delay, after up to four earlier attempts. */
function inputs(): fc.Arbitrary<DueInput> {
  const delays = fc.oneof(
    fc.integer({ min: 0, max: 20 * DAY_MS }).map(exactly),
    fc
      .tuple(fc.integer({ min: 0, max: 9 * DAY_MS }), fc.integer({ min: 1, max: 9 * DAY_MS }))
      .map(([min, length]) => between(min, min + length)),
  )
  const ages = fc.array(fc.integer({ min: 0, max: 30 * DAY_MS }), { maxLength: 4 })
  return fc
    .record({
      leadSeed: fc.uuid(),
      anchor: instants,
      pausedMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 * DAY_MS })),
      zone: fc.constantFrom(...ZONES),
      after: delays,
      ages,
    })
    .map(({ after, ages: all, ...rest }) => ({
      ...input({}),
      ...rest,
      step: emailStep({ after }),
      previousAttempts: all
        .toSorted((a, b) => a - b)
        .map((age) => ({ channel: 'email' as const, at: instant(rest.anchor - age) })),
    }))
}

function input(given: Partial<DueInput>): DueInput {
  return {
    step: emailStep({}),
    leadSeed: 'lead-1',
    episodeSeed: 'episode-1',
    anchor: at('2026-11-23T15:00:00Z'),
    pausedMs: 0,
    zone: NEW_YORK,
    previousAttempts: [],
    hours: null,
    spreadMs: 0,
    ...given,
  }
}

function emailStep(given: Partial<MessageStep>): MessageStep {
  return {
    kind: 'message',
    id: 'step',
    after: exactly(2 * DAY_MS),
    channel: 'email',
    template: 'new-lead/hello',
    timing: { kind: 'varied' },
    hours: 'preferred',
    staleAfterMs: null,
    ...given,
  }
}

function exactly(ms: number): StepDelay {
  return { kind: 'exactly', ms }
}

function between(minMs: number, maxMs: number): StepDelay {
  return { kind: 'between', minMs, maxMs }
}

function at(iso: string): Instant {
  const parsed = parseInstant(iso)
  if (parsed === null) throw new Error(`no instant: ${iso}`)
  return parsed
}

function leads(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `lead-${index}`)
}

function hourIn(due: Instant): number {
  return localTime(due, NEW_YORK).hour
}

function dateIn(due: Instant): number {
  return localTime(due, NEW_YORK).day
}

/** The four parts of 09:00–19:00; times outside belong to none of them. */
function partOfDay(msOfDay: number): number | string {
  const part = Math.floor((msOfDay - 9 * HOUR_MS) / (2.5 * HOUR_MS))
  return part >= 0 && part < 4 ? part : `outside ${msOfDay}`
}

function clockDistance(a: number, b: number): number {
  const apart = Math.abs(a - b)
  return Math.min(apart, DAY_MS - apart)
}

function countBy<T>(values: readonly T[]): ReadonlyMap<T, number> {
  const counts = new Map<T, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}
