import type { Instant } from '../time.ts'
import type { RuleAnswer } from './rule.ts'
import type { Decision } from './types.ts'
import { firstCommon, SEARCH_MS } from './windows.ts'

/**
 * What the answers of all rules come to: the first that denies gives the decision its name, and
 * what time alone will satisfy is looked for within `searchMs`.
 */
export function decisionOf(
  answers: readonly RuleAnswer[],
  now: Instant,
  rulesVersion: string,
  searchMs: number = SEARCH_MS,
): Decision {
  const rules = answers.map(({ verdict }) => verdict)
  const denial = rules.find(({ verdict }) => verdict === 'deny')
  if (denial === undefined) return { allowed: true, rules, rulesVersion }
  const nextAllowedAt = whenAllAllow(answers, now, searchMs)
  return { allowed: false, nextAllowedAt, deniedBy: denial.rule, rules, rulesVersion }
}

function whenAllAllow(
  answers: readonly RuleAnswer[],
  now: Instant,
  searchMs: number,
): Instant | null {
  const final = answers.some(
    ({ verdict, nextOpen }) => verdict.verdict === 'deny' && nextOpen === undefined,
  )
  if (final) return null
  const judges = answers.flatMap(({ nextOpen }) => nextOpen ?? [])
  return firstCommon(judges, now, searchMs)
}
