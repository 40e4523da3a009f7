import type { EngineRules } from '../../domain/company/company.ts'
import type { Score } from '../../domain/scoring.ts'
import type { Instant } from '../../domain/time.ts'
import { openEpisode } from '../../store/episodes.ts'
import type { Executor } from '../../store/executor.ts'
import type { LeadRow } from '../../store/leads.ts'
import { loadPerson } from '../people.ts'
import { loadSituation } from '../situation.ts'
import { isoOrNull } from './view.ts'

/** How promising a lead is, and what that is made of; instants are ISO 8601. */
export interface ScoreView {
  readonly points: number
  readonly parts: readonly {
    readonly points: number
    readonly because: string
    readonly at: string | null
  }[]
}

/** The score of a lead as of `now`. */
export async function leadScore(
  executor: Executor,
  lead: LeadRow,
  now: Instant,
  rules: EngineRules,
): Promise<ScoreView> {
  const { policy } = await loadPerson(executor, lead, now)
  const episode = await openEpisode(executor, lead.episode_id)
  return shownScore((await loadSituation(executor, lead, policy, episode, now, rules)).score)
}

/** A score as people see it. */
export function shownScore({ points, parts }: Score): ScoreView {
  return { points, parts: parts.map((part) => ({ ...part, at: isoOrNull(part.at) })) }
}
