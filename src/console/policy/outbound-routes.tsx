import { Hono } from 'hono'
import { z } from 'zod'
import { sampleFieldsOf } from '../../domain/company/company.ts'
import { decideTurn, dueMessages, outboundState } from '../../leads/stops/turn-outbound.ts'
import { actorOf, type Inside } from '../inside.ts'
import type { ConsoleEnv, Said } from '../view.ts'
import { OutboundPage } from './outbound-page.tsx'

const decisionSchema = z.object({
  to: z.enum(['allowlist', 'live']),
  due: z.enum(['shift', 'skip', 'cancel']),
})

/** The page of the one switch, and the decision about what is due when it is turned. */
export function outboundPageRoutes({ deps, doorway, rules }: Inside): Hono<ConsoleEnv> {
  const { store } = deps
  const app = new Hono<ConsoleEnv>()

  app.get('/outbound', async (c) => {
    const { company } = await rules()
    const now = deps.now()
    return c.html(
      <OutboundPage
        view={doorway.view(c)}
        state={await outboundState(store.db, now)}
        due={await dueMessages(store.db, now)}
        sample={sampleFieldsOf(company)}
        zone={company.timezone}
      />,
    )
  })

  app.post('/outbound', async (c) => {
    const read = decisionSchema.safeParse(await c.req.parseBody())
    if (!read.success) {
      const said: Said = { tone: 'bad', text: 'Choose what becomes of the messages.' }
      return doorway.redirect(c, '/outbound', said)
    }
    const { to, due } = read.data
    const who = actorOf(c)
    const at = deps.now()
    await store.transaction((trx) =>
      decideTurn(trx, { to, due: due === 'cancel' ? null : due, who, at }),
    )
    const text =
      due === 'cancel'
        ? 'The decision is taken back: nothing leaves.'
        : `It is decided. Start with OUTBOUND=${to} within a day.`
    return doorway.redirect(c, '/outbound', { tone: 'good', text })
  })

  return app
}
