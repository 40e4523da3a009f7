import { Hono } from 'hono'
import { z } from 'zod'
import type { LeadId } from '../../domain/ids.ts'
import type { OutboxItem } from '../../local/outbox.ts'
import { findLead } from '../../store/leads.ts'
import { type Inside, untilPlanned } from '../inside.ts'
import { leadOfTouch } from '../reads.ts'
import { MESSAGE_POLICY } from '../security.ts'
import type { ConsoleEnv, Said } from '../view.ts'
import { type MessageLink, MessagePage, OutboxPage } from './outbox-page.tsx'

const PAGE = 100

const listQuery = z.object({
  to: z.string().trim().max(320).optional().catch(undefined),
  page: z.coerce.number().int().min(1).catch(1),
})
const replyForm = z.object({ text: z.string().trim().min(1).max(10_000) })

/** What was caught instead of sent, and answering it as its recipient would. */
export function outboxRoutes({ deps, doorway, rules }: Inside): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>()
  const { catchers, store } = deps
  if (catchers === null) return app
  const { outbox } = catchers

  app.get('/outbox', async (c) => {
    const { to = '', page } = listQuery.parse(c.req.query())
    const caught = outbox.list({ limit: Number.MAX_SAFE_INTEGER, ...(to !== '' && { to }) }).items
    const newest = caught.toReversed().slice((page - 1) * PAGE)
    const { company } = await rules()
    return c.html(
      <OutboxPage
        view={doorway.view(c)}
        items={newest.slice(0, PAGE)}
        to={to === '' ? null : to}
        nextPage={newest.length > PAGE ? page + 1 : null}
        zone={company.timezone}
      />,
    )
  })

  app.get('/outbox/:id', async (c) => {
    const item = outbox.get(c.req.param('id'))
    if (item === null) return c.notFound()
    const { company } = await rules()
    return c.html(
      <MessagePage
        view={doorway.view(c)}
        item={item}
        leadId={await leadOfTouch(store.db, item.touch)}
        links={linksIn(item)}
        zone={company.timezone}
      />,
    )
  })

  app.get('/outbox/:id/html', (c) => {
    const item = outbox.get(c.req.param('id'))
    if (item?.html == null) return c.notFound()
    return c.html(withLinksOutside(item.html), 200, { 'Content-Security-Policy': MESSAGE_POLICY })
  })

  app.post('/outbox/:id/reply', async (c) => {
    const id = c.req.param('id')
    const item = outbox.get(id)
    if (item === null) return c.notFound()
    const form = replyForm.safeParse(await c.req.parseBody())
    if (!form.success) {
      const said: Said = { tone: 'bad', text: 'There is nothing to send.', fix: 'Write an answer.' }
      return doorway.redirect(c, `/outbox/${id}`, said)
    }
    const result = await catchers.reply(id, form.data.text)
    if (result.kind !== 'delivered') {
      const text = result.kind === 'not_taken' ? result.because : 'The message is gone.'
      return doorway.redirect(c, `/outbox/${id}`, {
        tone: 'bad',
        text: `The answer was not taken. ${text}`,
        fix: 'Try again; if it stays so, read the log.',
      })
    }
    const leadId = await leadOfTouch(store.db, item.touch)
    if (leadId !== null) await untilPlanned(deps, leadId)
    const to = leadId === null ? `/outbox/${id}` : await pageOf(leadId)
    return doorway.redirect(c, to, { tone: 'good', text: 'The answer has arrived.' })
  })

  const pageOf = async (leadId: LeadId) =>
    (await findLead(store.db, leadId)) === null ? '/outbox' : `/leads/${leadId}`

  return app
}

/** Every address that the message links to, in order, each once. */
function linksIn({ html, text }: OutboxItem): MessageLink[] {
  const found =
    html === null
      ? [...text.matchAll(/https?:\/\/[^\s<>"')]+/g)].map(([href]) => ({ href, words: href }))
      : [...html.matchAll(/<a\b[^>]*\bhref\s*=\s*"([^"]*)"[^>]*>(.*?)<\/a>/gis)].map(
          ([, href = '', words = '']) => ({
            href: unescapeHtml(href),
            words: unescapeHtml(words.replaceAll(/<[^>]*>/g, '').trim()) || unescapeHtml(href),
          }),
        )
  return [...new Map(found.map((link) => [link.href, link])).values()]
}

function unescapeHtml(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

/** A click opens its own window, as in a mail program: the frame shows nothing but the message. */
function withLinksOutside(html: string): string {
  const base = '<base target="_blank">'
  return /<head[^>]*>/i.test(html)
    ? html.replace(/<head[^>]*>/i, (head) => `${head}${base}`)
    : `${base}${html}`
}
