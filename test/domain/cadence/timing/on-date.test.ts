import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dateWindow, type KnownDates } from '../../../../src/domain/cadence/timing/on-date.ts'
import { DAY_MS, HOUR_MS, plus } from '../../../../src/domain/time.ts'
import { localTime } from '../../../../src/domain/time-zones.ts'
import { at } from '../../policy/people.ts'

const NEW_YORK = 'America/New_York'
const KNOWN: KnownDates = {
  attributes: {
    ends: '2027-06-30',
    exact: '2027-06-30T15:00:00Z',
    broken: '2027-02-30',
    number: 20270630,
  },
  createdAt: at('2026-11-23T15:00:00Z'),
  dead: null,
}
const window = (field: string, offsetMs: number, dates: KnownDates = KNOWN) =>
  dateWindow({ field, offsetMs }, dates, NEW_YORK)

describe('a date on the lead', () => {
  it('wants its whole local day, so many days off', () => {
    expect(window('lead.attributes.ends', 0)).toEqual({
      from: at('2027-06-30T04:00:00Z'),
      lengthMs: DAY_MS,
    })
    // Across the change of clocks in March it is midnight all the same.
    expect(window('lead.attributes.ends', -120 * DAY_MS)?.from).toBe(at('2027-03-02T05:00:00Z'))
  })

  it('with a time, or with hours to it, is an instant', () => {
    expect(window('lead.attributes.exact', 0)).toEqual({
      from: at('2027-06-30T15:00:00Z'),
      lengthMs: 0,
    })
    expect(window('lead.attributes.ends', -6 * HOUR_MS)).toEqual({
      from: at('2027-06-29T22:00:00Z'),
      lengthMs: 0,
    })
  })

  it('that is missing or none is null', () => {
    for (const field of ['missing', 'broken', 'number']) {
      expect(window(`lead.attributes.${field}`, 0)).toBeNull()
    }
    expect(window('dead.contractEnds', 0)).toBeNull()
    expect(window('dead.until', 0)).toBeNull()
  })

  it('may be what the lead was dead for', () => {
    const dead = { reason: 'competitor', competitor: null, why: null, contractEnds: '2027-01-31' }
    expect(window('dead.contractEnds', -60 * DAY_MS, { ...KNOWN, dead } as KnownDates)?.from).toBe(
      at('2026-12-02T05:00:00Z'),
    )
    const until = at('2027-01-10T17:00:00Z')
    const later = { reason: 'postponing', postponements: [{ askedAt: until, until }] } as const
    expect(window('dead.until', 0, { ...KNOWN, dead: later })?.from).toBe(until)
  })

  it('is so many local days from itself, in any zone', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -300, max: 300 }),
        fc.constantFrom(NEW_YORK, 'America/Phoenix', 'Pacific/Honolulu', 'Australia/Lord_Howe'),
        (days, zone) => {
          const own = dateWindow({ field: 'lead.attributes.ends', offsetMs: 0 }, KNOWN, zone)
          const offsetMs = days * DAY_MS
          const off = dateWindow({ field: 'lead.attributes.ends', offsetMs }, KNOWN, zone)
          if (own === null || off === null) throw new Error('both are dates')
          expect(localTime(off.from, zone).day).toBe(localTime(own.from, zone).day + days)
          expect(localTime(off.from, zone).msOfDay).toBe(0)
          expect(localTime(plus(off.from, off.lengthMs), zone).day).toBe(
            localTime(off.from, zone).day + 1,
          )
        },
      ),
    )
  })
})
