import type { Selectable } from 'kysely'
import { type Decision, explainDecision } from '../../domain/policy/index.ts'
import type { RuleVerdict } from '../../domain/policy/types.ts'
import { toIso } from '../../domain/time.ts'
import type { LedgerEntriesTable } from '../../store/schema.ts'

/** A decision of the ledger, as an evidence pack tells it. */
export interface EvidenceDecision {
  readonly at: string
  /** The recipient's local time, as it was told then. */
  readonly local: string | null
  readonly verdict: string
  readonly step: string | null
  readonly rulesVersion: string | null
  readonly words: string
  readonly rules: readonly RuleVerdict[]
}

/** An entry of the ledger that is a decision, in the words that were recorded with it. */
export function asDecision({
  at,
  meta,
  payload,
}: Selectable<LedgerEntriesTable>): EvidenceDecision {
  const rules = Array.isArray(payload?.rules) ? (payload.rules as RuleVerdict[]) : []
  const because = payload?.because
  return {
    at: toIso(at),
    local: typeof payload?.local === 'string' ? payload.local : null,
    verdict: textOf(meta.verdict) ?? 'unknown',
    step: textOf(meta.step),
    rulesVersion: textOf(meta.rulesVersion) ?? textOf(payload?.rulesVersion),
    words: typeof because === 'string' ? because : wordsOf(meta.verdict, rules),
    rules,
  }
}

/** The same words that planner, gate and console use; none when they were erased. */
function wordsOf(verdict: unknown, rules: readonly RuleVerdict[]): string {
  if (rules.length === 0) return 'Its words were erased with the person’s data.'
  const rulesVersion = ''
  const denial = rules.find((rule) => rule.verdict === 'deny')
  const decision: Decision =
    verdict === 'allowed' || denial === undefined
      ? { allowed: true, rules, rulesVersion }
      : { allowed: false, nextAllowedAt: null, deniedBy: denial.rule, rules, rulesVersion }
  if (decision.allowed) return explainDecision(decision)
  return rules.flatMap((rule) => (rule.verdict === 'deny' ? [rule.because] : [])).join(' ')
}

/** A value of the ledger as text; null where it is something else, or was erased. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
