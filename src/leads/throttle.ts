import { sql } from 'kysely'
import { type ThrottleFacts, throttleSince } from '../domain/cadence/timing/throttle.ts'
import type { TouchId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { cadenceVersion } from '../store/company/cadences.ts'
import { type EpisodeRow, openEpisode } from '../store/episodes.ts'
import type { Executor } from '../store/executor.ts'
import type { LeadRow } from '../store/leads.ts'
import { COUNTED } from './people.ts'

/** Any constant serves, so long as it is ours: the first half of the lock's key. */
const THROTTLE_LOCK = 7_364_513

/**
 * Waits for whoever else is deciding about the last place in the throttle of the lead's cadence,
 * until the transaction ends. Taken after the lead row, and nothing is locked after it.
 */
export async function lockThrottle(trx: Executor, lead: LeadRow): Promise<void> {
  const episode = await openEpisode(trx, lead.episode_id)
  if (episode === null) return
  const { name, throttle } = await cadenceVersion(trx, episode.cadence_version_id)
  if (throttle === undefined) return
  await sql`select pg_advisory_xact_lock(${sql.lit(THROTTLE_LOCK)}, hashtext(${name}))`.execute(trx)
}

/**
 * What the cadence of an open episode has sent of late, counted over all its leads and versions;
 * null when it has no throttle. `except` is the touch that is being made.
 */
export async function throttleFacts(
  executor: Executor,
  episode: EpisodeRow | null,
  now: Instant,
  except: TouchId | null,
): Promise<ThrottleFacts | null> {
  if (episode === null) return null
  const { throttle } = await cadenceVersion(executor, episode.cadence_version_id)
  const since = throttle === undefined ? null : throttleSince(throttle, now)
  if (since === null) return null
  const rows = await executor
    .selectFrom('touches')
    .select(['intent_at as at', 'opens'])
    .where('cadence', '=', episode.cadence_name)
    .where('intent_at', '>', since)
    .where('state', 'in', [...COUNTED])
    .where('id', 'is distinct from', except)
    .orderBy('intent_at')
    .execute()
  return {
    touches: rows.map(({ at }) => at),
    first: rows.filter(({ opens }) => opens).map(({ at }) => at),
  }
}
