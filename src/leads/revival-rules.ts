import type { CadenceVersionId } from '../domain/ids.ts'
import type { DeadReason } from '../domain/lead.ts'
import { type RevivalRules, withCadenceRevival } from '../domain/revival.ts'
import { cadenceVersion, currentVersion } from '../store/company/cadences.ts'
import type { Executor } from '../store/executor.ts'
import type { LeadRow } from '../store/leads.ts'

/** A lead with more episodes than this has long been another's. */
const MOST_EPISODES = 10

/**
 * The rules by which this dead lead comes back: the company's, with what the cadence says that it
 * was in last and that says anything.
 */
export async function revivalFor(
  executor: Executor,
  lead: LeadRow,
  rules: RevivalRules,
): Promise<RevivalRules> {
  const episodes = await executor
    .selectFrom('episodes')
    .select('cadence_version_id')
    .where('lead_id', '=', lead.id)
    .orderBy('number', 'desc')
    .limit(MOST_EPISODES)
    .execute()
  for (const { cadence_version_id } of episodes) {
    const { revival } = await cadenceVersion(executor, cadence_version_id)
    if (revival !== undefined) return withCadenceRevival(rules, revival)
  }
  return rules
}

/** The cadence that checks in on this lead, in its current version; null: a person calls. */
export async function checkInBy(
  executor: Executor,
  lead: LeadRow,
  reason: DeadReason,
  rules: RevivalRules,
): Promise<{ readonly cadence: string; readonly versionId: CadenceVersionId } | null> {
  const revival = await revivalFor(executor, lead, rules)
  const { checkIn, checkInCadence: cadence = revival.checkInCadence } = revival.byReason[reason]
  if (checkIn.kind === 'task_on_named_date') return null
  const versionId = await currentVersion(executor, cadence)
  return versionId && { cadence, versionId }
}
