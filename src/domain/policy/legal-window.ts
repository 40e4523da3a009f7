import { type Instant, MINUTE_MS, plus, SECOND_MS } from '../time.ts'
import type { Place } from './locate.ts'
import { ruleInput } from './rule.ts'
import { callingWindow } from './rules/calling-window.ts'
import { defaultRules, policyRules } from './settings.ts'
import type { Channel, Consent, PolicyRules, RuleVerdict, Suppression } from './types.ts'
import { firstCommon, type NextOpen } from './windows.ts'

/** The answer of the law's hours alone: no margin, no manners, no consent. */
export interface LegalWindow {
  readonly allowed: boolean
  /** The first whole second allowed, `now` included; null when none is within 30 days. */
  readonly nextAllowedAt: Instant | null
  readonly rules: readonly RuleVerdict[]
}

/** Neither margin nor manners play a part here, and a company may have closed nothing. */
const BARE = policyRules({
  ...defaultRules('America/New_York'),
  closingMarginMs: 0,
  preferredHours: null,
})
/** Of whom only the place is asked. */
const ANYBODY = {
  erased: false,
  email: null,
  recent: [],
  freshForm: false,
  cadence: null,
  stops: [],
}

/** Who is asked about: what is on file matters only to the override for consented texts. */
interface Asked extends Place {
  readonly consents?: readonly Consent[]
  readonly suppressions?: readonly Suppression[]
}

/**
 * Whether calling windows and holidays allow a message to this person at an instant (UTC). A
 * company's own closed days, countries and overrides count when its rules are given; its margin
 * never does.
 */
export function legalWindow(
  asked: Asked,
  channel: Channel,
  now: Instant,
  rules: PolicyRules = BARE,
): LegalWindow {
  const { phone, state, zip, timezone, consents = [], suppressions = [] } = asked
  const person = { ...ANYBODY, phone, state, zip, timezone, consents, suppressions }
  const bare = rules === BARE ? BARE : { ...rules, closingMarginMs: 0 }
  const { verdict, nextOpen } = callingWindow(ruleInput(person, channel, 'marketing', now, bare))
  const allowed = verdict.verdict !== 'deny'
  return { allowed, nextAllowedAt: nextOf(allowed, nextOpen, now), rules: [verdict] }
}

function nextOf(allowed: boolean, nextOpen: NextOpen | undefined, now: Instant): Instant | null {
  if (allowed && now % SECOND_MS === 0) return now
  if (!allowed && nextOpen === undefined) return null
  return firstCommon(nextOpen === undefined ? [] : [nextOpen], now)
}

/** No window closes for less than this, so looking at each such step misses no closing. */
const STEP_MS = 30 * MINUTE_MS

/**
 * For how long texts to this person stay legal from `now` on, in milliseconds, whole seconds, at
 * most `mostMs`; 0 when they are not legal now. Through several windows that touch, it goes on.
 */
export function openForMs(asked: Asked, now: Instant, rules: PolicyRules, mostMs: number): number {
  const open = (ms: number) => legalWindow(asked, 'sms', plus(now, ms), rules).allowed
  if (!open(0)) return 0
  let known = 0
  while (known < mostMs && open(Math.min(known + STEP_MS, mostMs))) {
    known = Math.min(known + STEP_MS, mostMs)
  }
  // Between the last step that is open and the next, it closes once: halve until the second is found.
  let closed = Math.min(known + STEP_MS, mostMs)
  while (closed - known > SECOND_MS) {
    const middle = known + Math.floor((closed - known) / 2 / SECOND_MS) * SECOND_MS
    if (open(middle)) known = middle
    else closed = middle
  }
  return known
}
