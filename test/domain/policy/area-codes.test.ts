import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { describe, expect, it } from 'vitest'
import {
  canEverBeTexted,
  type PhoneArea,
  phoneArea,
  phoneKind,
} from '../../../src/domain/policy/area-codes.ts'
import { areaCodesFile, jurisdictionsFile } from '../../../src/domain/policy/data.ts'
import { EVERY_ZONE } from '../../../src/domain/policy/locate.ts'

const codesOf = [
  ...Object.keys(areaCodesFile.unitedStates),
  ...Object.values(areaCodesFile.otherCountries).flatMap(({ codes }) => codes),
  ...Object.values(areaCodesFile.nonGeographic).flat(),
]

describe('the area codes', () => {
  it('name each area code once', () => {
    expect(new Set(codesOf).size).toBe(codesOf.length)
    expect(Object.keys(areaCodesFile.unitedStates)).toHaveLength(378)
  })

  it('hold fifty states, the District of Columbia and five territories', () => {
    const kinds = Object.values(jurisdictionsFile.states).map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'state')).toHaveLength(50)
    expect(kinds.filter((kind) => kind === 'district')).toHaveLength(1)
    expect(kinds.filter((kind) => kind === 'territory')).toHaveLength(5)
  })

  it('give every area code a known state, and every state an area code', () => {
    const used = new Set(Object.values(areaCodesFile.unitedStates).map(({ state }) => state))
    expect([...used].sort()).toEqual(Object.keys(jurisdictionsFile.states).sort())
  })

  it("keep each area code's zones within its state's, and its state's zones within its codes'", () => {
    for (const [state, { zones }] of Object.entries(jurisdictionsFile.states)) {
      const rows = Object.values(areaCodesFile.unitedStates).filter((row) => row.state === state)
      // One Michigan code names Detroit, whose clock is New York's.
      const ofCodes = new Set(
        rows.flatMap((row) => [...row.zones, ...(row.disputedZones ?? [])]).map(sameClock),
      )
      expect([state, ...[...ofCodes].sort()]).toEqual([state, ...[...zones].sort()])
    }
  })

  it('know the eight clocks of the country', () => {
    expect([...EVERY_ZONE].sort()).toEqual([
      'America/Adak',
      'America/Anchorage',
      'America/Chicago',
      'America/Denver',
      'America/Los_Angeles',
      'America/New_York',
      'America/Phoenix',
      'Pacific/Honolulu',
    ])
  })

  it('put the codes that are split between zones into all of them', () => {
    const split = Object.entries(areaCodesFile.unitedStates)
      .filter(([, row]) => row.zones.length > 1)
      .map(([areaCode]) => areaCode)
    expect(split.join(' ')).toBe(
      '208 219 270 308 334 364 402 423 448 458 483 531 541 574 605 606 620 689 701 729 775 785 ' +
        '812 850 906 907 928 930 986',
    )
  })

  it('agree with the phone library on the country of every code that it knows', () => {
    const library: string[] = []
    const ours: string[] = []
    for (let areaCode = 200; areaCode < 1000; areaCode++) {
      const parsed = parsePhoneNumberFromString(`+1${areaCode}5550142`)
      if (parsed?.country === undefined || !parsed.isValid()) continue
      library.push(`${areaCode} ${libraryPlace(areaCode, parsed.country, parsed.getType())}`)
      ours.push(`${areaCode} ${ourPlace(phoneArea(parsed.number))}`)
    }
    expect(ours).toEqual(library)
    expect(ours.length).toBeGreaterThan(400)
  })
})

/** Canada's own codes for no place, which the library files under personal numbers. */
const CANADIAN = [600, 622, 633, 644, 655, 677, 688]

function libraryPlace(areaCode: number, country: string, type: string | undefined): string {
  if (CANADIAN.includes(areaCode)) return 'CA'
  if (type === 'TOLL_FREE') return 'toll_free'
  if (type === 'PERSONAL_NUMBER') return 'personal'
  if (type === 'PREMIUM_RATE') return 'premium'
  return ['PR', 'VI', 'GU', 'MP', 'AS'].includes(country) ? 'US' : country
}

function ourPlace(area: PhoneArea): string {
  if (area.kind === 'us') return 'US'
  return area.kind === 'foreign' ? countryNamed(area.country) : area.kind
}

describe('phoneArea', () => {
  it('reads the state and zones of a US number', () => {
    expect(phoneArea('+12085550142')).toEqual({
      kind: 'us',
      areaCode: '208',
      state: 'ID',
      zones: ['America/Denver', 'America/Los_Angeles'],
    })
  })

  it('leaves disputed zones out', () => {
    expect(phoneArea('+18655550142')).toMatchObject({ zones: ['America/New_York'] })
    expect(phoneArea('+14325550142')).toMatchObject({ zones: ['America/Chicago'] })
  })

  it.each([
    ['+12125550142', 'mobile_or_landline', true],
    ['+13575550142', 'mobile_or_landline', true],
    ['+16715550142', 'mobile_or_landline', true],
    ['+18005550142', 'toll_free', false],
    ['+15005550006', 'personal', true],
    ['+15555550142', 'unknown_area_code', true],
    ['+19005550142', 'premium', false],
    ['+14165550142', 'foreign', false],
    ['+18765550142', 'foreign', false],
    ['+12845550142', 'foreign', false],
    ['+18095550142', 'foreign', false],
    ['+447911123456', 'foreign', false],
    ['2125550142', 'not_a_phone', false],
    ['', 'not_a_phone', false],
    ['+1212555014', 'not_a_phone', false],
  ])('%s is %s; can ever be texted: %s', (number, kind, textable) => {
    expect(phoneKind(number)).toBe(kind)
    expect(canEverBeTexted(number).ok).toBe(textable)
  })

  it('says why a number is never texted, without the number', () => {
    expect(canEverBeTexted('+14165550142')).toEqual({
      ok: false,
      because:
        'The phone number belongs to Canada, and only numbers of the United States are texted.',
      fix: 'Ask for a number of the United States, or write by email. The setting countryPacks opens Canada.',
    })
    expect(canEverBeTexted('+18765550142')).toMatchObject({
      fix: 'Ask for a number of the United States, or write by email.',
    })
  })

  it('opens Canada, and Canada alone, when its pack is on', () => {
    expect(phoneArea('+18075550142', ['CA'])).toEqual({
      kind: 'ca',
      areaCode: '807',
      provinces: ['ON'],
      zones: ['America/Toronto', 'America/Winnipeg', 'America/Atikokan'],
    })
    expect(canEverBeTexted('+14165550142', ['CA']).ok).toBe(true)
    expect(canEverBeTexted('+18765550142', ['CA'])).toMatchObject({
      because: expect.stringContaining('the United States and Canada'),
    })
    // A code of no province may be anywhere from Vancouver to St. John's.
    const anywhere = phoneArea('+16005550142', ['CA'])
    expect(anywhere).toMatchObject({ kind: 'ca', provinces: [] })
    expect('zones' in anywhere && anywhere.zones).toContain('America/St_Johns')
  })
})

function sameClock(name: string): string {
  return name === 'America/Detroit' ? 'America/New_York' : name
}

function countryNamed(name: string): string {
  const found = Object.entries(areaCodesFile.otherCountries).find(([, row]) => row.name === name)
  return found?.[0] ?? name
}
