import { z } from 'zod'
import { id, type LeadId } from '../../domain/ids.ts'
import { beginCall, finishTask } from '../../leads/tasks/calls.ts'
import { listTasks } from '../../leads/tasks/tasks.ts'
import { audit } from '../../store/company/audit.ts'
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
  callRoute(api, deps)
  write(
    api,
    deps,
    'post',
    {
      path: '/v1/tasks/:id/done',
      tag: TAG,
      summary: 'A task is done',
      description:
        'One to call counts as a call in the caps, unless `called` is false or a call is on record since the task was given. Whether it was allowed at that moment is recorded either way.',
      body: z.strictObject({ called: z.boolean().optional() }),
      example: { called: true },
      answer: 'The lead that it was about, and what the policy says of the call.',
      answerExample: { status: 'done', leadId: 'lead_…', call: null },
    },
    async (trx, { c, body, who, now, rules }) => {
      const taskId = c.req.param('id') ?? ''
      const context = { who, at: now, rules, ledgerKey: deps.ledgerKey }
      const { leadId, call } = await finishTask(trx, taskId, body.called ?? true, context)
      await audit(trx, { who, action: 'task_done', leadId, at: now, details: { taskId } })
      return { body: { status: 'done', leadId, call } }
    },
  )
  return api
}

/** A person is about to call: asked, told and recorded at that moment. */
function callRoute(api: Api, deps: ApiDeps): void {
  write(
    api,
    deps,
    'post',
    {
      path: '/v1/tasks/:id/call',
      tag: TAG,
      summary: 'May the lead of this task be called now?',
      description:
        'Ask it with the phone in hand: stops, the do-not-call list, the caps and the calling hours are judged for this moment, and the answer goes into the ledger. An allowed call counts from then on; a denied one does not, and the task stays open.',
      body: z.strictObject({}),
      example: {},
      answer: 'The decision, in words and rule by rule.',
      answerExample: {
        leadId: 'lead_…',
        allowed: true,
        words: 'Yes, now. It is 12:00 New York, within 08:00–21:00 (federal law, New York).',
        nextAllowedAt: null,
        rules: [],
      },
    },
    async (trx, { c, who, now, rules }) => {
      const taskId = c.req.param('id') ?? ''
      const call = await beginCall(trx, taskId, { who, at: now, rules, ledgerKey: deps.ledgerKey })
      const details = { taskId, allowed: call.allowed }
      await audit(trx, { who, action: 'call', leadId: call.leadId, at: now, details })
      return { body: call }
    },
  )
}
