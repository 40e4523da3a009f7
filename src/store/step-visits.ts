import { sql } from 'kysely'
import type { Position } from '../domain/cadence/types.ts'
import type { EpisodeId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import type { Executor } from './executor.ts'

/**
 * Records that an episode came to a step, in the version that it is in now. One that it left
 * before, on the same visit, stays left: its effect is not repeated.
 */
export async function enterStep(
  trx: Executor,
  episodeId: EpisodeId,
  { stepId, visit }: Position,
  at: Instant,
): Promise<void> {
  await sql`
    insert into step_visits
      (episode_id, step_id, visit, lead_id, cadence_version_id, entered_at, left_at)
    select id, ${stepId}::text, ${visit}::integer, lead_id, cadence_version_id, ${at}::bigint, null
    from episodes where id = ${episodeId}
    on conflict (episode_id, step_id, visit) do nothing
  `.execute(trx)
}

/** Records that the episode left the step it stood on. */
export async function leaveStep(trx: Executor, episodeId: EpisodeId, at: Instant): Promise<void> {
  await trx
    .updateTable('step_visits')
    .set({ left_at: at })
    .where('episode_id', '=', episodeId)
    .where('left_at', 'is', null)
    .execute()
}

/** The step is to be done after all; the one that it had moved on to was not begun. */
export async function returnToStep(
  trx: Executor,
  episodeId: EpisodeId,
  { stepId, visit }: Position,
): Promise<void> {
  await trx
    .deleteFrom('step_visits')
    .where('episode_id', '=', episodeId)
    .where('left_at', 'is', null)
    .execute()
  await trx
    .updateTable('step_visits')
    .set({ left_at: null })
    .where('episode_id', '=', episodeId)
    .where('step_id', '=', stepId)
    .where('visit', '=', visit)
    .execute()
}

/** The steps that the episode has left, in any of its versions. */
export async function passedSteps(executor: Executor, episodeId: EpisodeId): Promise<Position[]> {
  const rows = await executor
    .selectFrom('step_visits')
    .select(['step_id', 'visit'])
    .where('episode_id', '=', episodeId)
    .where('left_at', 'is not', null)
    .orderBy('entered_at')
    .execute()
  return rows.map(({ step_id, visit }) => ({ stepId: step_id, visit }))
}

/** Whether the episode has left this step before, and stands on it again. */
export async function hasPassed(
  executor: Executor,
  episodeId: EpisodeId,
  { stepId, visit }: Position,
): Promise<boolean> {
  const row = await executor
    .selectFrom('step_visits')
    .select('left_at')
    .where('episode_id', '=', episodeId)
    .where('step_id', '=', stepId)
    .where('visit', '=', visit)
    .executeTakeFirst()
  return row !== undefined && row.left_at !== null
}
