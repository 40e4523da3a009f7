import { toIso } from '../time.ts'
import { describeLocal } from '../time-zones.ts'
import type { Decision, RuleName, RuleVerdict, Verdict } from './types.ts'

/**
 * A decision as one paragraph that a marketer understands: the answer, why, what comes next. It
 * carries no contact data.
 */
export function explainDecision(decision: Decision): string {
  if (decision.allowed) {
    const reasons = decision.rules.filter(({ verdict, rule }) => verdict === 'allow' && tells(rule))
    return ['Yes, now.', ...reasons.map(({ because }) => because)].join(' ')
  }
  const denials = decision.rules.filter(({ verdict }) => verdict === 'deny')
  return [
    decision.nextAllowedAt === null ? 'No.' : 'Not now.',
    ...denials.map(({ because }) => because),
    nextWords(decision, denials),
  ].join(' ')
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
