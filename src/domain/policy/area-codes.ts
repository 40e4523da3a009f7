import { areaCodesFile, canadaFile } from './data.ts'
import type { CountryPack } from './types.ts'

/** What the first digits of a phone number say about it. */
export type PhoneArea =
  /** A code of the fifty states, D.C. or a territory. */
  | {
      readonly kind: 'us'
      readonly areaCode: string
      readonly state: string
      readonly zones: readonly string[]
    }
  /** A Canadian number while the country pack CA is on; a code of no province lies in every zone. */
  | {
      readonly kind: 'ca'
      readonly areaCode: string
      readonly provinces: readonly string[]
      readonly zones: readonly string[]
    }
  /** Another country's number; `country` reads "Canada", or "another country" when unnamed. */
  | { readonly kind: 'foreign'; readonly country: string }
  /** +1 numbers that belong to no place. */
  | { readonly kind: 'toll_free' | 'personal' | 'premium'; readonly areaCode: string }
  /** +1 and a code in no list: newer than the data, or never assigned. */
  | { readonly kind: 'unknown'; readonly areaCode: string }
  | { readonly kind: 'not_a_phone' }

/** The area code counts even before an exchange that does not exist: more evidence is stricter. */
const NORTH_AMERICAN = /^\+1([2-9]\d{2})\d{7}$/
const OTHER_COUNTRY = /^\+[2-9]\d{5,14}$/

const CANADA = areaCodesFile.otherCountries.CA?.name
const areas = buildAreas()

/** Every zone of Canada: where a Canadian number without a province may be. */
const CANADIAN_ZONES = [
  ...new Set(Object.values(canadaFile.provinces).flatMap(({ zones }) => zones)),
]

/**
 * The area of a phone number in E.164 form ("+12125550142"). Numbers of a country are foreign
 * unless its pack is on. Never throws.
 */
export function phoneArea(e164: string, packs: readonly CountryPack[] = []): PhoneArea {
  const areaCode = NORTH_AMERICAN.exec(e164)?.[1]
  if (areaCode !== undefined) {
    const area = areas.get(areaCode) ?? { kind: 'unknown', areaCode }
    const enabled = area.kind === 'foreign' && area.country === CANADA && packs.includes('CA')
    return enabled ? canadianArea(areaCode) : area
  }
  return OTHER_COUNTRY.test(e164)
    ? { kind: 'foreign', country: 'another country' }
    : { kind: 'not_a_phone' }
}

function canadianArea(areaCode: string): PhoneArea {
  const row = canadaFile.areaCodes[areaCode]
  const { provinces, zones } = row ?? { provinces: [], zones: CANADIAN_ZONES }
  return { kind: 'ca', areaCode, provinces, zones }
}

export type PhoneKind =
  | 'mobile_or_landline'
  | 'toll_free'
  | 'personal'
  | 'premium'
  | 'foreign'
  | 'unknown_area_code'
  | 'not_a_phone'

/** What kind of number this is, as far as its digits tell (never mobile or landline alone). */
export function phoneKind(e164: string): PhoneKind {
  const { kind } = phoneArea(e164)
  if (kind === 'us' || kind === 'ca') return 'mobile_or_landline'
  return kind === 'unknown' ? 'unknown_area_code' : kind
}

export type Textable =
  | { readonly ok: true }
  /** Two sentences without the number: why it is so, and what to do. */
  | { readonly ok: false; readonly because: string; readonly fix: string }

/**
 * Whether a number (E.164) may be texted at all, at whatever hour: a warning at capture, and the
 * reason in decisions later. Personal (5XX) numbers may be; nothing tells their place, so they are
 * judged in every zone the address leaves open.
 */
export function canEverBeTexted(e164: string, packs: readonly CountryPack[] = []): Textable {
  const area = phoneArea(e164, packs)
  switch (area.kind) {
    case 'us':
    case 'ca':
    case 'personal':
    case 'unknown':
      return { ok: true }
    case 'toll_free':
      return {
        ok: false,
        because:
          'The phone number is toll-free: companies have such numbers, and no person reads texts there.',
        fix: 'Ask for the mobile number.',
      }
    case 'foreign':
      return {
        ok: false,
        because: `The phone number belongs to ${area.country}, and only numbers of the United States${packs.includes('CA') ? ' and Canada' : ''} are texted.`,
        fix: foreignFix(area.country),
      }
    case 'premium':
      return {
        ok: false,
        because: 'The phone number is a premium-rate (900) number, which no person carries.',
        fix: 'Ask for the mobile number.',
      }
    case 'not_a_phone':
      return {
        ok: false,
        because: 'The phone number is no number that can be dialled.',
        fix: 'Correct the phone number, with its area code.',
      }
  }
}

/** What to do about a number of another country. */
export function foreignFix(country: string): string {
  const other = 'Ask for a number of the United States, or write by email.'
  return country === CANADA ? `${other} The setting countryPacks opens Canada.` : other
}

function buildAreas(): ReadonlyMap<string, PhoneArea> {
  const { unitedStates, otherCountries, nonGeographic } = areaCodesFile
  const built = new Map<string, PhoneArea>()
  for (const [areaCode, { state, zones }] of Object.entries(unitedStates)) {
    built.set(areaCode, { kind: 'us', areaCode, state, zones })
  }
  for (const { name, codes } of Object.values(otherCountries)) {
    for (const areaCode of codes) built.set(areaCode, { kind: 'foreign', country: name })
  }
  for (const areaCode of nonGeographic.tollFree)
    built.set(areaCode, { kind: 'toll_free', areaCode })
  for (const areaCode of nonGeographic.personal) built.set(areaCode, { kind: 'personal', areaCode })
  for (const areaCode of nonGeographic.premium) built.set(areaCode, { kind: 'premium', areaCode })
  return built
}
