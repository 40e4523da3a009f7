import type { Instant } from '../time.ts'
import { ruleInput } from './rule.ts'
import { callingWindow } from './rules/calling-window.ts'
import { policyRules } from './settings.ts'
import type { Channel, PolicyPerson, RuleVerdict } from './types.ts'
import { firstCommon } from './windows.ts'

/** The answer of the law's hours alone: no margin, no manners, no consent. */
export interface LegalWindow {
  readonly allowed: boolean
  /** The first whole second allowed, `now` included; null when none is within 30 days. */
  readonly nextAllowedAt: Instant | null
  readonly rules: readonly RuleVerdict[]
}

/** The margin and the company zone play no part here. */
const BARE = policyRules({
  closingMarginMs: 0,
  companyZone: 'America/New_York',
  preferredHours: null,
})

/** Whether calling windows and holidays allow a message to this person at an instant (UTC). */
export function legalWindow(
  place: Pick<PolicyPerson, 'phone' | 'state' | 'zip' | 'timezone'>,
  channel: Channel,
  now: Instant,
): LegalWindow {
  const person = { ...place, erased: false, email: null, consents: [], suppressions: [] }
  const { verdict, nextOpen } = callingWindow(ruleInput(person, channel, 'marketing', now, BARE))
  const denied = verdict.verdict === 'deny'
  const next =
    denied && nextOpen === undefined ? null : firstCommon(nextOpen ? [nextOpen] : [], now)
  return { allowed: !denied, nextAllowedAt: next, rules: [verdict] }
}
