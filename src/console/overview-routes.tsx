import { Hono } from 'hono'
import { finishTask } from '../leads/tasks.ts'
import { audit } from '../store/audit.ts'
import { allOfferings } from '../store/offerings.ts'
import { pausedCadences } from '../store/cadence-pauses.ts'
import { AlertsPage } from './alerts-page.tsx'
import { CadencesPage } from './cadences-page.tsx'
import { actorOf, type Inside, pathOr, sayRefusals } from './inside.ts'
import { cadencesInUse, openAlerts, openTasks } from './reads.ts'
import { OfferingsPage } from './offerings-page.tsx'
import { TasksPage } from './tasks-page.tsx'
import type { ConsoleEnv } from './view.ts'

/** The pages about all leads at once: tasks, cadences, alerts. */
export function overviewRoutes({ deps, doorway, rules }: Inside): Hono<ConsoleEnv> {
  const { store } = deps
  const app = new Hono<ConsoleEnv>()

  app.get('/tasks', async (c) => {
    const { company } = await rules()
    const tasks = await openTasks(store.db)
    return c.html(
      <TasksPage view={doorway.view(c)} tasks={tasks} zone={company.timezone} now={deps.now()} />,
    )
  })

  app.post('/tasks/:id/done', async (c) => {
    const { back } = await c.req.parseBody()
    const who = actorOf(c)
    const taskId = c.req.param('id')
    const said = await sayRefusals(async () => {
      await store.transaction(async (trx) => {
        const leadId = await finishTask(trx, taskId, who, deps.now())
        await audit(trx, { who, action: 'task_done', leadId, at: deps.now(), details: { taskId } })
      })
      return { tone: 'good', text: 'The task is done.' }
    })
    return doorway.redirect(c, pathOr(back, '/tasks'), said)
  })

  app.get('/cadences', async (c) => {
    const { company } = await rules()
    const cadences = await cadencesInUse(store.db)
    const paused = new Set((await pausedCadences(store.db)).keys())
    return c.html(
      <CadencesPage
        view={doorway.view(c)}
        cadences={cadences}
        paused={paused}
        zone={company.timezone}
      />,
    )
  })

  app.get('/offerings', async (c) => {
    const { company } = await rules()
    const offerings = await allOfferings(store.db)
    return c.html(
      <OfferingsPage view={doorway.view(c)} offerings={offerings} zone={company.timezone} />,
    )
  })

  app.get('/alerts', async (c) => {
    const { company } = await rules()
    const alerts = await openAlerts(store.db)
    return c.html(<AlertsPage view={doorway.view(c)} alerts={alerts} zone={company.timezone} />)
  })

  return app
}
