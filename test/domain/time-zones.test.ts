import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill/implementation'
import { describe, expect, it } from 'vitest'
import { type Instant, instant, toIso } from '../../src/domain/time.ts'
import {
  atLocal,
  describeClock,
  describeLocal,
  isZone,
  localDay,
  localTime,
  weekdayOf,
} from '../../src/domain/time-zones.ts'

const ZONES = [
  'America/New_York',
  'America/Phoenix',
  'America/Adak',
  'Pacific/Honolulu',
  'America/St_Johns',
  'Europe/London',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Chatham',
  'Africa/Casablanca',
  'Africa/Cairo',
  'Antarctica/Troll',
  'America/Sao_Paulo',
]

const at = (iso: string): Instant => instant(Date.parse(iso))
const instants = fc.integer({ min: Date.UTC(1975, 0, 1), max: Date.UTC(2045, 0, 1) }).map(instant)

describe('localTime', () => {
  it('shows what an independent calendar shows, at any instant', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), instants, (zone, when) => {
        const expected = Temporal.Instant.fromEpochMilliseconds(when).toZonedDateTimeISO(zone)
        expect(localTime(when, zone)).toMatchObject({
          year: expected.year,
          month: expected.month,
          dayOfMonth: expected.day,
          weekday: expected.dayOfWeek,
          hour: expected.hour,
          minute: expected.minute,
          second: expected.second,
        })
      }),
      { numRuns: 2_000 },
    )
  })

  it('changes to the second where the clocks change', () => {
    const spring = at('2026-03-08T07:00:00Z')
    expect(localTime(instant(spring - 1), 'America/New_York')).toMatchObject({
      hour: 1,
      minute: 59,
    })
    expect(localTime(spring, 'America/New_York')).toMatchObject({ hour: 3, minute: 0 })
    const autumn = at('2026-11-01T06:00:00Z')
    expect(localTime(instant(autumn - 1), 'America/New_York')).toMatchObject({
      hour: 1,
      minute: 59,
    })
    expect(localTime(autumn, 'America/New_York')).toMatchObject({ hour: 1, minute: 0 })
  })

  it('knows the local weekday, not the one in Greenwich', () => {
    expect(localTime(at('2026-11-21T02:00:00Z'), 'America/Los_Angeles').weekday).toBe(5)
  })
})

describe('atLocal', () => {
  it('undoes localTime wherever the clock shows a time once', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), instants, (zone, when) => {
        const { day, msOfDay } = localTime(when, zone)
        const back = atLocal(day, msOfDay, zone)
        // Within a repeated hour it is the first showing.
        expect(back).toBeLessThanOrEqual(when)
        expect(localTime(back, zone)).toEqual(localTime(when, zone))
      }),
      { numRuns: 2_000 },
    )
  })

  it('gives the first instant after a gap for a time that a gap skips', () => {
    const day = localDay(2026, 3, 8)
    expect(toIso(atLocal(day, 2.5 * 3_600_000, 'America/New_York'))).toBe('2026-03-08T07:00:00Z')
  })

  it('gives the first showing of a repeated time', () => {
    const day = localDay(2026, 11, 1)
    expect(toIso(atLocal(day, 1.5 * 3_600_000, 'America/New_York'))).toBe('2026-11-01T05:30:00Z')
  })
})

describe('isZone', () => {
  it.each([
    'America/New_York',
    'US/Eastern',
    'america/chicago',
    'Asia/Kolkata',
    'EST5EDT',
    'Japan',
  ])('knows the place %s', (name) => expect(isZone(name)).toBe(true))

  it.each([
    '',
    'Mars/Phobos',
    '+05:00',
    '-0500',
    'UTC',
    'Etc/UTC',
    'Etc/GMT+5',
    'GMT',
    'GMT+5',
    'EST',
    'New York',
  ])('takes %j for no place', (name) => expect(isZone(name)).toBe(false))
})

describe('words', () => {
  it('tells local time as people do', () => {
    expect(describeLocal(at('2026-11-24T15:05:59Z'), 'America/New_York')).toBe(
      'Tue 24 Nov 10:05 New York',
    )
    expect(describeClock(at('2026-11-24T05:00:00Z'), 'America/Indiana/Knox')).toBe('23:00 Knox')
  })

  it('counts weekdays from Monday, before 1970 too', () => {
    expect(weekdayOf(localDay(1970, 1, 1))).toBe(4)
    expect(weekdayOf(localDay(1969, 12, 28))).toBe(7)
    expect(weekdayOf(localDay(2028, 2, 29))).toBe(2)
  })
})
