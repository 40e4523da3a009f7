import { type Instant, plus, toIso } from '../time.ts'
import { type ConditionFacts } from './conditions/conditions.ts'
import { judgeCondition } from './conditions/judge.ts'
import type { EntryRules } from './header-types.ts'

/** What the rules of entry look at. */
export interface EntryFacts {
  readonly source: string
  /** When the lead was in this cadence last; null: never. An end that is null is still to come. */
  readonly last: { readonly endedAt: Instant | null } | null
  /** What conditions ask; null where the rules ask none. */
  readonly situation: ConditionFacts | null
}

/** Why a cadence does not take a lead now, as a clause; null when it does. */
export function refusesEntry(rules: EntryRules, facts: EntryFacts, now: Instant): string | null {
  const { sources, when } = rules
  if (sources?.every((source) => folded(source) !== folded(facts.source)) === true) {
    return `it takes leads from ${sources.join(', ')} only`
  }
  const again = refusesAgain(rules, facts, now)
  if (again !== null || when === undefined) return again
  if (facts.situation === null) throw new Error('a condition is asked, and its facts were not read')
  const { holds, because } = judgeCondition(when, facts.situation)
  return holds ? null : `it does not take this lead: ${because}`
}

function refusesAgain({ reEntry }: EntryRules, { last }: EntryFacts, now: Instant): string | null {
  if (last === null || reEntry === undefined || reEntry.kind === 'always') return null
  if (reEntry.kind === 'never') return 'the lead was in it before, and it takes nobody twice'
  const from = last.endedAt === null ? null : plus(last.endedAt, reEntry.ms)
  if (from !== null && from <= now) return null
  return `the lead was in it before${from === null ? '' : `, and may come again from ${toIso(from)} on`}`
}

function folded(source: string): string {
  return source.trim().toLowerCase()
}
