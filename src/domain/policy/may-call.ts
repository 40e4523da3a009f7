import { DAY_MS, type Instant, plus } from '../time.ts'
import { ruleInput } from './rule.ts'
import { doNotCall } from './rules/do-not-call.ts'
import { erased } from './rules/erased.ts'
import { capOnCalls } from './rules/frequency-caps.ts'
import { suppression } from './rules/suppression.ts'
import type { Decision, PolicyPerson, PolicyRules } from './types.ts'

/** What the lead did that lets a seller call although the number is on the national list. */
export interface Relationship {
  /** Its last form, message or booking: an inquiry, which counts for three months. */
  readonly inquiredAt: Instant | null
  /** Its last purchase, which counts for eighteen months. */
  readonly boughtAt: Instant | null
}

const INQUIRY_MS = 90 * DAY_MS
const PURCHASE_MS = 540 * DAY_MS

/**
 * May a person be given the task to call this lead? A STOP ends calls as it ends texts; a number on
 * the national list is not called unless there is written consent or an established business
 * relationship (47 CFR 64.1200(f)(5)). Where no list of use is on file, whoever calls is warned.
 * The hours are for whoever calls, too.
 */
export function mayCall(
  person: PolicyPerson,
  { inquiredAt, boughtAt }: Relationship,
  now: Instant,
  rules: PolicyRules,
): { readonly decision: Decision; readonly warning: string | null } {
  const input = ruleInput(person, 'sms', 'marketing', now, rules)
  const related =
    (inquiredAt !== null && plus(inquiredAt, INQUIRY_MS) > now) ||
    (boughtAt !== null && plus(boughtAt, PURCHASE_MS) > now)
  const asked = related ? [erased, suppression] : [erased, suppression, doNotCall]
  const verdicts = asked.map((rule) => rule(input).verdict)
  const denials = verdicts.filter(({ verdict }) => verdict === 'deny')
  const unasked = person.doNotCall?.listed !== true
  const final = denials.find(({ rule }) => rule !== 'do_not_call' || !unasked)
  const rulesVersion = rules.version
  if (final === undefined) {
    const warning = denials[0]?.because ?? null
    return { decision: { allowed: true, rules: verdicts, rulesVersion }, warning }
  }
  const deniedBy = final.rule
  const decision = {
    allowed: false,
    nextAllowedAt: null,
    deniedBy,
    rules: verdicts,
    rulesVersion,
  } as const
  return { decision, warning: null }
}

/**
 * When the law's cap on texts and calls has room for a call again, and the rule's words for the
 * wait; null when it has room now. Time alone empties it, so a task to call waits and is not lost.
 */
export function callWaits(
  person: PolicyPerson,
  now: Instant,
  rules: PolicyRules,
): { readonly untilAt: Instant; readonly because: string } | null {
  const { verdict, nextOpen } = capOnCalls(ruleInput(person, 'sms', 'marketing', now, rules))
  const untilAt = verdict.verdict === 'deny' ? nextOpen?.(now, plus(now, DAY_MS)) : null
  return untilAt ? { untilAt, because: verdict.because } : null
}
