import { toIso } from '../time.ts'
import { describeLocal } from '../time-zones.ts'
import type { Decision, RuleName, RuleVerdict, Verdict } from './types.ts'

/**
 * A decision as one paragraph that a marketer understands: the answer, why, what comes next. It
 * carries no contact data. Planner, send gate, preview, explanation and pages all tell it by this
 * function; a planner, which asks about a moment to come, says `then`.
 */
export function explainDecision(decision: Decision, when: 'now' | 'then' = 'now'): string {
  if (decision.allowed) {
    const reasons = decision.rules.filter(({ verdict, rule }) => verdict === 'allow' && tells(rule))
    return [`Yes, ${when}.`, ...reasons.map(({ because }) => because)].join(' ')
  }
  const denials = denialsOf(decision)
  return [
    decision.nextAllowedAt === null ? 'No.' : `Not ${when}.`,
    ...denials.map(({ because }) => because),
    nextWords(decision, denials),
  ].join(' ')
}

/**
 * Whether an emergency stop keeps the message, whatever else denies it: then everything waits, and
 * nothing is given up for a reason that the stop's end may find gone.
 */
export function isStopped(decision: Decision): boolean {
  return denialsOf(decision).some(({ rule }) => rule === 'emergency_stop')
}

function denialsOf({ rules }: Decision): readonly RuleVerdict[] {
  return rules.filter(({ verdict }) => verdict === 'deny')
}

const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  allow: 'allows',
  deny: 'stands in the way',
  not_applicable: 'does not apply',
}

/** A rule's name and verdict in words, as every place that tells a decision rule by rule has them. */
export function ruleWords({ rule, verdict }: Pick<RuleVerdict, 'rule' | 'verdict'>): {
  readonly rule: string
  readonly verdict: string
} {
  return { rule: rule.replaceAll('_', ' '), verdict: VERDICT_WORDS[verdict] }
}

/** The rules whose consent a reader wants to hear of; that nothing was erased goes without saying. */
function tells(rule: RuleName): boolean {
  return rule === 'consent' || rule === 'calling_window' || rule === 'preferred_hours'
}

function nextWords(
  { nextAllowedAt, rules }: Extract<Decision, { allowed: false }>,
  denials: readonly RuleVerdict[],
): string {
  if (nextAllowedAt !== null) {
    const zone = zoneOf(rules)
    const words = zone === null ? toIso(nextAllowedAt) : describeLocal(nextAllowedAt, zone)
    return `It may leave from ${words}.`
  }
  const fixes = [...new Set(denials.flatMap(({ fix }) => fix ?? []))]
  return fixes.length === 0
    ? 'No moment within 30 days satisfies every rule: widen the preferred hours, or tell where the lead is.'
    : fixes.join(' ')
}

/** The zone in which the rules told the time. */
function zoneOf(rules: readonly RuleVerdict[]): string | null {
  for (const { inputs } of rules) if (typeof inputs.zone === 'string') return inputs.zone
  return null
}
