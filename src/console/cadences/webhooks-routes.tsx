import { Hono } from 'hono'
import { z } from 'zod'
import { retryDeliveries, untoldSteps } from '../../leads/telling/webhooks.ts'
import {
  deliveriesOf,
  deliveryCounts,
  liveWebhook,
  liveWebhooks,
} from '../../store/company/webhooks.ts'
import { type Inside, sayRefusals } from '../inside.ts'
import { cadencesInUse } from '../reads.ts'
import type { ConsoleEnv } from '../view.ts'
import { DeliveriesPage, WebhooksPage } from './webhooks-page.tsx'

const ON_A_PAGE = 50

/** What a hand-written address gets wrong is left out. */
const listQuery = z.object({
  state: z.enum(['due', 'delivered', 'failed', 'caught', 'dropped']).nullable().catch(null),
  cursor: z.string().max(200).nullable().catch(null),
})

/** Endpoints that cadences tell of leads, what each was told, and another try of what failed. */
export function webhooksRoutes({ deps, doorway, rules }: Inside): Hono<ConsoleEnv> {
  const { store } = deps
  const app = new Hono<ConsoleEnv>()

  app.get('/webhooks', async (c) => {
    const cadences = (await cadencesInUse(store.db)).map(({ cadence }) => cadence)
    return c.html(
      <WebhooksPage
        view={doorway.view(c)}
        webhooks={await liveWebhooks(store.db)}
        counts={await deliveryCounts(store.db)}
        untold={await untoldSteps(store.db, cadences)}
        zone={(await rules()).company.timezone}
      />,
    )
  })

  app.get('/webhooks/:name', async (c) => {
    const webhook = await liveWebhook(store.db, c.req.param('name'))
    if (webhook === null) return c.notFound()
    const { state, cursor } = listQuery.parse(c.req.query())
    const rows = await deliveriesOf(store.db, webhook.name, {
      state,
      after: cursor,
      limit: ON_A_PAGE + 1,
    })
    const deliveries = rows.slice(0, ON_A_PAGE)
    return c.html(
      <DeliveriesPage
        view={doorway.view(c)}
        webhook={webhook}
        deliveries={deliveries}
        state={state}
        next={rows.length > ON_A_PAGE ? (deliveries.at(-1)?.id ?? null) : null}
        zone={(await rules()).company.timezone}
      />,
    )
  })

  app.post('/webhooks/:name/retry', async (c) => {
    const name = c.req.param('name')
    const { delivery } = await c.req.parseBody()
    const said = await sayRefusals(async () => {
      const wanted = typeof delivery === 'string' ? delivery : ''
      await store.transaction((trx) => retryDeliveries(trx, name, wanted, deps.now()))
      return { tone: 'good', text: 'It is tried again within seconds.' }
    })
    return doorway.redirect(c, `/webhooks/${encodeURIComponent(name)}`, said)
  })

  return app
}
