import { Hono } from 'hono'
import { z } from 'zod'
import { STATE_NAMES, STOP_SCOPES } from '../../domain/policy/index.ts'
import { liftStop, listStops, setStop, whatStopHolds } from '../../leads/stops/emergency-stops.ts'
import { publishedCadences } from '../../store/company/cadences.ts'
import { actorOf, type Inside, sayRefusals } from '../inside.ts'
import type { ConsoleEnv } from '../view.ts'
import { EmergencyPage } from './emergency-page.tsx'

const stopForm = z.object({
  scope: z.enum(STOP_SCOPES),
  key: z.string().min(1).max(100).optional(),
  because: z.string().trim().min(1).max(300),
})

/** Emergency stops: what is on, what it holds, and the buttons. */
export function emergencyRoutes({ deps, doorway, rules }: Inside): Hono<ConsoleEnv> {
  const { store } = deps
  const app = new Hono<ConsoleEnv>()

  app.get('/emergency', async (c) => {
    const { company } = await rules()
    const stops = await Promise.all(
      (await listStops(store.db, true)).toReversed().map(async (stop) => ({
        stop,
        holds: stop.liftedAt === null ? await whatStopHolds(store.db, stop) : null,
      })),
    )
    return c.html(
      <EmergencyPage
        view={doorway.view(c)}
        stops={stops}
        cadences={await publishedCadences(store.db)}
        states={STATE_NAMES}
        zone={company.timezone}
      />,
    )
  })

  app.post('/emergency', async (c) => {
    const form = stopForm.safeParse(await c.req.parseBody())
    if (!form.success) {
      const text = 'Nothing was stopped: say what, and why.'
      return doorway.redirect(c, '/emergency', { tone: 'bad', text })
    }
    const { scope, key = null, because } = form.data
    const said = await sayRefusals(async () => {
      const { stop } = await store.transaction((trx) =>
        setStop(trx, { scope, key, because }, actorOf(c), deps.now()),
      )
      return { tone: 'good', text: `Stopped: ${stop.stops}. It stays so until you lift it.` }
    })
    return doorway.redirect(c, '/emergency', said)
  })

  app.post('/emergency/:id/lift', async (c) => {
    const said = await sayRefusals(async () => {
      const { stop, woken } = await liftStop(deps, c.req.param('id'), actorOf(c))
      return { tone: 'good', text: `The stop for ${stop.stops} is lifted; ${woken} leads go on.` }
    })
    return doorway.redirect(c, '/emergency', said)
  })

  return app
}
