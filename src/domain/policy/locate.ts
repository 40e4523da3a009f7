import { isZone } from '../time-zones.ts'
import { phoneArea, type PhoneArea } from './area-codes.ts'
import { jurisdictionsFile } from './data.ts'
import type { PolicyPerson } from './types.ts'

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
}

export interface BestZone {
  readonly zone: string
  readonly from: 'explicit' | 'zip' | 'state' | 'area_code' | 'company'
}

type Place = Pick<PolicyPerson, 'phone' | 'state' | 'timezone'>

interface AddressZones {
  readonly zones: readonly string[]
  readonly from: 'explicit' | 'zip' | 'state'
}

const { states } = jurisdictionsFile
const stateCodes: ReadonlyMap<string, string> = new Map(
  Object.entries(states).flatMap(([code, { name }]) => [
    [code, code],
    [name.toUpperCase(), code],
  ]),
)

/** Every zone of the fifty states and the District of Columbia: the answer to "who knows where". */
export const EVERY_ZONE: readonly string[] = [
  ...new Set(
    Object.values(states).flatMap(({ kind, zones }) => (kind === 'territory' ? [] : zones)),
  ),
]

/**
 * The candidate states and zones of a person: those of the phone's area code, joined with the best
 * evidence of the address (the time zone given, else the zones of the state given). What is
 * invalid counts as absent, and a warning says so.
 */
export function locate(person: Place): Location {
  const evidence: string[] = []
  const warnings: string[] = []
  const phone = person.phone === null ? null : phoneArea(person.phone.value)
  const ofPhone = phone?.kind === 'us' ? phone : null
  if (phone !== null) evidence.push(describePhone(phone))

  const address = addressZones(person)
  describeAddress(person, address, evidence, warnings)

  const given = stateOf(person.state)
  const known = [...new Set([...(ofPhone?.zones ?? []), ...(address?.zones ?? [])])]
  if (known.length === 0) {
    evidence.push('no place is known: every zone of the fifty states and D.C. counts')
  }
  return {
    phone,
    states: [...new Set([ofPhone?.state ?? null, given].filter((state) => state !== null))],
    zones: known.length === 0 ? EVERY_ZONE : known,
    evidence,
    warnings,
  }
}

/**
 * The one zone in which to tell a person's local time, and in which emails keep preferred hours.
 * A state or area code of several zones gives the one where most of the state's people are.
 * Calling windows never rest on it: see locate().
 */
export function bestZone(person: Place, companyZone: string): BestZone {
  const address = addressZones(person)
  if (address?.zones[0] !== undefined) return { zone: address.zones[0], from: address.from }
  const phone = person.phone === null ? null : phoneArea(person.phone.value)
  if (phone?.kind !== 'us') return { zone: companyZone, from: 'company' }
  const main = states[phone.state]?.zones.find((zone) => phone.zones.includes(zone))
  return { zone: main ?? phone.zones[0] ?? companyZone, from: 'area_code' }
}

/** The best evidence an address gives, the more exact first. A ZIP table will stand between. */
function addressZones(person: Place): AddressZones | null {
  const zone = zoneOf(person.timezone)
  if (zone !== null) return { zones: [zone], from: 'explicit' }
  const state = stateOf(person.state)
  const row = state === null ? undefined : states[state]
  return row === undefined ? null : { zones: row.zones, from: 'state' }
}

function zoneOf(given: string | null): string | null {
  const zone = given?.trim() ?? ''
  return isZone(zone) ? zone : null
}

/** The two-letter code of a state given as code or name, in any case; null when it is none. */
function stateOf(given: string | null): string | null {
  return stateCodes.get(given?.trim().toUpperCase() ?? '') ?? null
}

function describePhone(phone: PhoneArea): string {
  switch (phone.kind) {
    case 'us':
      return `area code ${phone.areaCode}: ${nameOf(phone.state)} (${phone.zones.join(', ')})`
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
  const state = stateOf(person.state)
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
  return states[state]?.name ?? state
}
