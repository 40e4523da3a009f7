import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { toIso } from '../domain/time.ts'
import type { Catchers } from './catchers.ts'
import type { OutboxItem } from './outbox.ts'
import { wordsOf } from './zod-words.ts'

const querySchema = z.object({
  channel: z.enum(['email', 'sms']).optional(),
  to: z.string().min(1).optional(),
  cursor: z.string().regex(/^\d+$/).optional(),
  limit: z.coerce.number().int().min(1).max(1_000).optional(),
})
const replySchema = z.object({ text: z.string().min(1) })

/**
 * Reading the outbox, answering from it, and failures on demand, over HTTP. Private: whoever
 * mounts it decides who may call.
 */
export function catcherRoutes(catchers: Catchers): Hono {
  const app = new Hono()

  app.get('/outbox', (c) => {
    const query = querySchema.safeParse(c.req.query())
    if (!query.success) return problem(c, 422, 'invalid_query', wordsOf(query.error))
    const { channel, to, cursor, limit } = query.data
    const page = catchers.outbox.list({
      ...(channel && { channel }),
      ...(to !== undefined && { to }),
      ...(cursor !== undefined && { cursor }),
      ...(limit !== undefined && { limit }),
    })
    return c.json({ items: page.items.map(itemJson), cursor: page.cursor })
  })

  app.get('/outbox/:id', (c) => {
    const item = catchers.outbox.get(c.req.param('id'))
    return item ? c.json(itemJson(item)) : unknownMessage(c)
  })

  app.post('/outbox/:id/reply', async (c) => {
    const body = replySchema.safeParse(await c.req.json().catch(() => null))
    if (!body.success) return problem(c, 422, 'invalid_body', wordsOf(body.error))
    const result = await catchers.reply(c.req.param('id'), body.data.text)
    switch (result.kind) {
      case 'delivered':
        return c.json({ status: 'delivered' }, 202)
      case 'unknown_message':
        return unknownMessage(c)
      case 'not_taken':
        return problem(c, 502, 'reply_not_taken', result.because)
    }
  })

  app.put('/faults/:contactPoint', async (c) => {
    const fault: unknown = await c.req.json().catch(() => null)
    const result = catchers.faults.set(c.req.param('contactPoint'), fault)
    return result.kind === 'set'
      ? c.json({ status: 'set' })
      : problem(c, 422, 'invalid_fault', result.because)
  })

  return app
}

/** An outbox item as the api shows it: its instant in ISO 8601. */
function itemJson(item: OutboxItem): Omit<OutboxItem, 'at'> & { at: string } {
  return { ...item, at: toIso(item.at) }
}

function unknownMessage(c: Context): Response {
  return problem(c, 404, 'unknown_message', 'The outbox has no message of this id.')
}

const TITLES = { 404: 'Not found', 422: 'Not valid', 502: 'Bad gateway' } as const
const FIXES = {
  404: 'List what was caught with GET …/outbox.',
  422: 'Correct what is named, and send it again.',
  502: 'See whether the public listener runs, and send it again.',
} as const

function problem(c: Context, status: 404 | 422 | 502, code: string, detail: string): Response {
  const type = `urn:rekindle:problem:${code}`
  return c.json({ type, title: TITLES[status], status, code, detail, fix: FIXES[status] }, status, {
    'Content-Type': 'application/problem+json',
  })
}
