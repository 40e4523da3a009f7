import type { Selectable } from 'kysely'
import type { EpisodeId, LeadId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import { newId } from '../new-id.ts'
import type { TasksTable } from '../schema.ts'

export type TaskRow = Selectable<TasksTable>

export interface NewTask {
  readonly leadId: LeadId
  readonly kind: TasksTable['kind']
  readonly title: string
  readonly because: string
  readonly assignee: string | null
  readonly dueAt: Instant | null
  readonly at: Instant
  /** Of whose cadence it is a step. */
  readonly episodeId?: EpisodeId
}

/** Gives a person something to do about a lead. */
export async function addTask(trx: Executor, task: NewTask): Promise<void> {
  await trx
    .insertInto('tasks')
    .values({
      id: newId('task'),
      lead_id: task.leadId,
      kind: task.kind,
      title: task.title,
      because: task.because,
      assignee: task.assignee,
      due_at: task.dueAt,
      created_at: task.at,
      done_at: null,
      done_by: null,
      episode_id: task.episodeId ?? null,
    })
    .execute()
}

/** Like addTask, unless a task of this kind is open for the lead already. */
export async function addTaskOnce(trx: Executor, task: NewTask): Promise<void> {
  const open = await trx
    .selectFrom('tasks')
    .select('id')
    .where('lead_id', '=', task.leadId)
    .where('kind', '=', task.kind)
    .where('done_at', 'is', null)
    .executeTakeFirst()
  if (!open) await addTask(trx, task)
}

/** Like addTaskOnce, but a task that is open already tells of the newest. */
export async function addTaskTelling(trx: Executor, task: NewTask): Promise<void> {
  const open = await trx
    .updateTable('tasks')
    .set({ title: task.title, because: task.because })
    .where('lead_id', '=', task.leadId)
    .where('kind', '=', task.kind)
    .where('done_at', 'is', null)
    .returning('id')
    .execute()
  if (open.length === 0) await addTask(trx, task)
}

/** The task of this id, open or done; null when there is none. */
export async function findTask(executor: Executor, taskId: string): Promise<TaskRow | null> {
  const row = await executor
    .selectFrom('tasks')
    .selectAll()
    .where('id', '=', taskId)
    .executeTakeFirst()
  return row ?? null
}

/** Closes one task; closing it again changes nothing. */
export async function finish(
  trx: Executor,
  taskId: string,
  { who, at }: { readonly who: string; readonly at: Instant },
): Promise<void> {
  await trx
    .updateTable('tasks')
    .set({ done_at: at, done_by: who })
    .where('id', '=', taskId)
    .where('done_at', 'is', null)
    .execute()
}

/** Closes every open task of a lead, or those of these kinds. */
export async function closeTasks(
  trx: Executor,
  leadId: LeadId,
  by: string,
  at: Instant,
  kinds?: readonly TasksTable['kind'][],
): Promise<void> {
  await trx
    .updateTable('tasks')
    .set({ done_at: at, done_by: by })
    .where('lead_id', '=', leadId)
    .where('done_at', 'is', null)
    .$if(kinds !== undefined, (tasks) => tasks.where('kind', 'in', [...(kinds ?? [])]))
    .execute()
}

/** Closes the open tasks of a lead that were given for this reason. */
export async function closeTasksBecause(
  trx: Executor,
  leadId: LeadId,
  because: string,
  by: string,
  at: Instant,
): Promise<void> {
  await trx
    .updateTable('tasks')
    .set({ done_at: at, done_by: by })
    .where('lead_id', '=', leadId)
    .where('because', '=', because)
    .where('done_at', 'is', null)
    .execute()
}

/** What a person who stopped texts is spared too. */
export const CALLS = ['call', 'voicemail'] as const satisfies readonly TasksTable['kind'][]
