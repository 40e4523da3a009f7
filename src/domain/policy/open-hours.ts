import { DAY_MS, HOUR_MS, type Instant, instant } from '../time.ts'
import { jurisdictionsFile } from './data.ts'
import { EVERY_ZONE, type Location, locate } from './locate.ts'
import { boundBy, isConsented } from './rules/calling-window.ts'
import type { PolicyPerson, PolicyRules } from './types.ts'
import { openMs } from './windows.ts'

/** What we may know of a place, as people call it. */
export type PlaceFact = 'area_code' | 'state' | 'zip' | 'timezone'

/** How strict the calling windows are to one lead, and what of it is for want of facts. */
export interface OpenHours {
  /** Hours of an ordinary week, without holidays and margin, in which a text is legal. */
  readonly perWeek: number
  /** Facts on file that narrow them, with the hours that each costs. */
  readonly costs: readonly { readonly fact: PlaceFact; readonly hours: number }[]
  /** Facts that would widen them, with the hours that the least and the most lucky answer opens. */
  readonly gains: readonly {
    readonly fact: 'zip' | 'state'
    readonly least: number
    readonly most: number
  }[]
  /** The same in a sentence or three. */
  readonly words: string
}

/**
 * How many hours a week are open for texts to a person in the week of `now`, what costs hours, and
 * what would win some: strictness shows its cost. Nothing here allows anything.
 */
export function openHours(person: PolicyPerson, now: Instant, rules: PolicyRules): OpenHours {
  const hoursOf = (more: Partial<PolicyPerson>) => hoursAt({ ...person, ...more }, now, rules)
  const location = locate(person, rules)
  const perWeek = hoursOf({})
  const costs =
    perWeek === 0 && location.phone?.kind === 'foreign' ? [] : costsOf(person, perWeek, hoursOf)
  const gains =
    location.phone?.kind === 'foreign' ? [] : gainsOf(person, location, perWeek, hoursOf)
  return { perWeek, costs, gains, words: wordsOf(perWeek, costs, gains) }
}

type HoursOf = (more: Partial<PolicyPerson>) => number

function hoursAt(person: PolicyPerson, now: Instant, rules: PolicyRules): number {
  const location = locate(person, rules)
  if (location.phone?.kind === 'foreign') return 0
  const plain = { ...rules, closingMarginMs: 0, closedDays: [] }
  const { constraints } = boundBy(location, plain, isConsented(person, rules))
  const ordinary = constraints.map(({ zone, week, effectiveFrom }) => ({
    zone,
    week,
    ...(effectiveFrom === undefined ? {} : { effectiveFrom }),
  }))
  const from = instant(Math.floor(now / DAY_MS) * DAY_MS)
  return openMs(ordinary, from, instant(from + 7 * DAY_MS)) / HOUR_MS
}

const WITHOUT: Readonly<Record<PlaceFact, Partial<PolicyPerson>>> = {
  area_code: { phone: null },
  state: { state: null },
  zip: { zip: null },
  timezone: { timezone: null },
}

function costsOf(person: PolicyPerson, perWeek: number, hoursOf: HoursOf): OpenHours['costs'] {
  const given: Readonly<Record<PlaceFact, unknown>> = {
    area_code: person.phone,
    state: person.state,
    zip: person.zip,
    timezone: person.timezone,
  }
  return FACTS.filter((fact) => given[fact] !== null)
    .map((fact) => ({ fact, hours: hoursOf(WITHOUT[fact]) - perWeek }))
    .filter(({ hours }) => hours > 0)
}

const FACTS = ['area_code', 'state', 'zip', 'timezone'] as const satisfies readonly PlaceFact[]

const STATES = Object.entries(jurisdictionsFile.states).flatMap(([code, row]) =>
  row.kind === 'territory' ? [] : { code, zones: row.zones },
)

function gainsOf(
  person: PolicyPerson,
  { states }: Location,
  perWeek: number,
  hoursOf: HoursOf,
): OpenHours['gains'] {
  // What a ZIP could say: a zone of the state that is known, else any.
  const zones = STATES.find(({ code }) => code === states.at(-1))?.zones ?? EVERY_ZONE
  const noZone = locate({ ...person, phone: null, state: null }).zones === EVERY_ZONE
  const byZip = noZone ? zones.map((timezone) => hoursOf({ timezone })) : []
  const byState = states.length === 0 ? STATES.map(({ code }) => hoursOf({ state: code })) : []
  return [gain('zip', byZip, perWeek), gain('state', byState, perWeek)].flatMap((one) => one ?? [])
}

function gain(
  fact: 'zip' | 'state',
  hours: readonly number[],
  perWeek: number,
): OpenHours['gains'][number] | null {
  const gained = hours.map((one) => one - perWeek)
  const most = Math.max(...gained)
  return gained.length === 0 || most <= 0 ? null : { fact, least: Math.min(...gained), most }
}

const NAMES: Readonly<Record<PlaceFact, string>> = {
  area_code: 'area code',
  state: 'state',
  zip: 'ZIP code',
  timezone: 'time zone',
}

function wordsOf(perWeek: number, costs: OpenHours['costs'], gains: OpenHours['gains']): string {
  const sentences = [
    perWeek === 0
      ? 'No hour of the week is open for texts.'
      : `Texts are legal ${shown(perWeek)} h of an ordinary week.`,
    ...costs.map(({ fact, hours }) => `The ${NAMES[fact]} on file costs ${shown(hours)} h.`),
    ...gains.map(({ fact, least, most }) => `Add a ${NAMES[fact]}: ${rangeWords(least, most)} h.`),
  ]
  return sentences.join(' ')
}

function rangeWords(least: number, most: number): string {
  return least === most ? signed(most) : `${signed(least)} to ${signed(most)}`
}

function signed(hours: number): string {
  return hours < 0 ? `−${shown(-hours)}` : `+${shown(hours)}`
}

function shown(hours: number): string {
  return String(Math.round(hours * 10) / 10)
}
