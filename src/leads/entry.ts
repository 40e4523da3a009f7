import { type EntryFacts, refusesEntry } from '../domain/cadence/entry.ts'
import type { EngineRules } from '../domain/company/company.ts'
import type { CadenceVersionId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { cadenceVersion } from '../store/company/cadences.ts'
import { openEpisode } from '../store/episodes.ts'
import type { Executor } from '../store/executor.ts'
import type { LeadRow } from '../store/leads.ts'
import { loadPerson } from './people.ts'
import { loadSituation } from './situation.ts'

/** A cadence by name, in its current version. */
export interface PublishedCadence {
  readonly cadence: string
  readonly versionId: CadenceVersionId
}

export type EntryRulesInForce = Pick<EngineRules, 'policy' | 'revival' | 'scoring'>

/**
 * Why a published cadence does not take this lead now, as a clause; null when it does. Asked when
 * a post is answered and again when the cadence would begin, by the planner's clock.
 */
export async function refusedBy(
  executor: Executor,
  lead: LeadRow,
  { cadence, versionId }: PublishedCadence,
  now: Instant,
  rules: EntryRulesInForce,
): Promise<string | null> {
  const { entry } = await cadenceVersion(executor, versionId)
  if (entry === undefined) return null
  const facts: EntryFacts = {
    source: lead.source,
    last: entry.reEntry === undefined ? null : await lastTime(executor, lead, cadence),
    situation: entry.when === undefined ? null : await situationOf(executor, lead, now, rules),
  }
  const refusal = refusesEntry(entry, facts, now)
  return refusal === null ? null : `${cadence} refuses: ${refusal}`
}

async function lastTime(
  executor: Executor,
  lead: LeadRow,
  cadence: string,
): Promise<EntryFacts['last']> {
  const row = await executor
    .selectFrom('episodes')
    .select('ended_at as endedAt')
    .where('lead_id', '=', lead.id)
    .where('cadence_name', '=', cadence)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row ?? null
}

async function situationOf(
  executor: Executor,
  lead: LeadRow,
  now: Instant,
  rules: EntryRulesInForce,
): Promise<EntryFacts['situation']> {
  const { policy } = await loadPerson(executor, lead, now)
  const episode = await openEpisode(executor, lead.episode_id)
  return (await loadSituation(executor, lead, policy, episode, now, rules)).facts
}
