import { Hono } from 'hono'
import { beginCall, type CallView, finishTask } from '../../leads/tasks/calls.ts'
import { audit } from '../../store/company/audit.ts'
import { actorOf, type Inside, pathOr, sayRefusals } from '../inside.ts'
import { openTasks } from '../reads.ts'
import type { ConsoleContext, ConsoleEnv, Said } from '../view.ts'
import { TasksPage } from './tasks-page.tsx'

/** What people have to do: the list, calling, and what became of it. */
export function taskRoutes({ deps, doorway, rules }: Inside): Hono<ConsoleEnv> {
  const { store } = deps
  const app = new Hono<ConsoleEnv>()
  const contextOf = async (c: ConsoleContext) => {
    const [ledgerKey] = deps.ledgerKeys
    if (ledgerKey === undefined) throw new Error('the console has the key of the ledger')
    return { who: actorOf(c), at: deps.now(), rules: await rules(), ledgerKey }
  }

  app.get('/tasks', async (c) => {
    const { company } = await rules()
    const tasks = await openTasks(store.db)
    return c.html(
      <TasksPage view={doorway.view(c)} tasks={tasks} zone={company.timezone} now={deps.now()} />,
    )
  })

  app.post('/tasks/:id/call', async (c) => {
    const { back } = await c.req.parseBody()
    const taskId = c.req.param('id')
    const context = await contextOf(c)
    const { who, at } = context
    const said = await sayRefusals(async () => {
      const call = await store.transaction(async (trx) => {
        const answer = await beginCall(trx, taskId, context)
        const details = { taskId, allowed: answer.allowed }
        await audit(trx, { who, action: 'call', leadId: answer.leadId, at, details })
        return answer
      })
      return { tone: call.allowed ? 'good' : 'bad', text: call.words }
    })
    return doorway.redirect(c, pathOr(back, '/tasks'), said)
  })

  app.post('/tasks/:id/done', async (c) => {
    const { back, called } = await c.req.parseBody()
    const taskId = c.req.param('id')
    const context = await contextOf(c)
    const { who, at } = context
    const said = await sayRefusals(async () => {
      const { call } = await store.transaction(async (trx) => {
        const answer = await finishTask(trx, taskId, called !== 'no', context)
        const { leadId } = answer
        await audit(trx, { who, action: 'task_done', leadId, at, details: { taskId } })
        return answer
      })
      return doneWords(call)
    })
    return doorway.redirect(c, pathOr(back, '/tasks'), said)
  })

  return app
}

/** A call that was made against a rule is on record, and whoever made it hears so. */
function doneWords(call: CallView | null): Said {
  if (call === null || call.allowed) return { tone: 'good', text: 'The task is done.' }
  return { tone: 'bad', text: `The task is done, and the call was not allowed. ${call.words}` }
}
