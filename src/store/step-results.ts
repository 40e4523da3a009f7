import type { Selectable } from 'kysely'
import type { EpisodeId } from '../domain/ids.ts'
import type { Executor } from './executor.ts'
import type { StepResultsTable } from './schema.ts'

export type StepResult = Selectable<StepResultsTable>

/** Keeps what a visit of a step came to; false when it has come to something already. */
export async function addStepResult(trx: Executor, result: StepResult): Promise<boolean> {
  const inserted = await trx
    .insertInto('step_results')
    .values(result)
    .onConflict((on) => on.columns(['episode_id', 'step_id', 'visit']).doNothing())
    .returning('step_id')
    .executeTakeFirst()
  return inserted !== undefined
}

/** What the steps of an episode came to, oldest first. */
export function resultsOfEpisode(executor: Executor, episodeId: EpisodeId): Promise<StepResult[]> {
  return executor
    .selectFrom('step_results')
    .selectAll()
    .where('episode_id', '=', episodeId)
    .orderBy('at')
    .orderBy('visit')
    .execute()
}
