import { id, type LeadId } from '../../domain/ids.ts'
import { toIso } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'
import { isoOrNull } from '../views/view.ts'

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
      tasks.where('lead_id', '=', query.leadId ?? id<LeadId>('')),
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
