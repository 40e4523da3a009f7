import { describe, expect, it } from 'vitest'
import { calendarNamed, EVERY_CALENDAR, type Holiday } from '../../../src/domain/policy/holidays.ts'
import { dayOfDate, localDay } from '../../../src/domain/time-zones.ts'

/** Every closed day of a year as "MM-DD". */
function closedDays(id: string, year: number): string {
  const calendar = calendarNamed(id)
  const days: string[] = []
  for (let day = localDay(year, 1, 1); day < localDay(year + 1, 1, 1); day++) {
    if (calendar(day) !== null) days.push(new Date(day * 86_400_000).toISOString().slice(5, 10))
  }
  return days.join(' ')
}

const holiday = (id: string, date: string): Holiday | null => calendarNamed(id)(dayOfDate(date))

/**
 * Written by hand from the calendars of these years. 2026 begins on a Thursday, 2027 on a Friday,
 * 2028 on a Saturday (so that New Year's Day is observed in 2027) and has a leap day; Easter is on
 * April 5, March 28 and April 16.
 */
describe('the closed days of a year', () => {
  it.each([
    ['US-FED', 2026, '01-01 01-19 02-16 05-25 06-19 07-03 07-04 09-07 10-12 11-11 11-26 12-25'],
    [
      'US-FED',
      2027,
      '01-01 01-18 02-15 05-31 06-18 06-19 07-04 07-05 09-06 10-11 11-11 11-25 12-24 12-25 12-31',
    ],
    ['US-FED', 2028, '01-01 01-17 02-21 05-29 06-19 07-04 09-04 10-09 11-10 11-11 11-23 12-25'],
    [
      'AL',
      2026,
      '01-01 01-19 02-16 02-17 04-27 05-25 06-01 06-19 07-03 07-04 09-07 10-12 11-11 11-26 12-01 12-25',
    ],
    [
      'AL',
      2027,
      '01-01 01-18 02-09 02-15 04-26 05-31 06-07 06-18 06-19 07-04 07-05 09-06 10-11 11-11 11-25 12-01 12-24 12-25 12-31',
    ],
    [
      'AL',
      2028,
      '01-01 01-17 02-21 02-29 04-24 05-29 06-05 06-19 07-04 09-04 10-09 11-10 11-11 11-23 12-01 12-25',
    ],
    [
      'LA',
      2026,
      '01-01 01-08 01-19 02-16 02-17 04-03 05-25 06-19 07-03 07-04 08-30 09-07 10-12 11-01 11-03 11-11 11-26 11-27 12-25',
    ],
    [
      'LA',
      2027,
      '01-01 01-08 01-18 02-09 02-15 03-26 05-31 06-19 07-04 07-05 08-30 09-06 10-11 11-01 11-11 11-25 11-26 12-24 12-25 12-31',
    ],
    [
      'LA',
      2028,
      '01-01 01-08 01-17 02-21 02-29 04-14 05-29 06-19 07-04 08-30 09-04 10-09 11-01 11-07 11-11 11-23 11-24 12-25',
    ],
    [
      'PA',
      2026,
      '01-01 01-19 02-16 04-03 05-25 06-14 06-19 07-04 09-07 10-12 11-03 11-11 11-26 12-25',
    ],
    [
      'PA',
      2027,
      '01-01 01-18 02-15 03-26 05-31 06-14 06-19 07-04 07-05 09-06 10-11 11-02 11-11 11-25 12-25',
    ],
    [
      'PA',
      2028,
      '01-01 01-17 02-21 04-14 05-29 06-14 06-19 07-04 09-04 10-09 11-07 11-11 11-23 12-25',
    ],
    [
      'RI',
      2026,
      '01-01 01-19 02-16 05-04 05-25 06-19 07-03 07-04 08-10 09-07 10-12 11-03 11-11 11-26 12-25',
    ],
    [
      'RI',
      2027,
      '01-01 01-18 02-15 05-04 05-31 06-18 06-19 07-04 07-05 08-09 09-06 10-11 11-11 11-25 12-24 12-25 12-31',
    ],
    [
      'RI',
      2028,
      '01-01 01-17 02-21 05-04 05-29 06-19 07-04 08-14 09-04 10-09 11-07 11-10 11-11 11-23 12-25',
    ],
    [
      'UT',
      2026,
      '01-01 01-19 02-16 04-05 05-25 06-15 07-03 07-04 07-24 09-07 10-12 11-11 11-26 12-25',
    ],
    [
      'UT',
      2027,
      '01-01 01-18 02-15 03-26 03-28 05-31 06-21 07-04 07-05 07-23 07-24 09-06 10-11 11-11 11-25 12-24 12-25 12-31',
    ],
    [
      'UT',
      2028,
      '01-01 01-17 02-21 04-14 04-16 05-29 06-19 07-04 07-24 09-04 10-09 11-10 11-11 11-23 12-25',
    ],
  ])('of %s in %i', (id, year, expected) => {
    expect(closedDays(id, year)).toBe(expected)
  })
})

describe('observance', () => {
  it("moves Utah's Juneteenth to the Monday, and leaves June 19 itself open", () => {
    const mondays = { 2026: '06-15', 2027: '06-21', 2028: '06-19', 2029: '06-18', 2022: '06-20' }
    for (const [year, monday] of Object.entries(mondays)) {
      const june = closedDays('UT', Number(year))
        .split(' ')
        .filter((date) => date.startsWith('06'))
      expect([year, ...june]).toEqual([year, monday])
    }
  })

  it('closes the day and the observed day, and says which is which', () => {
    expect(holiday('US-FED', '2026-07-04')).toEqual({
      name: 'Independence Day',
      observed: false,
      careful: false,
    })
    expect(holiday('US-FED', '2026-07-03')).toMatchObject({ observed: true })
    expect(holiday('US-FED', '2027-12-31')).toMatchObject({
      name: "New Year's Day",
      observed: true,
    })
  })

  it('shifts only what a rule names', () => {
    // Pennsylvania: three days, from Sunday alone. Louisiana: three days. Rhode Island: the federal ones.
    expect(holiday('PA', '2026-07-03')).toBeNull()
    expect(holiday('PA', '2026-06-15')).toBeNull() // Flag Day was on the Sunday.
    expect(holiday('LA', '2026-11-02')).toBeNull() // All Saints' Day was on the Sunday.
    expect(holiday('LA', '2027-06-18')).toBeNull()
    expect(holiday('RI', '2030-05-03')).toBeNull() // May 4 is a Saturday.
    expect(holiday('RI', '2025-05-05')).toMatchObject({ observed: true }) // May 4 was a Sunday.
  })

  it('marks what may not bind: uncertain days and those of some counties', () => {
    expect(holiday('LA', '2026-11-27')).toMatchObject({ careful: true })
    expect(holiday('AL', '2026-02-17')).toMatchObject({ name: 'Mardi Gras', careful: true })
  })

  it('has Good Friday in Utah from 2027, and elections in the years that have them', () => {
    expect(holiday('UT', '2026-04-03')).toBeNull()
    expect(holiday('UT', '2027-03-26')).toMatchObject({ name: 'Good Friday' })
    expect(holiday('LA', '2027-11-02')).toBeNull()
    expect(holiday('RI', '2027-11-02')).toBeNull()
    expect(holiday('PA', '2027-11-02')).toMatchObject({ name: 'Election Day' })
  })

  it('finds Easter in every year of the century that is early, late or in between', () => {
    const sundays = ['2008-03-23', '2011-04-24', '2019-04-21', '2035-03-25', '2038-04-25']
    for (const sunday of sundays) {
      expect(holiday('UT', sunday)).toMatchObject({ name: 'Easter Sunday' })
    }
  })
})

describe('the calendars', () => {
  it('are six, and throw for a name that is none', () => {
    expect(EVERY_CALENDAR).toHaveLength(6)
    expect(() => calendarNamed('ZZ')).toThrow(/no calendar ZZ/)
  })
})
