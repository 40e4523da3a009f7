import type { LeadId } from '../domain/ids.ts'
import { type Instant, toIso } from '../domain/time.ts'
import type { Executor } from '../store/executor.ts'
import { lockLead } from '../store/leads.ts'
import { Refusal } from './intake.ts'
import { isoOrNull } from './view.ts'

export interface TaskView {
  readonly id: string
  readonly leadId: LeadId
  readonly kind: string
  readonly title: string
  readonly because: string
  readonly assignee: string | null
  readonly dueAt: string | null
  readonly createdAt: string
  readonly doneAt: string | null
  readonly doneBy: string | null
}

/** Tasks for people, oldest first; those that are open unless all are asked for. */
export async function listTasks(
  executor: Executor,
  query: { open: boolean; leadId?: LeadId | undefined; assignee?: string | undefined },
): Promise<TaskView[]> {
  const rows = await executor
    .selectFrom('tasks')
    .selectAll()
    .$if(query.open, (tasks) => tasks.where('done_at', 'is', null))
    .$if(query.leadId !== undefined, (tasks) =>
      tasks.where('lead_id', '=', query.leadId ?? ('' as LeadId)),
    )
    .$if(query.assignee !== undefined, (tasks) =>
      tasks.where('assignee', '=', query.assignee ?? null),
    )
    .orderBy('created_at')
    .limit(500)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    leadId: row.lead_id,
    kind: row.kind,
    title: row.title,
    because: row.because,
    assignee: row.assignee,
    dueAt: isoOrNull(row.due_at),
    createdAt: toIso(row.created_at),
    doneAt: isoOrNull(row.done_at),
    doneBy: row.done_by,
  }))
}

/** Closes a task; closing it again changes nothing. @throws Refusal 404 */
export async function finishTask(
  trx: Executor,
  taskId: string,
  by: string,
  at: Instant,
): Promise<LeadId> {
  const task = await trx
    .selectFrom('tasks')
    .select(['lead_id', 'done_at'])
    .where('id', '=', taskId)
    .executeTakeFirst()
  if (task === undefined) {
    throw new Refusal(404, 'no_such_task', 'No task has this id.', 'List them with GET /v1/tasks.')
  }
  await lockLead(trx, task.lead_id)
  await trx
    .updateTable('tasks')
    .set({ done_at: at, done_by: by })
    .where('id', '=', taskId)
    .where('done_at', 'is', null)
    .execute()
  return task.lead_id
}
