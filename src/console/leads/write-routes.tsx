import { Hono } from 'hono'
import { z } from 'zod'
import { id, type LeadId } from '../../domain/ids.ts'
import { CHANNELS } from '../../domain/policy/index.ts'
import { writeToLead } from '../../leads/messages/talk.ts'
import { findLead } from '../../store/leads.ts'
import { actorOf, type Inside, sayRefusals, untilPlanned } from '../inside.ts'
import type { ConsoleEnv } from '../view.ts'

const formSchema = z.object({
  channel: z.enum(CHANNELS),
  text: z.string().trim().min(1).max(50_000),
  subject: z.string().trim().max(300).optional(),
})

/** Takes what a person writes to a lead from its page. */
export function writeRoutes({ deps, doorway }: Inside): Hono<ConsoleEnv> {
  const { store } = deps
  const app = new Hono<ConsoleEnv>()

  app.post('/leads/:id/messages', async (c) => {
    const lead = await findLead(store.db, id<LeadId>(c.req.param('id')))
    if (lead === null) return c.notFound()
    const form = formSchema.safeParse(await c.req.parseBody())
    const back = `/leads/${lead.id}`
    if (!form.success) {
      return doorway.redirect(c, back, { tone: 'bad', text: 'Nothing was sent: it says nothing.' })
    }
    const said = await sayRefusals(async () => {
      const { channel, text } = form.data
      // A text has no subject, whatever the field of the form still holds.
      const subject = channel === 'email' ? form.data.subject || null : null
      const context = { who: actorOf(c), at: deps.now() }
      const { ring } = await store.transaction((trx) =>
        writeToLead(trx, lead.id, { channel, text, subject }, context),
      )
      deps.doorbell.ring([ring])
      await untilPlanned(deps, lead.id)
      return { tone: 'good', text: 'It leaves as soon as it may; see what became of it below.' }
    })
    return doorway.redirect(c, back, said)
  })

  return app
}
