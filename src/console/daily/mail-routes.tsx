import { Hono } from 'hono'
import { id, type LeadId } from '../../domain/ids.ts'
import { assignMail, dismissMail, listKeptMail } from '../../leads/mail/kept-mail.ts'
import { actorOf, type Inside, sayRefusals } from '../inside.ts'
import { findMeant } from '../reads.ts'
import type { ConsoleEnv } from '../view.ts'
import { MailPage } from './mail-page.tsx'

const ON_A_PAGE = 20

/** Mail that waits for a person, and what the person says of it. */
export function mailRoutes({ deps, doorway, rules }: Inside): Hono<ConsoleEnv> {
  const { store, doorbell } = deps
  const app = new Hono<ConsoleEnv>()

  app.get('/mail', async (c) => {
    const { company } = await rules()
    const cursor = c.req.query('cursor') ?? null
    const { items, cursor: next } = await listKeptMail(store.db, { limit: ON_A_PAGE, cursor })
    return c.html(
      <MailPage view={doorway.view(c)} mails={items} next={next} zone={company.timezone} />,
    )
  })

  app.post('/mail/:id/assign', async (c) => {
    const { lead } = await c.req.parseBody()
    const who = actorOf(c)
    const said = await sayRefusals(async () => {
      const leadId = await findMeant(store.db, typeof lead === 'string' ? lead.trim() : '')
      const taken = await store.transaction((trx) =>
        assignMail(trx, c.req.param('id'), id<LeadId>(leadId), {
          who,
          now: deps.now(),
          hashKeys: deps.hashKeys,
        }),
      )
      if (taken.rings.length > 0) doorbell.ring(taken.rings)
      const read = taken.reading?.intent.replaceAll('_', ' ')
      const how = read === undefined ? '' : ` It was read as ${read}.`
      return { tone: 'good', text: `The mail is that lead’s.${how}` }
    })
    return doorway.redirect(c, '/mail', said)
  })

  app.post('/mail/:id/dismiss', async (c) => {
    const who = actorOf(c)
    const said = await sayRefusals(async () => {
      await store.transaction((trx) =>
        dismissMail(trx, c.req.param('id'), { who, now: deps.now() }),
      )
      return { tone: 'good', text: 'The mail concerns nobody.' }
    })
    return doorway.redirect(c, '/mail', said)
  })

  return app
}
