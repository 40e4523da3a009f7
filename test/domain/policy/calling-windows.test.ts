import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { areaCodesFile, jurisdictionsFile } from '../../../src/domain/policy/data.ts'
import { legalWindow } from '../../../src/domain/policy/legal-window.ts'
import { DAY_MS, HOUR_MS, instant, MINUTE_MS, toIso } from '../../../src/domain/time.ts'
import { atLocal, dayOfDate } from '../../../src/domain/time-zones.ts'
import { at, point } from './people.ts'
import { type Asked, plainAllows, plainPlace } from './plain-reading.ts'

const NOWHERE: Asked = { phone: null, state: null, zip: null, timezone: null }

const ask = (asked: Partial<Asked>, now: number) => {
  const { phone, ...place } = { ...NOWHERE, ...asked }
  return legalWindow({ ...place, phone: phone === null ? null : point(phone) }, 'sms', instant(now))
}
const allowed = (asked: Partial<Asked>, iso: string) => ask(asked, at(iso)).allowed
const next = (asked: Partial<Asked>, iso: string) => {
  const { nextAllowedAt } = ask(asked, at(iso))
  return nextAllowedAt === null ? null : toIso(nextAllowedAt)
}

/** Hours by hand, from the notes on each statute: Mon–Fri, Saturday, Sunday; "-" is closed. */
const STATES: Readonly<Record<string, readonly [string, string, string]>> = {
  AL: ['8-20', '8-20', '-'],
  CT: ['9-20', '9-20', '9-20'],
  FL: ['8-20', '8-20', '8-20'],
  KY: ['10-21', '10-21', '10-21'],
  LA: ['8-20', '8-20', '-'],
  MD: ['8-20', '8-20', '8-20'],
  MA: ['8-20', '8-20', '8-20'],
  MI: ['9-21', '9-21', '9-21'],
  MN: ['9-21', '9-21', '9-21'],
  MS: ['8-20', '8-20', '-'],
  NV: ['9-20', '9-20', '9-20'],
  NM: ['9-21', '9-21', '9-21'],
  OK: ['8-20', '8-20', '8-20'],
  OR: ['8-20', '8-20', '8-20'],
  PA: ['9-19', '9-19', '-'],
  RI: ['9-18', '10-17', '-'],
  SD: ['9-21', '9-21', '-'],
  TX: ['9-21', '9-21', '12-21'],
  UT: ['8-21', '8-21', '-'],
  WA: ['8-20', '8-20', '8-20'],
  WY: ['8-20', '8-20', '8-20'],
}
const FEDERAL = ['8-21', '8-21', '8-21'] as const
const AS_FEDERAL =
  'AK AR AZ CA CO DC DE GA HI IA ID IL IN KS ME MO MT NC ND NE NH NJ NY OH PR SC TN VA VT WI WV'

/** A week in winter without any holiday, so that Mississippi's second clock agrees with its first. */
const DAYS = [
  ['2026-12-08', 0], // Tuesday
  ['2026-12-12', 1],
  ['2026-12-13', 2],
] as const

const rows = [
  ...Object.entries(STATES),
  ...AS_FEDERAL.split(' ').map((state) => [state, FEDERAL] as const),
]

describe('the hours of each state', () => {
  it('are written down here for all fifty, D.C. and Puerto Rico', () => {
    const withHours = Object.entries(jurisdictionsFile.states).filter(([, { hours }]) => hours)
    expect(rows.map(([state]) => state).sort()).toEqual(withHours.map(([state]) => state).sort())
  })

  it.each(rows)('%s, to the second, on each kind of day: %j', (state, hours) => {
    const zones = jurisdictionsFile.states[state]?.zones ?? []
    for (const zone of zones) {
      for (const [date, kind] of DAYS) {
        const where = { state, timezone: zone }
        const local = (hour: number, ms = 0) => atLocal(dayOfDate(date), hour * HOUR_MS, zone) + ms
        const open = (now: number) => ask(where, now).allowed
        const text = hours[kind] ?? '-'
        if (text === '-') {
          for (let hour = 0; hour < 24; hour++) expect(open(local(hour))).toBe(false)
          continue
        }
        const [from = 0, to = 0] = text.split('-').map(Number)
        const told = [local(from, -1), local(from), local(to, -1), local(to)].map(open)
        expect([zone, date, ...told]).toEqual([zone, date, false, true, true, false])
        expect([from, ask(where, local(0)).nextAllowedAt]).toEqual([from, local(from)])
      }
    }
  })

  it('count for the area code as for the address', () => {
    // 20:30 in Miami, by number, by address, and by a number from elsewhere with that address.
    const evening = '2026-12-09T01:30:00Z'
    expect(allowed({ phone: '+12125550142' }, evening)).toBe(true)
    expect(allowed({ phone: '+13055550142' }, evening)).toBe(false)
    expect(allowed({ phone: '+12125550142', state: 'FL' }, evening)).toBe(false)
    expect(allowed({ phone: '+13055550142', state: 'NY' }, evening)).toBe(false)
  })
})

describe('holidays', () => {
  it.each([
    ['AL', '2026-04-27T17:00:00Z', false],
    ['GA', '2026-04-27T17:00:00Z', true],
    ['LA', '2026-11-27T17:00:00Z', false],
    ['PA', '2026-11-26T17:00:00Z', false],
    ['NY', '2026-11-26T17:00:00Z', true],
    ['RI', '2026-08-10T17:00:00Z', false],
    ['UT', '2026-06-15T17:00:00Z', false],
    ['UT', '2026-06-19T17:00:00Z', true],
    ['UT', '2027-03-26T17:00:00Z', false],
    ['MS', '2026-12-25T17:00:00Z', true], // its ban on holidays was repealed
    ['UT', '2027-12-31T19:00:00Z', false], // New Year's Day 2028 is a Saturday
  ])('in %s at %s: allowed %s', (state, when, expected) => {
    expect(allowed({ state }, when)).toBe(expected)
  })

  it('close the day by the clock of each zone, from midnight to midnight', () => {
    const where = { state: 'AL', timezone: 'America/Chicago' }
    expect(next(where, '2026-11-26T02:00:00Z')).toBe('2026-11-27T14:00:00Z')
    // Christmas is a Friday: closed from Thursday evening to Saturday morning.
    expect(next(where, '2026-12-25T02:00:00Z')).toBe('2026-12-26T14:00:00Z')
  })

  it('close the unknown place on the days of every calendar', () => {
    // Victory Day of Rhode Island, Pioneer Day of Utah, Rosa Parks Day of Alabama.
    for (const day of ['2026-08-10', '2026-07-24', '2026-12-01']) {
      expect(allowed({}, `${day}T21:30:00Z`)).toBe(false)
    }
    expect(allowed({}, '2026-12-02T21:30:00Z')).toBe(true)
  })
})

describe('rows with a date', () => {
  it('bind from local midnight on: Pennsylvania on 2026-10-18, a Sunday', () => {
    const where = { phone: '+12155550142' }
    expect(allowed(where, '2026-10-18T00:30:00Z')).toBe(true) // Saturday 20:30
    expect(next(where, '2026-10-18T02:00:00Z')).toBe('2026-10-19T13:00:00Z') // no Sundays any more
    expect(allowed(where, '2026-10-11T17:00:00Z')).toBe(true) // a Sunday before it
  })

  it('are the federal hours before, without holidays', () => {
    expect(allowed({ state: 'PA' }, '2026-09-07T17:00:00Z')).toBe(true) // Labor Day
    expect(allowed({ state: 'OR', timezone: 'America/Los_Angeles' }, '2025-12-31T04:30:00Z')).toBe(
      true,
    )
    expect(allowed({ state: 'OR', timezone: 'America/Los_Angeles' }, '2026-01-01T04:30:00Z')).toBe(
      true,
    )
    expect(allowed({ state: 'OR', timezone: 'America/Los_Angeles' }, '2026-01-02T04:30:00Z')).toBe(
      false,
    )
    expect(allowed({ state: 'TX', timezone: 'America/Chicago' }, '2025-08-31T14:00:00Z')).toBe(true)
    expect(allowed({ state: 'TX', timezone: 'America/Chicago' }, '2025-09-07T14:00:00Z')).toBe(
      false,
    )
  })
})

describe("Mississippi's Central Standard Time", () => {
  const where = { phone: '+16015550142' }

  it('keeps a second window all year, so that in summer nothing leaves before 09:00', () => {
    expect(next(where, '2026-07-14T13:00:00Z')).toBe('2026-07-14T14:00:00Z') // 09:00 CDT
    expect(allowed(where, '2026-07-15T00:59:59Z')).toBe(true) // 19:59:59 CDT
    expect(allowed(where, '2026-07-15T01:00:00Z')).toBe(false)
    expect(next(where, '2026-12-08T13:00:00Z')).toBe('2026-12-08T14:00:00Z') // 08:00 CST
  })

  it('says which clock it was', () => {
    const [rule] = ask(where, at('2026-07-14T13:30:00Z')).rules
    expect(rule?.because).toBe(
      'It is 07:30 Central Standard Time, outside the 08:00–20:00 of that clock that Mississippi ' +
        'allows (Miss. Code 77-3-723(1), 77-3-705, 77-3-603; high confidence: the statute says ' +
        'Central Standard Time, which is read literally all year, beside local time).',
    )
  })
})

describe('places that are not wholly known', () => {
  it('keep the hours common to all states in the zone that is known', () => {
    const where = { timezone: 'America/Chicago' }
    expect(next(where, '2026-12-08T12:00:00Z')).toBe('2026-12-08T16:00:00Z') // Tuesday 10:00
    expect(allowed(where, '2026-12-08T23:59:59Z')).toBe(true)
    expect(allowed(where, '2026-12-09T00:00:00Z')).toBe(false) // 18:00
    expect(next(where, '2026-12-12T23:00:00Z')).toBe('2026-12-14T16:00:00Z') // Saturday 17:00
    expect(next({ zip: '60601' }, '2026-12-08T12:00:00Z')).toBe('2026-12-08T16:00:00Z')
  })

  it('keep them in every zone of the country when none is known', () => {
    for (const asked of [{}, { phone: '+18005550142' }, { phone: '+15555550142', state: 'ZZ' }]) {
      expect(next(asked, '2026-12-08T12:00:00Z')).toBe('2026-12-08T20:00:00Z') // 10:00 in Honolulu
      expect(allowed(asked, '2026-12-08T22:59:59Z')).toBe(true) // 17:59:59 in New York
      expect(allowed(asked, '2026-12-08T23:00:00Z')).toBe(false)
    }
  })

  it('let them stand in for a territory, in its own zone', () => {
    expect(next({ phone: '+16715550142' }, '2026-12-08T12:00:00Z')).toBe('2026-12-09T00:00:00Z')
    expect(next({ phone: '+13405550142' }, '2026-12-08T12:00:00Z')).toBe('2026-12-08T14:00:00Z')
    // Puerto Rico has a row, with the federal hours.
    expect(next({ phone: '+17875550142' }, '2026-12-08T11:00:00Z')).toBe('2026-12-08T12:00:00Z')
  })

  it('never agree between Guam and New York', () => {
    expect(ask({ phone: '+16715550142', state: 'NY' }, at('2026-12-08T12:00:00Z'))).toMatchObject({
      allowed: false,
      nextAllowedAt: null,
    })
  })

  it('take the ZIP before the zones of the state, and the zone given before the ZIP', () => {
    // Florida: Pensacola is an hour behind Miami.
    const seven = '2026-12-08T13:30:00Z' // 08:30 Miami, 07:30 Pensacola
    expect(allowed({ state: 'FL' }, seven)).toBe(false)
    expect(allowed({ state: 'FL', zip: '33101' }, seven)).toBe(true)
    expect(allowed({ state: 'FL', zip: '32501' }, seven)).toBe(false)
    expect(allowed({ state: 'FL', zip: '32501', timezone: 'America/New_York' }, seven)).toBe(true)
    expect(allowed({ state: 'FL', zip: '09012' }, seven)).toBe(false)
  })
})

describe('for any place and instant', () => {
  const codes = Object.keys(areaCodesFile.unitedStates)
  const number = (code: string) => `+1${code}5550142`
  const phones = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...codes).map(number) },
    { weight: 2, arbitrary: fc.constantFrom('800', '500', '555', '340', '671').map(number) },
    { weight: 1, arbitrary: fc.constantFrom(number('416'), '+447911123456') },
    { weight: 2, arbitrary: fc.constant(null) },
  )
  const places: fc.Arbitrary<Asked> = fc.record({
    phone: phones,
    state: fc.option(fc.constantFrom(...Object.keys(jurisdictionsFile.states), 'ZZ')),
    zip: fc.option(fc.constantFrom('42101', '46402', '97914', '99546-0001', '00000', '09012', 'x')),
    timezone: fc.option(
      fc.constantFrom(
        'America/New_York',
        'America/Phoenix',
        'Asia/Kolkata',
        'Australia/Lord_Howe',
        'Pacific/Apia',
        'Mars/Phobos',
        '+05:00',
        'Etc/GMT+5',
      ),
      { freq: 2 },
    ),
  })
  /** Clock changes, holidays and those that shift, the leap day, the turns of years, new rows. */
  const instants = fc
    .tuple(
      fc.constantFrom(
        '2026-03-08T07:00:00Z',
        '2026-11-01T06:00:00Z',
        '2026-10-18T04:00:00Z',
        '2026-01-01T07:00:00Z',
        '2026-11-26T12:00:00Z',
        '2026-07-03T12:00:00Z',
        '2027-07-04T12:00:00Z',
        '2027-12-31T18:00:00Z',
        '2028-02-29T12:00:00Z',
        '2026-06-17T12:00:00Z',
      ),
      fc.integer({ min: -40 * 4, max: 40 * 4 }),
      fc.constantFrom(-1_000, -1, 0, 0, 0, 1, 1_000, 123_456),
    )
    .map(([near, quarters, ms]) => at(near) + quarters * 15 * MINUTE_MS + ms)

  it('an instant is allowed exactly when the plain reading allows it', () => {
    fc.assert(
      fc.property(places, instants, (asked, now) => {
        expect(ask(asked, now).allowed).toBe(plainAllows(plainPlace(asked), now))
      }),
      { numRuns: 1_500 },
    )
  })

  it('nextAllowedAt is a whole second that the plain reading allows, and none before it is', () => {
    let found = 0
    fc.assert(
      fc.property(places, instants, (asked, now) => {
        const place = plainPlace(asked)
        const { nextAllowedAt: then } = ask(asked, now)
        const first = Math.ceil(now / 1_000) * 1_000
        if (then !== null) {
          found++
          expect(then % 1_000 === 0 && then >= now && plainAllows(place, then)).toBe(true)
        }
        const end = Math.min(then ?? Infinity, first + 10 * DAY_MS)
        const looked = [first, ...(then === null ? [] : [then - 1_000])].filter((ms) => ms < end)
        // Every window opens at a full half hour of its zone, and zones are off by such.
        const half = 30 * MINUTE_MS
        for (let ms = Math.ceil(first / half) * half; ms < end; ms += half) looked.push(ms)
        expect(looked.filter((ms) => ms >= first && plainAllows(place, ms))).toEqual([])
      }),
      { numRuns: 150 },
    )
    expect(found).toBeGreaterThan(80)
  })

  it('carries no contact data in what it says', () => {
    fc.assert(
      fc.property(places, instants, (asked, now) => {
        expect(JSON.stringify(ask(asked, now).rules)).not.toMatch(/5550142|7911123456|42101|99546/)
      }),
      { numRuns: 200 },
    )
  })
})
