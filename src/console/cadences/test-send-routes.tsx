import { Hono } from 'hono'
import { z } from 'zod'
import type { ContextLead } from '../../domain/templates/context.ts'
import { askTestSend } from '../../leads/messages/test-sends.ts'
import { actorOf, type Inside, sayRefusals } from '../inside.ts'
import type { ConsoleEnv } from '../view.ts'

const testForm = z.object({
  step: z.string().max(100),
  to: z.string().trim().max(320),
  mine: z.literal('yes').optional(),
})

/** Whom a test from the console speaks to. */
const SAMPLE: ContextLead = {
  firstName: 'Ada',
  lastName: null,
  company: null,
  owner: null,
  attributes: {},
}

/** A message of a cadence, sent to whoever asks. */
export function testSendRoutes({ deps, doorway, rules }: Inside): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>()

  app.post('/cadences/:name/test-send', async (c) => {
    const cadence = c.req.param('name')
    const { step, to, mine } = testForm.parse(await c.req.parseBody())
    const engine = await rules()
    const said = await sayRefusals(async () => {
      if (mine === undefined) {
        const fix = 'Tick that the address or number is your own.'
        return { tone: 'bad', text: 'A test never goes to somebody else.', fix }
      }
      await deps.store.transaction((trx) =>
        askTestSend(
          trx,
          { cadence, step, to, lead: SAMPLE },
          {
            hashKeys: deps.hashKeys,
            rules: engine,
            channels: deps.config.channels,
            publicUrl: deps.config.publicUrl,
            who: actorOf(c),
            now: deps.now(),
          },
        ),
      )
      return { tone: 'good', text: 'The test leaves within seconds.' }
    })
    return doorway.redirect(c, `/cadences/${cadence}/versions`, said)
  })

  return app
}
