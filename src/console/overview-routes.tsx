import { Hono } from 'hono'
import { AlertsPage } from './alerts-page.tsx'
import { CadencesPage } from './cadences-page.tsx'
import { actorOf, type Inside, pathOr } from './inside.ts'
import { cadencesInUse, finishTask, openAlerts, openTasks } from './reads.ts'
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
    const leadId = await finishTask(store.db, c.req.param('id'), actorOf(c), deps.now())
    return doorway.redirect(
      c,
      pathOr(back, '/tasks'),
      leadId === null
        ? { tone: 'bad', text: 'This task was done before.' }
        : { tone: 'good', text: 'The task is done.' },
    )
  })

  app.get('/cadences', async (c) => {
    const { company } = await rules()
    const cadences = await cadencesInUse(store.db)
    return c.html(
      <CadencesPage view={doorway.view(c)} cadences={cadences} zone={company.timezone} />,
    )
  })

  app.get('/alerts', async (c) => {
    const { company } = await rules()
    const alerts = await openAlerts(store.db)
    return c.html(<AlertsPage view={doorway.view(c)} alerts={alerts} zone={company.timezone} />)
  })

  return app
}
