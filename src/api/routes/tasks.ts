import { z } from 'zod'
import { id, type LeadId } from '../../domain/ids.ts'
import { finishTask, listTasks } from '../../leads/tasks.ts'
import { audit } from '../../store/audit.ts'
import type { ApiDeps } from '../deps.ts'
import { type Api, newApi, read, write } from '../operation.ts'

const TAG = 'Tasks'

/** What people are to do about leads. */
export function taskRoutes(deps: ApiDeps): Api {
  const api = newApi()
  read(
    api,
    deps,
    {
      path: '/v1/tasks',
      tag: TAG,
      summary: 'List tasks for people',
      query: z.strictObject({
        all: z.enum(['true', 'false']).optional(),
        leadId: z.string().max(100).optional(),
        assignee: z.string().max(300).optional(),
      }),
      answer: 'Open tasks, oldest first; with `all=true` also those that are done.',
    },
    async ({ query }) => ({
      body: {
        items: await listTasks(deps.store.db, {
          open: query.all !== 'true',
          leadId: query.leadId === undefined ? undefined : id<LeadId>(query.leadId),
          assignee: query.assignee,
        }),
      },
    }),
  )
  write(
    api,
    deps,
    'post',
    {
      path: '/v1/tasks/:id/done',
      tag: TAG,
      summary: 'A task is done',
      body: z.strictObject({}),
      example: {},
      answer: 'The lead that it was about.',
    },
    async (trx, { c, who, now }) => {
      const taskId = c.req.param('id') ?? ''
      const leadId = await finishTask(trx, taskId, who, now)
      await audit(trx, { who, action: 'task_done', leadId, at: now, details: { taskId } })
      return { body: { status: 'done', leadId } }
    },
  )
  return api
}
