import type { EpisodeId, LeadId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import { newId } from '../new-id.ts'

export interface NewCall {
  readonly leadId: LeadId
  /** The task that it is made for; null for one that is reported. */
  readonly taskId: string | null
  readonly episodeId: EpisodeId | null
  readonly at: Instant
  readonly by: string
}

/** Writes down that the lead is called, at the number it has now: from its commit on it counts. */
export async function addCall(trx: Executor, call: NewCall): Promise<void> {
  const phone = await trx
    .selectFrom('contact_points')
    .select('hash')
    .where('lead_id', '=', call.leadId)
    .where('kind', '=', 'phone')
    .where('current', '=', true)
    .executeTakeFirst()
  await trx
    .insertInto('calls')
    .values({
      id: newId('call'),
      lead_id: call.leadId,
      contact_hash: phone?.hash ?? null,
      task_id: call.taskId,
      episode_id: call.episodeId,
      at: call.at,
      by: call.by,
    })
    .execute()
}

/** Whether a call is on record for the task, or was reported since the task was given. */
export async function isCalledFor(
  executor: Executor,
  task: { readonly id: string; readonly leadId: LeadId; readonly since: Instant },
): Promise<boolean> {
  const call = await executor
    .selectFrom('calls')
    .select('id')
    .where('lead_id', '=', task.leadId)
    .where((on) =>
      on.or([
        on('task_id', '=', task.id),
        on.and([on('task_id', 'is', null), on('at', '>=', task.since)]),
      ]),
    )
    .limit(1)
    .executeTakeFirst()
  return call !== undefined
}
