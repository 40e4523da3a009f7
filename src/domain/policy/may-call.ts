import { DAY_MS, type Instant, plus } from '../time.ts'
import { decisionOf } from './decision.ts'
import { type Rule, type RuleAnswer, type RuleInput, ruleInput } from './rule.ts'
import { callingWindow } from './rules/calling-window.ts'
import { contactPoint } from './rules/contact-point.ts'
import { doNotCall } from './rules/do-not-call.ts'
import { emergencyStop } from './rules/emergency-stop.ts'
import { erased } from './rules/erased.ts'
import { capOnCalls } from './rules/frequency-caps.ts'
import { suppression } from './rules/suppression.ts'
import type { Decision, PolicyPerson, PolicyRules } from './types.ts'

/** What the person did that lets a seller call although the number is on the national list. */
export interface Relationship {
  /** The last form, message or booking: an inquiry, which counts for three months. */
  readonly inquiredAt: Instant | null
  /** The last purchase, which counts for eighteen months. */
  readonly boughtAt: Instant | null
}

const INQUIRY_MS = 90 * DAY_MS
const PURCHASE_MS = 540 * DAY_MS

/**
 * When it is asked. `task`: before a person is given the task to call, so of what no hour lifts.
 * `call`: when that person takes up the phone, so of everything.
 */
export type CallMoment = 'task' | 'call'

export interface CallVerdict {
  readonly decision: Decision
  /** What whoever calls should know beforehand; null when there is nothing. */
  readonly warning: string | null
}

/** A landline takes calls, though no texts. */
const number: Rule = (input) => {
  const { phone } = input.person
  if (phone?.validity !== 'not_capable') return contactPoint(input)
  return contactPoint({
    ...input,
    person: { ...input.person, phone: { ...phone, validity: 'unknown', invalidBecause: null } },
  })
}

/** A channel that is stopped is a gateway that fails: it says nothing of a telephone. */
const stops: Rule = (input) => {
  const { person } = input
  const others = person.stops.filter(({ scope }) => scope !== 'channel')
  return emergencyStop({ ...input, person: { ...person, stops: others } })
}

const ASKED: Readonly<Record<CallMoment, readonly Rule[]>> = {
  task: [erased, suppression, doNotCall],
  call: [erased, suppression, doNotCall, number, stops, capOnCalls, callingWindow],
}

/**
 * May this person be called? A STOP ends calls as it ends texts; a number on the national list is
 * not called unless there is written consent or an established business relationship (47 CFR
 * 64.1200(f)(5)). Where no list of use is on file, whoever calls is warned.
 */
export function mayCall(
  person: PolicyPerson,
  relationship: Relationship,
  now: Instant,
  rules: PolicyRules,
  moment: CallMoment = 'task',
): CallVerdict {
  const input = ruleInput(person, 'sms', 'marketing', now, forCalls(rules))
  const asked = isRelated(relationship, now)
    ? ASKED[moment].filter((rule) => rule !== doNotCall)
    : ASKED[moment]
  const { answers, warning } = warned(
    input,
    asked.map((rule) => rule(input)),
  )
  return { decision: decisionOf(answers, now, rules.version), warning }
}

/** Consent to texts widens the hours of texts alone. */
function forCalls(rules: PolicyRules): PolicyRules {
  const overrides = rules.overrides.filter((name) => name !== 'consented-texts-federal-hours')
  return { ...rules, overrides }
}

function isRelated({ inquiredAt, boughtAt }: Relationship, now: Instant): boolean {
  return (
    (inquiredAt !== null && plus(inquiredAt, INQUIRY_MS) > now) ||
    (boughtAt !== null && plus(boughtAt, PURCHASE_MS) > now)
  )
}

/** A list that could not be asked warns: only a number that is known to be on it is not called. */
function warned(
  { person }: RuleInput,
  answers: readonly RuleAnswer[],
): { readonly answers: readonly RuleAnswer[]; readonly warning: string | null } {
  const listed = person.doNotCall?.listed === true
  const unasked = answers.find(
    ({ verdict }) => verdict.rule === 'do_not_call' && verdict.verdict === 'deny' && !listed,
  )
  if (unasked === undefined) return { answers, warning: null }
  const verdict = { ...unasked.verdict, verdict: 'not_applicable' } as const
  return {
    answers: answers.map((one) => (one === unasked ? { verdict } : one)),
    warning: verdict.because,
  }
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
