import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  areaCodesFile,
  canadaFile,
  holidaysFile,
  jurisdictionsFile,
} from '../../../src/domain/policy/data.ts'
import { dayWindow } from '../../../src/domain/policy/windows.ts'
import { isZone } from '../../../src/domain/time-zones.ts'

const zone = z.string().refine(isZone, 'an IANA zone')
const code = z.string().regex(/^[2-9]\d\d$/)
const date = z.iso.date()
const words = z.string().min(3)
const hours = z.string().refine((text) => {
  const [from = '', to = '', more] = text.split('-')
  return from < to && more === undefined && dayWindow(from, to) !== null
}, 'hours of one day')
const confidence = z.enum(['high', 'medium', 'low'])

const weekHours = z.strictObject({
  weekdays: hours.nullable(),
  saturday: hours.nullable(),
  sunday: hours.nullable(),
  atUtcOffset: z
    .strictObject({ offset: z.string(), zone: z.string(), clock: words, hours })
    .optional(),
})

const areaCodesShape = z.strictObject({
  version: date,
  about: z.array(words).min(1),
  sources: z.array(words).min(1),
  unitedStates: z.record(
    code,
    z.strictObject({
      state: z.string().length(2),
      zones: z.array(zone).min(1),
      disputedZones: z.array(zone).min(1).optional(),
      note: words.optional(),
      confidence: words.optional(),
    }),
  ),
  otherCountries: z.record(
    z.string().length(2),
    z.strictObject({ name: words, codes: z.array(code).min(1) }),
  ),
  nonGeographic: z.strictObject({
    tollFree: z.array(code),
    personal: z.array(code),
    premium: z.array(code),
  }),
})

const place = { name: words, zones: z.array(zone).min(1), note: words.optional() }
const sourceName = z.enum(Object.keys(jurisdictionsFile.sourceNames) as [string])
const source = z.union([z.url(), sourceName])
const stateRow = z.discriminatedUnion('kind', [
  z.strictObject({
    ...place,
    kind: z.enum(['state', 'district', 'territory']),
    hours: weekHours,
    holidays: z.enum(Object.keys(holidaysFile.calendars) as [string]).nullable(),
    effectiveFrom: date.nullable(),
    statute: words.nullable(),
    confidence,
    verification: words,
    consentLifts: z.enum(['yes', 'no', 'unclear']),
    doubt: words.optional(),
    sources: z.array(source),
  }),
])
const withoutHours = z.strictObject({
  ...place,
  kind: z.literal('territory'),
  hours: z.null(),
})

const jurisdictionsShape = z.strictObject({
  version: date,
  about: z.array(words).min(1),
  sourceNames: z.record(z.string(), words),
  federal: z.strictObject({ name: words, hours, statute: words, confidence, note: words }),
  unknown: z.strictObject({
    name: words,
    hours: weekHours,
    statute: words,
    confidence,
    note: words,
  }),
  zoneSources: z.array(words).min(1),
  states: z.record(z.string().length(2), z.union([stateRow, withoutHours])),
})

const names = (calendar: string) => holidaysFile.calendars[calendar]?.days.map(({ name }) => name)
const month = z.int().min(1).max(12)
const weekday = z.int().min(1).max(7)
const anyDay = {
  name: words,
  since: z.int().optional(),
  years: z.literal('even').optional(),
  counties: z.array(words).min(1).optional(),
  uncertain: z.boolean().optional(),
}
const day = z.discriminatedUnion('kind', [
  z.strictObject({ ...anyDay, kind: z.literal('date'), month, day: z.int().min(1).max(31) }),
  z.strictObject({
    ...anyDay,
    kind: z.literal('nth_weekday'),
    month,
    weekday,
    n: z.int().min(1).max(4),
    plusDays: z.int().optional(),
  }),
  z.strictObject({ ...anyDay, kind: z.literal('last_weekday'), month, weekday }),
  z.strictObject({ ...anyDay, kind: z.literal('easter'), offset: z.int() }),
  z.strictObject({ ...anyDay, kind: z.literal('election_day') }),
  z.strictObject({ ...anyDay, kind: z.literal('utah_juneteenth') }),
])

const holidaysShape = z.strictObject({
  version: date,
  about: z.array(words).min(1),
  calendars: z.record(
    z.string(),
    z.strictObject({
      name: words,
      statute: words,
      confidence,
      doubt: words.optional(),
      note: words,
      sources: z.array(source).min(1),
      observance: z.array(
        z.strictObject({
          when: z.enum(['saturday', 'sunday']),
          closeAlso: z.enum(['previous', 'next']),
          only: z.array(words).min(1).optional(),
        }),
      ),
      days: z.array(day).min(1),
    }),
  ),
})

const canadaShape = z.strictObject({
  version: date,
  about: z.array(words).min(1),
  sources: z.array(words).min(1),
  hours: weekHours,
  statute: words,
  confidence,
  doubt: words,
  note: words,
  provinces: z.record(z.string().length(2), z.strictObject(place)),
  areaCodes: z.record(
    code,
    z.strictObject({
      provinces: z.array(z.string().length(2)).min(1),
      zones: z.array(zone).min(1),
    }),
  ),
})

describe('the data files', () => {
  it.each([
    ['area-codes.json', areaCodesShape, areaCodesFile],
    ['jurisdictions.json', jurisdictionsShape, jurisdictionsFile],
    ['holidays.json', holidaysShape, holidaysFile],
    ['canada.json', canadaShape, canadaFile],
  ] as const)('%s has the shape that the code relies on', (_, shape, file) => {
    expect(shape.safeParse(file).error?.issues ?? []).toEqual([])
  })

  it('name a source for every row, and a doubt for every row that is not sure', () => {
    for (const [state, row] of Object.entries(jurisdictionsFile.states)) {
      if (row.hours === null) continue
      // Puerto Rico was not looked up, and its row says so.
      expect([state, row.sources.length > 0 || row.doubt !== undefined]).toEqual([state, true])
      expect([state, row.confidence !== 'low' || row.doubt !== undefined]).toEqual([state, true])
    }
  })

  it('shift no day by a name that the calendar does not have', () => {
    for (const [id, { observance }] of Object.entries(holidaysFile.calendars)) {
      for (const { only = [] } of observance)
        expect(names(id)).toEqual(expect.arrayContaining([...only]))
    }
  })

  it("use every calendar but the federal one in a state's row", () => {
    const used = Object.values(jurisdictionsFile.states).flatMap((row) =>
      row.hours === null ? [] : (row.holidays ?? []),
    )
    expect([...used, 'US-FED'].sort()).toEqual(Object.keys(holidaysFile.calendars).sort())
  })

  it("keep the unknown window within every state's hours on every day", () => {
    const within = (inner: string | null, outer: string | null) =>
      inner === null ||
      (outer !== null && inner.slice(0, 5) >= outer.slice(0, 5) && inner.slice(6) <= outer.slice(6))
    const { hours: common } = jurisdictionsFile.unknown
    for (const { hours: own } of Object.values(jurisdictionsFile.states)) {
      if (own === null) continue
      expect(within(common.weekdays, own.weekdays)).toBe(true)
      expect(within(common.saturday, own.saturday)).toBe(true)
      expect(within(common.sunday, own.sunday)).toBe(true)
    }
  })

  it("know Canada's provinces and zones for every code that has a place", () => {
    const codes = areaCodesFile.otherCountries.CA?.codes ?? []
    expect(Object.keys(canadaFile.areaCodes).filter((one) => !codes.includes(one))).toEqual([])
    const placeless = codes.filter((one) => canadaFile.areaCodes[one] === undefined)
    expect(placeless.join(' ')).toBe('273 600 622 633 644 655 677 688')
    for (const { provinces, zones } of Object.values(canadaFile.areaCodes)) {
      const ofProvinces = provinces.flatMap((one) => canadaFile.provinces[one]?.zones ?? [])
      expect(ofProvinces).toEqual(expect.arrayContaining([...zones]))
    }
  })
})
