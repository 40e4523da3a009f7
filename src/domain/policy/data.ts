// oxlint-disable-next-line import/no-nodejs-modules -- static facts, read once; see below
import { readFileSync } from 'node:fs'

/**
 * The facts under data/, read once when the process starts. This is the one module of the domain
 * that touches a file: data/ lies beside src/ and dist/ alike, outside the compiler's root, so it
 * cannot be imported, and Node 20 still warns about JSON modules. The shapes are checked by
 * test/domain/policy/data.test.ts, not at every start.
 */

export interface AreaCodeRow {
  readonly state: string
  /** Every zone in which the code has numbers. */
  readonly zones: readonly string[]
  /** Named by one source alone: they do not count. */
  readonly disputedZones?: readonly string[]
  readonly note?: string
  readonly confidence?: string
}

export interface AreaCodesFile {
  readonly version: string
  readonly about: readonly string[]
  readonly sources: readonly string[]
  readonly unitedStates: Readonly<Record<string, AreaCodeRow>>
  readonly otherCountries: Readonly<
    Record<string, { readonly name: string; readonly codes: readonly string[] }>
  >
  readonly nonGeographic: Readonly<Record<'tollFree' | 'personal' | 'premium', readonly string[]>>
}

/** How sure we are of a row's hours as they stand in the table. */
export type Confidence = 'high' | 'medium' | 'low'

/** Hours of a week as written: "HH:MM-HH:MM" local time, end exclusive; null is a day without. */
export interface WeekHours {
  readonly weekdays: string | null
  readonly saturday: string | null
  readonly sunday: string | null
  /** A second window, every day, on the clock of a fixed offset: it must allow, too. */
  readonly atUtcOffset?: {
    readonly offset: string
    /** The offset as Intl knows it. */
    readonly zone: string
    /** What the statute calls that clock. */
    readonly clock: string
    readonly hours: string
  }
}

interface RowBase {
  readonly name: string
  /** The zone of most of its people first. */
  readonly zones: readonly string[]
  readonly note?: string
}

export interface StateRow extends RowBase {
  readonly kind: 'state' | 'district' | 'territory'
  readonly hours: WeekHours
  /** A calendar of holidays.json whose days are closed. */
  readonly holidays: string | null
  /** "YYYY-MM-DD": binds from local midnight on. */
  readonly effectiveFrom: string | null
  readonly statute: string | null
  readonly confidence: Confidence
  readonly verification: string
  /** Whether the statute spares a person who consented. */
  readonly consentLifts: 'yes' | 'no' | 'unclear'
  /** What is not settled, in one clause. */
  readonly doubt?: string
  readonly sources: readonly string[]
}

/** A place without a row of hours: the window for unknown places stands in. */
interface RowWithoutHours extends RowBase {
  readonly kind: 'territory'
  readonly hours: null
}

export interface JurisdictionsFile {
  readonly version: string
  readonly about: readonly string[]
  readonly sourceNames: Readonly<Record<string, string>>
  readonly federal: {
    readonly name: string
    readonly hours: string
    readonly statute: string
    readonly confidence: Confidence
    readonly note: string
  }
  readonly unknown: {
    readonly name: string
    readonly hours: WeekHours
    readonly statute: string
    readonly confidence: Confidence
    readonly note: string
  }
  readonly zoneSources: readonly string[]
  readonly states: Readonly<Record<string, StateRow | RowWithoutHours>>
}

/** One day of a calendar, by the rule that finds it in a year. */
export type HolidayRule = {
  readonly name: string
  /** The first year that has it. */
  readonly since?: number
  readonly years?: 'even'
  /** It holds in some counties alone, and counts everywhere. */
  readonly counties?: readonly string[]
  /** It may not be enforced, and counts. */
  readonly uncertain?: boolean
} & (
  | { readonly kind: 'date'; readonly month: number; readonly day: number }
  | {
      readonly kind: 'nth_weekday'
      readonly month: number
      /** ISO: 1 Monday … 7 Sunday. */
      readonly weekday: number
      readonly n: number
      readonly plusDays?: number
    }
  | { readonly kind: 'last_weekday'; readonly month: number; readonly weekday: number }
  /** Days after Easter Sunday (before it when negative). */
  | { readonly kind: 'easter'; readonly offset: number }
  /** The Tuesday after the first Monday of November. */
  | { readonly kind: 'election_day' }
  | { readonly kind: 'utah_juneteenth' }
)

interface LimitRow {
  readonly statute: string
  readonly confidence: string
  readonly note: string
}

export interface CapRow extends LimitRow {
  /** Texts and calls to one person in so many hours. */
  readonly max: number
  readonly perHours: number
  /** "YYYY-MM-DD"; null: for as long as we look back. */
  readonly effectiveFrom: string | null
  readonly sources: readonly string[]
}

export interface LimitsFile {
  readonly version: string
  readonly about: readonly string[]
  readonly caps: Readonly<Record<string, CapRow>>
  /** States whose law bars solicitation while an emergency is declared. */
  readonly emergencies: Readonly<Record<string, LimitRow>>
}

export interface HolidayCalendar {
  readonly name: string
  readonly statute: string
  readonly confidence: Confidence
  readonly doubt?: string
  readonly note: string
  readonly sources: readonly string[]
  /** For days of a fixed date: what closes besides them. */
  readonly observance: readonly {
    readonly when: 'saturday' | 'sunday'
    readonly closeAlso: 'previous' | 'next'
    readonly only?: readonly string[]
  }[]
  readonly days: readonly HolidayRule[]
}

export interface HolidaysFile {
  readonly version: string
  readonly about: readonly string[]
  readonly calendars: Readonly<Record<string, HolidayCalendar>>
}

export interface CanadaFile {
  readonly version: string
  readonly about: readonly string[]
  readonly sources: readonly string[]
  readonly hours: WeekHours
  readonly statute: string
  readonly confidence: Confidence
  readonly doubt: string
  readonly note: string
  readonly provinces: Readonly<Record<string, RowBase>>
  readonly areaCodes: Readonly<
    Record<string, { readonly provinces: readonly string[]; readonly zones: readonly string[] }>
  >
}

export const areaCodesFile: AreaCodesFile = readJson('area-codes.json')
export const jurisdictionsFile: JurisdictionsFile = readJson('jurisdictions.json')
export const holidaysFile: HolidaysFile = readJson('holidays.json')
export const canadaFile: CanadaFile = readJson('canada.json')
export const limitsFile: LimitsFile = readJson('limits.json')

/** The packed table of ZIP codes, as text; its form is told by src/domain/policy/zip-zones.ts. */
export function zipZonesText(): string {
  return read('zip-zones.txt')
}

function readJson(name: string) {
  return JSON.parse(read(name))
}

function read(name: string): string {
  return readFileSync(new URL(`../../../data/${name}`, import.meta.url), 'utf8')
}
