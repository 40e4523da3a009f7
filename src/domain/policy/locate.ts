import { isZone } from '../time-zones.ts'
import { type PhoneArea, phoneArea } from './area-codes.ts'
import { canadaFile, jurisdictionsFile } from './data.ts'
import type { OverrideName, PolicyPerson, PolicyRules } from './types.ts'
import { zoneOfZip } from './zip-zones.ts'

/** Where a person may be, and how we know. Every candidate zone must allow a text. */
export interface Location {
  readonly phone: PhoneArea | null
  /** Two-letter codes: the phone's state and the given one. Empty when none is known. */
  readonly states: readonly string[]
  /** IANA zones, never empty: with no evidence, every zone of the fifty states and D.C. */
  readonly zones: readonly string[]
  /** One sentence per piece of evidence, without contact data. */
  readonly evidence: readonly string[]
  /** What was given and could not be used; to be shown on the lead. */
  readonly warnings: readonly string[]
  /** The override that set the area code aside; null when it counts. */
  readonly setAside: OverrideName | null
}

export interface BestZone {
  readonly zone: string
  readonly from: 'explicit' | 'zip' | 'state' | 'area_code' | 'company'
}

/** What tells where a person is. */
export type Place = Pick<PolicyPerson, 'phone' | 'state' | 'zip' | 'timezone'>

/** What the company's settings change about the reading of places. */
export type PlaceRules = Pick<PolicyRules, 'countryPacks' | 'overrides'>

type Packs = Pick<PolicyRules, 'countryPacks'>

interface AddressZones {
  readonly zones: readonly string[]
  readonly from: 'explicit' | 'zip' | 'state'
}

const { states } = jurisdictionsFile
const stateCodes = codesByName(states)
const provinceCodes = codesByName(canadaFile.provinces)
const AS_SHIPPED: PlaceRules = { countryPacks: [], overrides: [] }

/** Every zone of the fifty states and the District of Columbia: the answer to "who knows where". */
export const EVERY_ZONE: readonly string[] = [
  ...new Set(
    Object.values(states).flatMap(({ kind, zones }) => (kind === 'territory' ? [] : zones)),
  ),
]

/** Places by what was given, kept: the same few are asked for again and again. */
const kept = new Map<string, Location>()
const MOST_KEPT = 20_000
const LONGEST_KEPT = 300

/**
 * The candidate states and zones of a person: those of the phone's area code, joined with the best
 * evidence of the address (the time zone given, else that of the ZIP, else those of the state
 * given). What is invalid counts as absent, and a warning says so. The same evidence gives the same
 * object.
 */
export function locate(person: Place, rules: PlaceRules = AS_SHIPPED): Location {
  const phone = person.phone === null ? null : phoneArea(person.phone.value, rules.countryPacks)
  const key = keyOf(phone, person, rules)
  const known = kept.get(key)
  if (known !== undefined) return known
  const found = find(phone, person, rules)
  if (key.length > LONGEST_KEPT) return found
  if (kept.size >= MOST_KEPT) kept.clear()
  kept.set(key, found)
  return found
}

function keyOf(phone: PhoneArea | null, person: Place, rules: PlaceRules): string {
  const area = phone === null ? '' : phoneKey(phone)
  const { timezone, zip, state } = person
  return JSON.stringify([area, timezone, zip, state, rules.countryPacks, addressFirst(rules)])
}

function phoneKey(phone: PhoneArea): string {
  if (phone.kind === 'foreign') return phone.country
  return phone.kind === 'not_a_phone' ? phone.kind : phone.areaCode
}

function addressFirst({ overrides }: PlaceRules): boolean {
  return overrides.includes('address-over-area-code')
}

function find(phone: PhoneArea | null, person: Place, rules: PlaceRules): Location {
  const evidence: string[] = []
  const warnings: string[] = []
  const ofPhone = phone?.kind === 'us' || phone?.kind === 'ca' ? phone : null
  if (phone !== null) evidence.push(describePhone(phone))

  const address = addressZones(person, rules)
  describeAddress(person, rules, address, evidence, warnings)

  const given = stateOf(person.state, rules)
  const setAside = ofPhone !== null && given !== null && addressFirst(rules)
  if (setAside) evidence.push('the area code is set aside: the address names a state')
  const counted = setAside ? null : ofPhone
  const known = [...new Set([...(counted?.zones ?? []), ...(address?.zones ?? [])])]
  const places = [...new Set([...statesOf(counted), ...(given === null ? [] : [given])])]
  if (known.length === 0) {
    evidence.push('no place is known: every zone of the fifty states and D.C. counts')
  } else if (places.length === 0 && counted?.kind !== 'ca') {
    evidence.push('no state is known: the hours common to all states count')
  }
  return {
    phone,
    states: places,
    zones: known.length === 0 ? EVERY_ZONE : known,
    evidence,
    warnings,
    setAside: setAside ? 'address-over-area-code' : null,
  }
}

function statesOf(area: Extract<PhoneArea, { kind: 'us' | 'ca' }> | null): readonly string[] {
  if (area === null) return []
  return area.kind === 'us' ? [area.state] : area.provinces
}

/**
 * The one zone in which to tell a person's local time, and in which emails keep preferred hours.
 * A state or area code of several zones gives the one where most of the state's people are.
 * Calling windows never rest on it: see locate().
 */
export function bestZone(
  person: Place,
  rules: Pick<PolicyRules, 'companyZone' | 'countryPacks'>,
): BestZone {
  const { companyZone } = rules
  const address = addressZones(person, rules)
  if (address?.zones[0] !== undefined) return { zone: address.zones[0], from: address.from }
  const phone = person.phone === null ? null : phoneArea(person.phone.value, rules.countryPacks)
  if (phone?.kind !== 'us' && phone?.kind !== 'ca') return { zone: companyZone, from: 'company' }
  const most = statesOf(phone).flatMap((state) => rowOf(state)?.zones ?? [])
  const main = most.find((zone) => phone.zones.includes(zone))
  return { zone: main ?? phone.zones[0] ?? companyZone, from: 'area_code' }
}

/** The best evidence an address gives, the more exact first. */
function addressZones(person: Place, rules: Packs): AddressZones | null {
  const zone = zoneOf(person.timezone)
  if (zone !== null) return { zones: [zone], from: 'explicit' }
  const ofZip = zipZoneOf(person.zip)
  if (ofZip !== null) return { zones: [ofZip], from: 'zip' }
  const state = stateOf(person.state, rules)
  const row = state === null ? undefined : rowOf(state)
  return row === undefined ? null : { zones: row.zones, from: 'state' }
}

function zoneOf(given: string | null): string | null {
  const zone = given?.trim() ?? ''
  return isZone(zone) ? zone : null
}

function zipZoneOf(given: string | null): string | null {
  return given === null ? null : zoneOfZip(given.trim())
}

/** The two-letter code of a state given as code or name, in any case; null when it is none. */
function stateOf(given: string | null, { countryPacks }: Packs): string | null {
  const written = given?.trim().toUpperCase() ?? ''
  const province = countryPacks.includes('CA') ? provinceCodes.get(written) : undefined
  return stateCodes.get(written) ?? province ?? null
}

function rowOf(
  state: string,
): { readonly name: string; readonly zones: readonly string[] } | undefined {
  return states[state] ?? canadaFile.provinces[state]
}

function describePhone(phone: PhoneArea): string {
  switch (phone.kind) {
    case 'us':
      return `area code ${phone.areaCode}: ${nameOf(phone.state)} (${phone.zones.join(', ')})`
    case 'ca': {
      const provinces = phone.provinces.map(nameOf).join(', ')
      return `area code ${phone.areaCode}: ${provinces || 'Canada'} (${phone.zones.join(', ')})`
    }
    case 'foreign':
      return `the phone number belongs to ${phone.country}`
    case 'toll_free':
      return `toll-free code ${phone.areaCode}: no place`
    case 'personal':
      return `personal code ${phone.areaCode}: no place`
    case 'premium':
      return `premium-rate code ${phone.areaCode}: no place`
    case 'unknown':
      return `area code ${phone.areaCode} is in no list: no place`
    case 'not_a_phone':
      return 'the phone number cannot be read: no place'
  }
}

function describeAddress(
  person: Place,
  rules: Packs,
  address: AddressZones | null,
  evidence: string[],
  warnings: string[],
): void {
  if (address?.from === 'explicit') evidence.push(`time zone given: ${address.zones.join(', ')}`)
  else if (isGiven(person.timezone)) {
    warnings.push(
      `the time zone given${quoted(person.timezone)} is no IANA zone of a place and counts as absent`,
    )
  }
  const zip = zipZoneOf(person.zip)
  if (zip !== null) {
    evidence.push(`ZIP code given: ${address?.from === 'zip' ? zip : 'its zone is not needed'}`)
  } else if (isGiven(person.zip)) {
    warnings.push(
      'the ZIP code given is in no list of places (military codes and some post-office boxes are not) and counts as absent',
    )
  }
  const state = stateOf(person.state, rules)
  if (state !== null) {
    const used = address?.from === 'state' ? address.zones.join(', ') : 'its zones are not needed'
    evidence.push(`state given: ${nameOf(state)} (${used})`)
  } else if (isGiven(person.state)) {
    warnings.push(
      `the state given${quoted(person.state)} is none of the country and counts as absent`,
    )
  }
}

function isGiven(text: string | null): text is string {
  return text !== null && text.trim() !== ''
}

/** Quotes what was given only when it cannot be contact data that slipped into the wrong field. */
function quoted(text: string): string {
  const trimmed = text.trim()
  return /^[A-Za-z][A-Za-z_/-]{0,39}$|^[+-]\d{2}:?\d{2}$/.test(trimmed) ? ` (${trimmed})` : ''
}

function nameOf(state: string): string {
  return rowOf(state)?.name ?? state
}

function codesByName(
  rows: Readonly<Record<string, { readonly name: string }>>,
): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(rows).flatMap(([code, { name }]) => [
      [code, code],
      [name.toUpperCase(), code],
    ]),
  )
}
