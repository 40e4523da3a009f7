import { HOUR_MS, MINUTE_MS } from '../time.ts'
import { dayOfDate, isZone } from '../time-zones.ts'
import { areaCodesFile, canadaFile, holidaysFile, jurisdictionsFile, limitsFile } from './data.ts'
import type { FrequencyCaps, OpenDays, PolicyRules, PreferredHours } from './types.ts'
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
const STRICTEST = {
  closedDays: [],
  countryPacks: [],
  overrides: [],
} as const satisfies Partial<PolicySettings>

/** What the strictest state law allows in 24 hours; nobody is ever reached more often. */
export const MOST_TEXTS_AND_CALLS_PER_DAY = Math.min(
  ...Object.values(limitsFile.caps).map(({ max }) => max),
)

/**
 * The shipped cadences fit in, at their fastest: three touches on the first day, eight in a week,
 * nine in all (a test holds it). What is left of the week and the episode is for a second cadence.
 */
const DEFAULT_CAPS: FrequencyCaps = {
  textsAndCallsPerDay: MOST_TEXTS_AND_CALLS_PER_DAY,
  touchesPerDay: 3,
  touchesPerWeek: 10,
  touchesPerEpisode: 12,
}

/** Two cadences of one person do not speak over each other. */
const DEFAULT_MINIMUM_GAP_MS = 4 * HOUR_MS

/** The shipped rules for a company in an IANA zone. Throws a RangeError when it is none. */
export function defaultRules(companyZone: string): PolicyRules {
  return policyRules({
    companyZone,
    closingMarginMs: DEFAULT_CLOSING_MARGIN_MS,
    caps: DEFAULT_CAPS,
    minimumGapMs: DEFAULT_MINIMUM_GAP_MS,
    preferredHours: DEFAULT_PREFERRED_HOURS,
    ...STRICTEST,
  })
}

/**
 * Rules for a company's own settings, with their version: equal versions decide alike. Throws a
 * RangeError for settings that no rule could use.
 */
export function policyRules(settings: PolicySettings): PolicyRules {
  const { closingMarginMs, companyZone, preferredHours, closedDays, caps, minimumGapMs } = settings
  if (!isZone(companyZone)) {
    throw new RangeError('The company zone must be an IANA zone such as America/New_York')
  }
  if (!Number.isFinite(closingMarginMs) || closingMarginMs < 0) {
    throw new RangeError('The closing margin must be a duration')
  }
  if (!Number.isFinite(minimumGapMs) || minimumGapMs < 0) {
    throw new RangeError('The minimum gap must be a duration')
  }
  checkCaps(caps)
  if (preferredHours !== null) dayWindow(preferredHours.from, preferredHours.to)
  for (const { date } of closedDays) dayOfDate(date)
  for (const { from, to } of Object.values(settings.calendars ?? {}).flat()) {
    if (dayOfDate(to) < dayOfDate(from))
      throw new RangeError('A calendar’s span ends after it begins')
  }
  return { ...settings, version: versionOf(settings) }
}

/** A cap of none at all would be an emergency stop, which has its own place and its own words. */
function checkCaps(caps: FrequencyCaps): void {
  for (const cap of Object.values(caps)) {
    if (!Number.isInteger(cap) || cap < 1) throw new RangeError('A cap is a number from 1 on')
  }
  if (caps.textsAndCallsPerDay > MOST_TEXTS_AND_CALLS_PER_DAY) {
    throw new RangeError(
      `No more than ${MOST_TEXTS_AND_CALLS_PER_DAY} texts and calls in 24 hours are lawful everywhere`,
    )
  }
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

/** The same rules with the days of a cadence. */
export function withOpenDays(rules: PolicyRules, openDays: OpenDays): PolicyRules {
  return policyRules({ ...rules, openDays })
}

/** The same rules for what an operator sends by hand: the law and the caps hold, no manners. */
export function withoutManners(rules: PolicyRules): PolicyRules {
  return policyRules({ ...rules, preferredHours: null, openDays: null, minimumGapMs: 0 })
}

const DATA_VERSION = [jurisdictionsFile, holidaysFile, areaCodesFile, canadaFile, limitsFile]
  .map(({ version }) => version)
  .reduce((newest, version) => (version > newest ? version : newest))

/** "2.2026-11-26.1f0c93ab": edition of the rules, newest of the data files, mark of the settings. */
function versionOf(settings: PolicySettings): string {
  const { closingMarginMs, companyZone, preferredHours } = settings
  const { closedDays, countryPacks, overrides, caps, minimumGapMs, openDays } = settings
  const decided = [
    closingMarginMs,
    companyZone,
    preferredHours,
    closedDays,
    countryPacks,
    overrides,
    caps,
    minimumGapMs,
    ...(openDays == null ? [] : [openDays]),
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
