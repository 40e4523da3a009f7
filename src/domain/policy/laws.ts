import { dayOfDate, type LocalDay } from '../time-zones.ts'
import { type Confidence, canadaFile, jurisdictionsFile, type WeekHours } from './data.ts'
import { type Calendar, calendarNamed, EVERY_CALENDAR, type Holiday } from './holidays.ts'
import type { Location } from './locate.ts'
import type { PolicyRules } from './types.ts'
import { dayWindow, type Week, type WindowConstraint } from './windows.ts'

/**
 * The calling hours that bind a text, as windows: which laws apply to a place, and what each of
 * them closes in each zone. How the table is read is told in docs/concepts/policy.md.
 */

/** The hours of one jurisdiction. */
export interface Law {
  /** "US", "CA" for Canada, a state's code, or "unknown". */
  readonly code: 'US' | 'CA' | 'unknown' | `state:${string}`
  /** The state's code as candidates name it; null when the law belongs to no state. */
  readonly state: string | null
  readonly name: string
  readonly statute: string | null
  readonly confidence: Confidence
  /** What is not settled about it, in one clause. */
  readonly doubt: string | null
  readonly hours: WeekHours
  readonly calendars: readonly Calendar[]
  /** "YYYY-MM-DD". */
  readonly effectiveFrom: string | null
  readonly consentLifts: 'yes' | 'no' | 'unclear'
}

/** A law in one zone. */
export interface LegalWindowConstraint extends WindowConstraint {
  readonly law: Law
  /** The name of a fixed clock, when the window is not on the local one. */
  readonly clock: string | null
  /** Why a local day is closed whatever its hours; null when it is not. */
  readonly closing: (day: LocalDay) => Holiday | null
}

const { federal, unknown, states } = jurisdictionsFile

/** The source of the hours that bind everywhere. */
export const FEDERAL_STATUTE = federal.statute

const FEDERAL: Law = {
  code: 'US',
  state: null,
  name: federal.name,
  statute: federal.statute,
  confidence: federal.confidence,
  doubt: null,
  hours: { weekdays: federal.hours, saturday: federal.hours, sunday: federal.hours },
  calendars: [],
  effectiveFrom: null,
  consentLifts: 'no',
}

/** Stands in where no state is known, and for territories without a row. */
const UNKNOWN: Law = {
  code: 'unknown',
  state: null,
  name: unknown.name,
  statute: null,
  confidence: unknown.confidence,
  doubt: null,
  hours: unknown.hours,
  calendars: EVERY_CALENDAR,
  effectiveFrom: null,
  consentLifts: 'unclear',
}

const CANADA: Law = {
  code: 'CA',
  state: null,
  name: 'Canada',
  statute: canadaFile.statute,
  confidence: canadaFile.confidence,
  doubt: canadaFile.doubt,
  hours: canadaFile.hours,
  calendars: [],
  effectiveFrom: null,
  consentLifts: 'no',
}

const STATES: ReadonlyMap<string, Law> = new Map(
  Object.entries(states).map(([code, row]) => [
    code,
    row.hours === null ? UNKNOWN : stateLaw(code),
  ]),
)

function stateLaw(code: string): Law {
  const row = states[code]
  if (row === undefined || row.hours === null) throw new Error(`no hours of ${code}`)
  return {
    code: `state:${code}`,
    state: code,
    name: row.name,
    statute: row.statute,
    confidence: row.confidence,
    doubt: row.doubt ?? null,
    hours: row.hours,
    calendars: row.holidays === null ? [] : [calendarNamed(row.holidays)],
    effectiveFrom: row.effectiveFrom,
    consentLifts: row.consentLifts,
  }
}

/** The laws whose hours bind a text to this place, those of the states first. */
export function lawsOf(location: Location): readonly Law[] {
  const found = new Set(location.states.map((state) => STATES.get(state) ?? CANADA))
  if (location.phone?.kind === 'ca' && location.setAside === null) found.add(CANADA)
  if (found.size === 0) found.add(UNKNOWN)
  return [...found, FEDERAL]
}

/** Days are kept, for each is asked about again and again; years of them, not all. */
const MOST_DAYS = 2_000

/**
 * What is left of a law for a text whose consent lifts it: the federal hours, without its holidays.
 * A law that says that consent lifts nothing stays as it is, like the federal one and Canada's.
 */
export function liftedByConsent(law: Law): Law {
  if (law.consentLifts === 'no') return law
  const known = lifted.get(law)
  if (known !== undefined) return known
  const left = { ...law, hours: FEDERAL.hours, calendars: [] }
  lifted.set(law, left)
  return left
}

const lifted = new Map<Law, Law>()

/** The settings that change what is closed. */
export type HoursRules = Pick<PolicyRules, 'closingMarginMs' | 'closedDays'>

/** A law under one company's settings, and its constraint in each zone that was asked for. */
interface Bound {
  readonly closing: (day: LocalDay) => Holiday | null
  /** The second window, on a fixed clock, of a law that has one. */
  readonly fixed: readonly LegalWindowConstraint[]
  readonly zones: Map<string, LegalWindowConstraint>
}

/** By settings, then by law: places share their constraints. */
const kept = new Map<string, Map<Law, Bound>>()
const MOST_SETTINGS = 50
const MOST_ZONES = 600

/** One constraint for each law in each candidate zone: a text leaves when all allow. */
export function constraintsOf(
  laws: readonly Law[],
  zones: readonly string[],
  rules: HoursRules,
): readonly LegalWindowConstraint[] {
  const key = hoursKey(rules)
  const book = kept.get(key) ?? new Map<Law, Bound>()
  if (!kept.has(key) && kept.size >= MOST_SETTINGS) kept.clear()
  kept.set(key, book)
  return laws.flatMap((law) => {
    const bound = book.get(law) ?? bind(law, rules)
    book.set(law, bound)
    return [...zones.map((zone) => inZone(law, bound, zone, rules)), ...bound.fixed]
  })
}

/** Tells settings apart by what they close. */
export function hoursKey({ closingMarginMs, closedDays }: HoursRules): string {
  return closedDays.length === 0
    ? String(closingMarginMs)
    : `${closingMarginMs} ${JSON.stringify(closedDays)}`
}

function bind(law: Law, rules: HoursRules): Bound {
  const closing = closingOf(law, rules)
  const { atUtcOffset } = law.hours
  if (atUtcOffset === undefined) return { closing, fixed: [], zones: new Map() }
  const { zone, clock, hours } = atUtcOffset
  const daily = Array.from({ length: 7 }, () => hours)
  const fixed = constraintOf(law, zone, clock, daily, () => null, rules)
  return { closing, fixed: [fixed], zones: new Map() }
}

function inZone(law: Law, bound: Bound, zone: string, rules: HoursRules): LegalWindowConstraint {
  const known = bound.zones.get(zone)
  if (known !== undefined) return known
  const built = constraintOf(law, zone, null, weekTexts(law.hours), bound.closing, rules)
  if (bound.zones.size >= MOST_ZONES) bound.zones.clear()
  bound.zones.set(zone, built)
  return built
}

function constraintOf(
  law: Law,
  zone: string,
  clock: string | null,
  texts: readonly (string | null)[],
  closing: (day: LocalDay) => Holiday | null,
  { closingMarginMs }: HoursRules,
): LegalWindowConstraint {
  return {
    law,
    zone,
    clock,
    closing,
    week: weekOf(texts, closingMarginMs),
    closedOn: (day) => closing(day) !== null,
    ...(law.effectiveFrom === null ? {} : { effectiveFrom: dayOfDate(law.effectiveFrom) }),
  }
}

/** The hours of Monday to Sunday, as written. */
export function weekTexts({ weekdays, saturday, sunday }: WeekHours): readonly (string | null)[] {
  return [weekdays, weekdays, weekdays, weekdays, weekdays, saturday, sunday]
}

function weekOf(texts: readonly (string | null)[], marginMs: number): Week {
  return texts.map((text) => {
    if (text === null) return []
    const [from = '', to = ''] = text.split('-')
    const window = dayWindow(from, to, marginMs)
    return window === null ? [] : [window]
  })
}

/**
 * What closes a day under a law: its calendars, and the days that the company closed: for the law's
 * state; for every state under the window for unknown places; everywhere under the federal law.
 */
function closingOf(law: Law, { closedDays }: HoursRules): (day: LocalDay) => Holiday | null {
  const own = new Map<LocalDay, Holiday>()
  for (const { date, states: named } of closedDays) {
    const counts =
      named === null
        ? law.code === 'US'
        : law.code === 'unknown' || (law.state !== null && named.includes(law.state))
    const name = 'a day that the company closed'
    if (counts) own.set(dayOfDate(date), { name, observed: false, careful: false })
  }
  const { calendars } = law
  if (calendars.length === 0 && own.size === 0) return () => null
  const asked = new Map<LocalDay, Holiday | null>()
  return (day) => {
    const known = asked.get(day)
    if (known !== undefined) return known
    const holiday = calendars.map((calendar) => calendar(day)).find((one) => one !== null)
    const found = holiday ?? own.get(day) ?? null
    if (asked.size >= MOST_DAYS) asked.clear()
    asked.set(day, found)
    return found
  }
}
