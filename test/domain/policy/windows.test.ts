import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill/implementation'
import { describe, expect, it } from 'vitest'
import {
  allAllow,
  dayWindow,
  everyDay,
  firstCommon,
  nextAllowedAt,
  SEARCH_MS,
  type WindowConstraint,
  windowAllows,
} from '../../../src/domain/policy/windows.ts'
import {
  DAY_MS,
  HOUR_MS,
  type Instant,
  instant,
  MINUTE_MS,
  toIso,
} from '../../../src/domain/time.ts'
import { localDay } from '../../../src/domain/time-zones.ts'

const at = (iso: string): Instant => instant(Date.parse(iso))
const iso = (when: Instant | null) => (when === null ? null : toIso(when))

const daily = (
  zone: string,
  from: string,
  to: string,
  restDays: number[] = [],
): WindowConstraint => ({
  zone,
  week: everyDay(dayWindow(from, to), restDays),
})
const FEDERAL_NY = daily('America/New_York', '08:00', '21:00')

describe('one window', () => {
  it.each([
    ['2026-11-24T12:59:59.999Z', false],
    ['2026-11-24T13:00:00.000Z', true],
    ['2026-11-25T01:59:59.999Z', true],
    ['2026-11-25T02:00:00.000Z', false],
  ])('opens at 08:00:00 and closes before 21:00:00 (%s: %s)', (when, open) => {
    expect(windowAllows(FEDERAL_NY, at(when))).toBe(open)
  })

  it('keeps a margin before it closes', () => {
    const window = {
      zone: 'America/New_York',
      week: everyDay(dayWindow('08:00', '21:00', 15 * MINUTE_MS)),
    }
    expect(windowAllows(window, at('2026-11-25T01:44:59.999Z'))).toBe(true)
    expect(windowAllows(window, at('2026-11-25T01:45:00Z'))).toBe(false)
  })

  it('closes for good when the margin eats it whole', () => {
    const window = {
      zone: 'America/New_York',
      week: everyDay(dayWindow('08:00', '09:00', HOUR_MS)),
    }
    expect(nextAllowedAt([window], at('2026-11-24T13:00:00Z'))).toBeNull()
  })

  it('crosses midnight, and belongs to the day on which it opens', () => {
    const nights = daily('America/New_York', '22:00', '02:00', [7])
    expect(windowAllows(nights, at('2026-11-22T06:59:59Z'))).toBe(true) // Sunday 01:59, Saturday's
    expect(windowAllows(nights, at('2026-11-22T07:00:00Z'))).toBe(false)
    expect(windowAllows(nights, at('2026-11-23T04:00:00Z'))).toBe(false) // Sunday 23:00 rests
    expect(windowAllows(nights, at('2026-11-23T06:00:00Z'))).toBe(false) // Monday 01:00, Sunday's
    expect(iso(nextAllowedAt([nights], at('2026-11-22T07:00:00Z')))).toBe('2026-11-24T03:00:00Z')
  })

  it('is open around the clock from 00:00 to 24:00', () => {
    const always = daily('America/New_York', '00:00', '24:00')
    expect(windowAllows(always, at('2026-11-24T04:59:59.999Z'))).toBe(true)
    expect(windowAllows(always, at('2026-11-24T05:00:00Z'))).toBe(true)
  })

  it('is shut all of a closed day, also for what began the evening before', () => {
    const thanksgiving = localDay(2026, 11, 26)
    const nights = { ...daily('America/New_York', '20:00', '10:00'), closedOn: isDay(thanksgiving) }
    expect(windowAllows(nights, at('2026-11-26T04:59:59Z'))).toBe(true)
    expect(windowAllows(nights, at('2026-11-26T05:00:00Z'))).toBe(false)
    expect(iso(nextAllowedAt([nights], at('2026-11-26T05:00:00Z')))).toBe('2026-11-28T01:00:00Z')
  })

  it('allows everything outside its effective days, counted from local midnight', () => {
    const from = localDay(2026, 10, 18)
    const until = localDay(2026, 10, 20)
    const law = {
      ...daily('America/New_York', '09:00', '19:00'),
      effectiveFrom: from,
      effectiveUntil: until,
    }
    expect(windowAllows(law, at('2026-10-18T03:59:59Z'))).toBe(true)
    expect(windowAllows(law, at('2026-10-18T04:00:00Z'))).toBe(false)
    expect(windowAllows(law, at('2026-10-20T03:59:59Z'))).toBe(false)
    expect(windowAllows(law, at('2026-10-20T04:00:00Z'))).toBe(true)
    expect(iso(nextAllowedAt([law], at('2026-10-19T23:00:00Z')))).toBe('2026-10-20T04:00:00Z')
  })

  it('may be one of several in a day, in any order', () => {
    const parts = [
      dayWindow('16:00', '18:00'),
      dayWindow('09:00', '11:00'),
      dayWindow('13:00', '14:00'),
    ]
    const day = parts.filter((part) => part !== null)
    const window = { zone: 'America/New_York', week: Array.from({ length: 7 }, () => day) }
    expect(iso(nextAllowedAt([window], at('2026-11-24T05:00:00Z')))).toBe('2026-11-24T14:00:00Z')
    expect(iso(nextAllowedAt([window], at('2026-11-24T16:00:00Z')))).toBe('2026-11-24T18:00:00Z')
    expect(iso(nextAllowedAt([window], at('2026-11-24T19:00:00Z')))).toBe('2026-11-24T21:00:00Z')
    expect(iso(nextAllowedAt([window], at('2026-11-24T23:00:00Z')))).toBe('2026-11-25T14:00:00Z')
  })

  it('refuses times of day that are none', () => {
    for (const text of ['8:00', '24:01', '12:60', 'noon', '']) {
      expect(() => dayWindow(text, '21:00')).toThrow(RangeError)
      expect(() => dayWindow('08:00', text)).toThrow(RangeError)
    }
  })
})

describe('clock changes', () => {
  it('opens at 08:00 by the clock on both sides of a change', () => {
    expect(iso(nextAllowedAt([FEDERAL_NY], at('2026-03-08T04:00:00Z')))).toBe(
      '2026-03-08T12:00:00Z',
    )
    expect(iso(nextAllowedAt([FEDERAL_NY], at('2026-11-01T03:00:00Z')))).toBe(
      '2026-11-01T13:00:00Z',
    )
  })

  it('opens after the gap when the opening time is skipped', () => {
    const early = daily('America/New_York', '02:30', '04:00')
    expect(iso(nextAllowedAt([early], at('2026-03-08T06:00:00Z')))).toBe('2026-03-08T07:00:00Z')
  })

  it('finds nothing on a day whose whole window is skipped', () => {
    const skipped = daily('America/New_York', '02:00', '03:00')
    expect(iso(nextAllowedAt([skipped], at('2026-03-08T06:00:00Z')))).toBe('2026-03-09T06:00:00Z')
  })

  it('judges both showings of a repeated hour alike', () => {
    const window = daily('America/New_York', '01:15', '01:45')
    expect(windowAllows(window, at('2026-11-01T05:30:00Z'))).toBe(true)
    expect(windowAllows(window, at('2026-11-01T06:30:00Z'))).toBe(true)
    expect(iso(nextAllowedAt([window], at('2026-11-01T05:45:00Z')))).toBe('2026-11-01T06:15:00Z')
  })

  it('knows half-hour changes and days that never were', () => {
    const island = daily('Australia/Lord_Howe', '02:00', '02:30')
    // 2026-10-04: 02:00 becomes 02:30, so the window of that day does not exist.
    expect(iso(nextAllowedAt([island], at('2026-10-03T15:00:00Z')))).toBe('2026-10-04T15:00:00Z')
    const samoa = daily('Pacific/Apia', '08:00', '21:00')
    // 30 December 2011 was skipped whole.
    expect(iso(nextAllowedAt([samoa], at('2011-12-30T09:00:00Z')))).toBe('2011-12-30T18:00:00Z')
  })

  it('takes the weekday of the place, not of Greenwich', () => {
    const weekdays = daily('America/Los_Angeles', '18:00', '20:00', [6, 7])
    expect(iso(nextAllowedAt([weekdays], at('2026-11-20T20:00:00Z')))).toBe('2026-11-21T02:00:00Z')
  })
})

describe('the calendar', () => {
  it('has a leap day', () => {
    const closed = { ...FEDERAL_NY, closedOn: isDay(localDay(2028, 2, 29)) }
    expect(iso(nextAllowedAt([closed], at('2028-02-29T03:00:00Z')))).toBe('2028-03-01T13:00:00Z')
    expect(windowAllows(closed, at('2028-02-28T14:00:00Z'))).toBe(true)
  })

  it('goes on over the end of a year', () => {
    expect(iso(nextAllowedAt([FEDERAL_NY], at('2027-01-01T02:00:00Z')))).toBe(
      '2027-01-01T13:00:00Z',
    )
  })
})

describe('nextAllowedAt', () => {
  it('answers a whole second, never before the question', () => {
    expect(iso(nextAllowedAt([FEDERAL_NY], at('2026-11-24T15:00:00.001Z')))).toBe(
      '2026-11-24T15:00:01Z',
    )
    expect(iso(nextAllowedAt([FEDERAL_NY], at('2026-11-25T01:59:59.001Z')))).toBe(
      '2026-11-25T13:00:00Z',
    )
  })

  it('answers at once when nothing constrains', () => {
    expect(iso(nextAllowedAt([], at('2026-11-24T15:00:00Z')))).toBe('2026-11-24T15:00:00Z')
  })

  it('is null when places never agree', () => {
    const east = daily('America/New_York', '08:00', '10:00')
    const west = daily('Pacific/Honolulu', '08:00', '10:00')
    expect(nextAllowedAt([east, west], at('2026-11-24T15:00:00Z'))).toBeNull()
  })

  it('searches thirty days', () => {
    const start = localDay(2026, 6, 1)
    const shut = (days: number) => ({
      ...daily('America/Phoenix', '08:00', '21:00'),
      closedOn: (day: number) => day >= start && day < start + days,
    })
    const from = at('2026-06-01T15:00:00Z') // 08:00
    expect(iso(nextAllowedAt([shut(30)], from))).toBe('2026-07-01T15:00:00Z')
    expect(nextAllowedAt([shut(31)], from)).toBeNull()
  })
})

const ZONES = [
  'America/New_York',
  'America/Chicago',
  'America/Phoenix',
  'America/Adak',
  'America/St_Johns',
  'Europe/London',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Africa/Casablanca',
]
const clock = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom('00', '01', '15', '30', '59'))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${minute}`)

interface Drawn {
  readonly zone: string
  readonly from: string
  readonly to: string
  readonly restDays: number[]
  readonly closed: number[]
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  zone: fc.constantFrom(...ZONES),
  from: clock,
  to: clock,
  restDays: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { maxLength: 3 }),
  closed: fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 4 }),
})

/** Mostly near the clock changes and the turns of years and months, where mistakes live. */
const when = fc
  .tuple(
    fc.constantFrom(
      '2026-03-08T07:00:00Z',
      '2026-11-01T06:00:00Z',
      '2026-03-29T01:00:00Z',
      '2026-10-03T15:30:00Z',
      '2028-02-29T00:00:00Z',
      '2027-01-01T05:00:00Z',
      '2011-12-30T10:00:00Z',
      '2026-06-21T12:00:00Z',
    ),
    fc.integer({ min: -40 * HOUR_MS, max: 40 * HOUR_MS }),
  )
  .map(([near, offset]) => instant(Date.parse(near) + offset))

function build({ zone, from, to, restDays, closed }: Drawn, around: Instant): WindowConstraint {
  const first = Math.floor(around / DAY_MS) - 2
  return {
    zone,
    week: everyDay(dayWindow(from, to), restDays),
    closedOn: (day) => closed.includes(day - first),
  }
}

/** The same question asked of an independent calendar, in the plainest way. */
function oracleAllows(one: Drawn, around: Instant, asked: number): boolean {
  const first = Math.floor(around / DAY_MS) - 2
  const shown = Temporal.Instant.fromEpochMilliseconds(asked).toZonedDateTimeISO(one.zone)
  const time = shown.toPlainTime().toString({ smallestUnit: 'millisecond' })
  const today = shown.toPlainDate()
  const opens = (date: Temporal.PlainDate) =>
    !one.restDays.includes(date.dayOfWeek) && !isClosed(date)
  const isClosed = (date: Temporal.PlainDate) =>
    one.closed.includes(Date.parse(`${date.toString()}T00:00:00Z`) / DAY_MS - first)
  if (isClosed(today)) return false
  if (one.from < one.to) return opens(today) && time >= one.from && time < one.to
  return (opens(today) && time >= one.from) || (opens(today.subtract({ days: 1 })) && time < one.to)
}

describe('for any windows, places and instants', () => {
  it('allows exactly what an independent calendar allows', () => {
    fc.assert(
      fc.property(drawn, when, (one, asked) => {
        expect(windowAllows(build(one, asked), asked)).toBe(oracleAllows(one, asked, asked))
      }),
      { numRuns: 3_000 },
    )
  })

  it('the next allowed instant is allowed by all, and nothing before it is', () => {
    let found = 0
    fc.assert(
      fc.property(fc.array(drawn, { minLength: 1, maxLength: 4 }), when, (all, asked) => {
        const constraints = all.map((one) => build(one, asked))
        const next = nextAllowedAt(constraints, asked)
        if (next !== null) found++
        const allowed = (second: number) => all.every((one) => oracleAllows(one, asked, second))
        expect(next === null || (next % 1_000 === 0 && next >= asked && allowed(next))).toBe(true)
        expect(telling(asked, next ?? instant(asked + 12 * DAY_MS)).filter(allowed)).toEqual([])
      }),
      { numRuns: 150 },
    )
    expect(found).toBeGreaterThan(50)
  })

  it('finds the same instant as a walk that tries every second of the next hours', () => {
    fc.assert(
      fc.property(fc.array(drawn, { minLength: 1, maxLength: 3 }), when, (all, asked) => {
        const constraints = all.map((one) => build(one, asked))
        const start = Math.ceil(asked / 1_000) * 1_000
        const end = start + 2 * HOUR_MS
        let found: number | null = null
        for (let second = start; second < end && found === null; second += 1_000) {
          if (allAllow(constraints, instant(second))) found = second
        }
        const next = nextAllowedAt(constraints, asked)
        // Beyond the hours that were walked there is nothing to compare.
        expect(next === null || next >= end ? null : next).toBe(found)
      }),
      { numRuns: 150 },
    )
  })

  it('firstCommon joins judges of any kind', () => {
    const fromHour = (hour: number) => (from: Instant, limit: Instant) => {
      const opens = instant(Math.max(from, at('2026-11-24T00:00:00Z') + hour * HOUR_MS))
      return opens > limit ? null : opens
    }
    const judges = [fromHour(3), fromHour(7), fromHour(5)]
    expect(iso(firstCommon(judges, at('2026-11-24T01:00:00Z')))).toBe('2026-11-24T07:00:00Z')
    expect(firstCommon([() => null], at('2026-11-24T01:00:00Z'))).toBeNull()
    expect(firstCommon([fromHour(24 * 31)], at('2026-11-24T00:00:00Z'), SEARCH_MS)).toBeNull()
  })
})

/** Seconds in [from, next) worth a look: around each full quarter of an hour, and the last one. */
function telling(from: Instant, next: Instant): number[] {
  const seconds: number[] = []
  const start = Math.ceil(from / 1_000) * 1_000
  const quarter = 15 * MINUTE_MS
  const bound = Math.min(next, start + 3 * DAY_MS)
  for (let tick = Math.floor(start / quarter) * quarter; tick <= bound; tick += quarter) {
    seconds.push(tick - 60_000, tick - 1_000, tick, tick + 60_000)
  }
  seconds.push(start, next - 1_000)
  return seconds.filter((second) => second >= start && second < next)
}

function isDay(wanted: number): (day: number) => boolean {
  return (day) => day === wanted
}
