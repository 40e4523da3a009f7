import { MINUTE_MS } from '../time.ts'
import { dayOfDate, isZone } from '../time-zones.ts'
import { areaCodesFile, canadaFile, holidaysFile, jurisdictionsFile } from './data.ts'
import type { PolicyRules, PreferredHours } from './types.ts'
import { dayWindow } from './windows.ts'

/** Rises with every change of what the rules mean; data and settings have their own marks. */
const RULES_EDITION = 2

/** What a company decides for itself. */
export type PolicySettings = Omit<PolicyRules, 'version' | 'topic'>

/** Planned messages leave from 09:00 to 19:00, and no text on a Sunday. */
const DEFAULT_PREFERRED_HOURS: PreferredHours = {
  from: '09:00',
  to: '19:00',
  restDays: { email: [], sms: [7] },
}

/** Texts stop this long before a legal window closes: a queue may hold one back for minutes. */
const DEFAULT_CLOSING_MARGIN_MS = 15 * MINUTE_MS

/** No country but the United States, no override. */
export const STRICTEST = {
  closedDays: [],
  countryPacks: [],
  overrides: [],
} as const satisfies Partial<PolicySettings>

/** The shipped rules for a company in an IANA zone. Throws a RangeError when it is none. */
export function defaultRules(companyZone: string): PolicyRules {
  return policyRules({
    companyZone,
    closingMarginMs: DEFAULT_CLOSING_MARGIN_MS,
    preferredHours: DEFAULT_PREFERRED_HOURS,
    ...STRICTEST,
  })
}

/**
 * Rules for a company's own settings, with their version: equal versions decide alike. Throws a
 * RangeError for settings that no rule could use.
 */
export function policyRules(settings: PolicySettings): PolicyRules {
  const { closingMarginMs, companyZone, preferredHours, closedDays } = settings
  if (!isZone(companyZone)) {
    throw new RangeError('The company zone must be an IANA zone such as America/New_York')
  }
  if (!Number.isFinite(closingMarginMs) || closingMarginMs < 0) {
    throw new RangeError('The closing margin must be a duration')
  }
  if (preferredHours !== null) dayWindow(preferredHours.from, preferredHours.to)
  for (const { date } of closedDays) dayOfDate(date)
  return { ...settings, version: versionOf(settings) }
}

/** The same rules under other preferred hours, as a cadence or a step may set them. */
export function withPreferredHours(
  rules: PolicyRules,
  hours: Pick<PreferredHours, 'from' | 'to'> | null,
): PolicyRules {
  const restDays = (rules.preferredHours ?? DEFAULT_PREFERRED_HOURS).restDays
  const preferredHours = hours === null ? null : { from: hours.from, to: hours.to, restDays }
  return policyRules({ ...rules, preferredHours })
}

const DATA_VERSION = [jurisdictionsFile, holidaysFile, areaCodesFile, canadaFile]
  .map(({ version }) => version)
  .reduce((newest, version) => (version > newest ? version : newest))

/** "2.2026-11-26.1f0c93ab": edition of the rules, newest of the data files, mark of the settings. */
function versionOf(settings: PolicySettings): string {
  const { closingMarginMs, companyZone, preferredHours } = settings
  const { closedDays, countryPacks, overrides } = settings
  const decided = [
    closingMarginMs,
    companyZone,
    preferredHours,
    closedDays,
    countryPacks,
    overrides,
  ]
  return `${RULES_EDITION}.${DATA_VERSION}.${fingerprint(JSON.stringify(decided))}`
}

/** FNV-1a: tells settings apart in a log; it protects nothing. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5
  for (const character of text) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  }
  return (hash >>> 0).toString(16).padStart(8, '0')
}
