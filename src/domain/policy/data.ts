// oxlint-disable-next-line import/no-nodejs-modules -- static facts, read once; see below
import { readFileSync } from 'node:fs'

/**
 * The facts under data/, read once when the process starts. This is the one module of the domain
 * that touches a file: data/ lies beside src/ and dist/ alike, outside the compiler's root, so it
 * cannot be imported, and Node 20 still warns about JSON modules. The shapes are checked by
 * test/domain/policy/area-codes.test.ts, not at every start.
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

export interface StateRow {
  readonly name: string
  readonly kind: 'state' | 'district' | 'territory'
  /** The zone of most of its people first. */
  readonly zones: readonly string[]
}

export interface JurisdictionsFile {
  readonly version: string
  readonly about: readonly string[]
  readonly federal: {
    /** "HH:MM" local time, inclusive. */
    readonly from: string
    /** "HH:MM" local time, exclusive. */
    readonly to: string
    readonly source: string
    readonly confidence: string
    readonly note: string
  }
  readonly zoneSources: readonly string[]
  readonly states: Readonly<Record<string, StateRow>>
}

export const areaCodesFile: AreaCodesFile = read('area-codes.json')
export const jurisdictionsFile: JurisdictionsFile = read('jurisdictions.json')

function read(name: string) {
  return JSON.parse(readFileSync(new URL(`../../../data/${name}`, import.meta.url), 'utf8'))
}
