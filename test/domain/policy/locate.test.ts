import { describe, expect, it } from 'vitest'
import { bestZone, EVERY_ZONE, locate } from '../../../src/domain/policy/locate.ts'
import { person, point } from './people.ts'

const HOME = 'America/Denver'

describe('locate', () => {
  it('takes state and zones from the area code', () => {
    const found = locate(person())
    expect(found).toMatchObject({ states: ['NY'], zones: ['America/New_York'], warnings: [] })
    expect(found.evidence).toEqual(['area code 212: New York (America/New_York)'])
  })

  it('joins the area code with the state given', () => {
    const found = locate(person({ state: 'tn' }))
    expect(found.states).toEqual(['NY', 'TN'])
    expect(found.zones).toEqual(['America/New_York', 'America/Chicago'])
    expect(found.evidence).toContain('state given: Tennessee (America/Chicago, America/New_York)')
  })

  it('prefers the zone given to the zones of the state, and keeps the state', () => {
    const found = locate(person({ state: 'TX', timezone: 'America/Denver' }))
    expect(found.states).toEqual(['NY', 'TX'])
    expect(found.zones).toEqual(['America/New_York', 'America/Denver'])
    expect(found.evidence).toContain('time zone given: America/Denver')
    expect(found.evidence).toContain('state given: Texas (its zones are not needed)')
  })

  it('takes the ZIP before the zones of the state, and never a state from a ZIP', () => {
    const found = locate(person({ state: 'TN', zip: ' 37402 ' }))
    expect(found).toMatchObject({ states: ['NY', 'TN'], zones: ['America/New_York'] })
    expect(found.evidence).toContain('ZIP code given: America/New_York')
    expect(locate(person({ phone: null, zip: '42101-1234' }))).toMatchObject({
      states: [],
      zones: ['America/Chicago'],
      evidence: [
        'ZIP code given: America/Chicago',
        'no state is known: the hours common to all states count',
      ],
    })
  })

  it.each(['09012', '00000', '1234', 'SW1A 1AA'])('treats the ZIP %s as absent, unsaid', (zip) => {
    const found = locate(person({ zip, state: 'CA' }))
    expect(found.zones).toEqual(['America/New_York', 'America/Los_Angeles'])
    expect(found.warnings).toEqual([
      'the ZIP code given is in no list of places (military codes and some post-office boxes are not) and counts as absent',
    ])
  })

  it('gives the same object for the same evidence, whoever it is', () => {
    const one = locate(person({ zip: '60601' }))
    expect(locate(person({ zip: '60601', phone: point('+12125550199') }))).toBe(one)
    expect(locate(person({ zip: '60602' }))).not.toBe(one)
    expect(locate(person({ state: 'a"|b', zip: 'c' }))).not.toBe(
      locate(person({ state: 'a"', zip: '|bc' })),
    )
  })

  it('counts both zones of a split area code', () => {
    expect(locate(person({ phone: point('+12085550142') })).zones).toEqual([
      'America/Denver',
      'America/Los_Angeles',
    ])
  })

  it('counts the state once when both sources name it', () => {
    expect(locate(person({ state: 'New York' })).states).toEqual(['NY'])
  })

  it.each(['Mars/Phobos', '+05:00', 'UTC', 'Etc/GMT+5', 'Eastern'])(
    'treats the zone %s as absent and says so',
    (timezone) => {
      const found = locate(person({ timezone, state: 'CA' }))
      expect(found.zones).toEqual(['America/New_York', 'America/Los_Angeles'])
      expect(found.warnings.join()).toMatch(/time zone given.* counts as absent/)
    },
  )

  it('treats an invalid state as absent and says so', () => {
    const found = locate(person({ state: 'ZZ' }))
    expect(found.states).toEqual(['NY'])
    expect(found.warnings).toEqual([
      'the state given (ZZ) is none of the country and counts as absent',
    ])
  })

  it('never repeats contact data that slipped into a wrong field', () => {
    const found = locate(person({ state: 'ada@example.com', timezone: '212 555 0142' }))
    expect(found.warnings).toHaveLength(2)
    expect(JSON.stringify([found.warnings, found.evidence])).not.toMatch(/ada|0142/)
  })

  it('says nothing of blank fields', () => {
    expect(locate(person({ state: ' ', timezone: '' })).warnings).toEqual([])
  })

  it.each([
    ['no phone', null],
    ['a toll-free number', '+18005550142'],
    ['a personal number', '+15005550142'],
    ['an area code in no list', '+15555550142'],
  ])('with %s and no address counts every zone of the country', (_, number) => {
    const found = locate(person({ phone: number === null ? null : point(number) }))
    expect(found.states).toEqual([])
    expect(found.zones).toBe(EVERY_ZONE)
    expect(found.evidence).toContain(
      'no place is known: every zone of the fifty states and D.C. counts',
    )
  })

  it('takes the address alone for a number without a place', () => {
    const found = locate(person({ phone: point('+18005550142'), timezone: 'Asia/Kolkata' }))
    expect(found.zones).toEqual(['Asia/Kolkata'])
  })

  it('keeps the zone of a territory', () => {
    expect(locate(person({ phone: point('+16715550142') }))).toMatchObject({
      states: ['GU'],
      zones: ['Pacific/Guam'],
    })
  })
})

describe('bestZone', () => {
  it.each([
    [{ timezone: 'America/Chicago', state: 'CA' }, 'America/Chicago', 'explicit'],
    [{ timezone: 'Mars/Phobos', state: 'CA' }, 'America/Los_Angeles', 'state'],
    [{ state: 'TN' }, 'America/Chicago', 'state'],
    [{ state: 'TN', zip: '37402' }, 'America/New_York', 'zip'],
    [{ zip: '09012' }, 'America/New_York', 'area_code'],
    [{}, 'America/New_York', 'area_code'],
    [{ phone: point('+12705550142') }, 'America/New_York', 'area_code'],
    [{ phone: point('+18505550142') }, 'America/New_York', 'area_code'],
    [{ phone: point('+16205550142') }, 'America/Chicago', 'area_code'],
    [{ phone: point('+14165550142') }, HOME, 'company'],
    [{ phone: point('+18005550142') }, HOME, 'company'],
    [{ phone: null }, HOME, 'company'],
  ] as const)('of %j is %s, from %s', (more, zone, from) => {
    expect(bestZone(person(more), { companyZone: HOME, countryPacks: [] })).toEqual({ zone, from })
  })
})

describe('the settings of the company', () => {
  const rules = (more: object) => ({ countryPacks: [], overrides: [], ...more }) as const

  it('open Canada, by number and by province', () => {
    const toronto = person({ phone: point('+14165550142') })
    expect(locate(toronto)).toMatchObject({ phone: { kind: 'foreign' }, states: [] })
    const canada = rules({ countryPacks: ['CA'] })
    expect(locate(toronto, canada)).toMatchObject({
      states: ['ON'],
      zones: ['America/Toronto'],
      evidence: ['area code 416: Ontario (America/Toronto)'],
    })
    expect(locate(person({ phone: null, state: 'Quebec' }), canada)).toMatchObject({
      states: ['QC'],
      zones: ['America/Toronto', 'America/Halifax', 'America/Blanc-Sablon'],
    })
    expect(locate(person({ phone: null, state: 'Quebec' })).warnings).toHaveLength(1)
    expect(bestZone(toronto, { ...canada, companyZone: HOME })).toEqual({
      zone: 'America/Toronto',
      from: 'area_code',
    })
  })

  it('set the area code aside where the address names a state, and only there', () => {
    const address = rules({ overrides: ['address-over-area-code'] })
    const moved = locate(person({ state: 'CA' }), address)
    expect(moved).toMatchObject({
      states: ['CA'],
      zones: ['America/Los_Angeles'],
      setAside: 'address-over-area-code',
    })
    expect(moved.evidence).toContain('the area code is set aside: the address names a state')
    const zipAlone = locate(person({ zip: '90001' }), address)
    expect(zipAlone).toMatchObject({
      states: ['NY'],
      zones: ['America/New_York', 'America/Los_Angeles'],
      setAside: null,
    })
  })
})
