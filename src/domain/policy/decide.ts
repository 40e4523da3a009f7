import type { Instant } from '../time.ts'
import { decisionOf } from './decision.ts'
import { closedForMs } from './open-days.ts'
import { type Rule, ruleInput } from './rule.ts'
import { callingWindow } from './rules/calling-window.ts'
import { consent } from './rules/consent.ts'
import { contactPoint } from './rules/contact-point.ts'
import { doNotCall } from './rules/do-not-call.ts'
import { emergencyStop } from './rules/emergency-stop.ts'
import { erased } from './rules/erased.ts'
import { frequencyCaps } from './rules/frequency-caps.ts'
import { minimumGap } from './rules/minimum-gap.ts'
import { preferredHours } from './rules/preferred-hours.ts'
import { suppression } from './rules/suppression.ts'
import { topic } from './rules/topic.ts'
import type { Channel, Decision, MessageClass, PolicyPerson, PolicyRules } from './types.ts'
import { SEARCH_MS } from './windows.ts'

/** The rules in the order in which they are asked and told. The first to deny gives its name. */
const RULES: readonly Rule[] = [
  erased,
  suppression,
  topic,
  consent,
  doNotCall,
  contactPoint,
  emergencyStop,
  frequencyCaps,
  minimumGap,
  callingWindow,
  preferredHours,
]

/**
 * May we touch this person on this channel now? The only judge: planner, send gate, preview and
 * explanation all ask it. Every rule is asked, so that the answer explains itself as a whole.
 * `now` is UTC; `nextAllowedAt` is the first whole second, within 30 days, at which every rule
 * allows, and null when a rule denies that time alone will not satisfy.
 */
export function decide(
  person: PolicyPerson,
  channel: Channel,
  messageClass: MessageClass,
  now: Instant,
  rules: PolicyRules,
): Decision {
  const input = ruleInput(person, channel, messageClass, now, rules)
  const { openDays, version } = rules
  return decisionOf(
    RULES.map((rule) => rule(input)),
    now,
    version,
    // A calendar may close longer than the law ever does.
    SEARCH_MS + (openDays == null ? 0 : closedForMs(openDays)),
  )
}
