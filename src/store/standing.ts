import { jsonArrayFrom, jsonObjectFrom } from 'kysely/helpers/postgres'
import type { EpisodeId, LeadId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { compiledOnce, onlyRow } from './compiled-once.ts'
import type { EpisodeRow } from './episodes.ts'
import type { Executor } from './executor.ts'
import { concerning, type HoldRow } from './holds.ts'
import { PLANNED_COLUMNS, type PlannedTouch, REACHED_OUT } from './touches.ts'

/** Where a lead stands in its cadence, and what holds it. */
export interface Standing {
  /** The lead's open episode; null when it is in none. */
  readonly episode: EpisodeRow | null
  /** What concerns the lead and is open, or was since the episode came to its step. */
  readonly holds: readonly HoldRow[]
  /**
   * The touches that a plan of the episode hangs on, oldest first: those that may have reached the
   * lead, and every attempt at the step it stands on.
   */
  readonly touches: readonly PlannedTouch[]
}

/** Reads it in one round trip. `now` is since when holds count for a lead in no episode. */
export async function standingOf(
  executor: Executor,
  leadId: LeadId,
  episodeId: EpisodeId | null,
  now: Instant,
): Promise<Standing> {
  return onlyRow(await standing(executor, { leadId, episodeId, now }))
}

interface StandingArgs {
  readonly leadId: LeadId
  readonly episodeId: EpisodeId | null
  readonly now: Instant
}

const standing = compiledOnce((executor, { leadId, episodeId, now }: StandingArgs) =>
  executor
    .with('episode', (db) => db.selectFrom('episodes').selectAll().where('id', '=', episodeId))
    .selectNoFrom((on) => {
      const episode = on.selectFrom('episode')
      const since = on.fn.coalesce(episode.select('anchor_at'), on.val(now))
      const cadence = episode.select('cadence_name')
      return [
        jsonObjectFrom(episode.selectAll()).as('episode'),
        jsonArrayFrom(concerning(executor, { leadId, cadence, since })).as('holds'),
        jsonArrayFrom(
          on
            .selectFrom('touches')
            .innerJoin('episode', (join) => join.onTrue())
            .select(PLANNED_COLUMNS.map((column) => `touches.${column}` as const))
            .where('touches.lead_id', '=', leadId)
            .where((touch) =>
              touch.or([
                touch('touches.state', 'in', [...REACHED_OUT]),
                touch.and([
                  touch('touches.episode_id', '=', touch.ref('episode.id')),
                  touch('touches.step_id', '=', touch.ref('episode.step_id')),
                  touch('touches.visit', '=', touch.ref('episode.visit')),
                ]),
              ]),
            )
            .orderBy('touches.intent_at')
            .orderBy('touches.attempt'),
        ).as('touches'),
      ]
    }),
)
