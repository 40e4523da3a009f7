import { Hono } from 'hono'
import { agentKind, isImageProxy } from '../../domain/agents.ts'
import { takeOpen } from '../../leads/web/hits.ts'
import { readToken } from '../../leads/web/tokens.ts'
import type { ApiDeps } from '../deps.ts'
import type { ApiEnv } from '../operation.ts'
import { requestOf } from './redirect.ts'

/** One transparent pixel. */
const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')

/**
 * The picture of emails, where opens are tracked. It is the same for every token, known or not.
 * Mailbox providers load pictures through proxies of theirs when a person opens the message.
 */
export function openRoutes(deps: ApiDeps): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>()
  app.get('/o/:token', async (c) => {
    const at = deps.now()
    const text = c.req.param('token').replace(/\.gif$/, '')
    const userAgent = c.req.header('User-Agent')
    const agent = isImageProxy(userAgent) ? 'human' : agentKind(userAgent)
    try {
      await deps.store.transaction(async (trx) => {
        const token = await readToken(trx, text, 'open', at)
        if (token !== null) await takeOpen(trx, token, { ...requestOf(c, at), agent })
      })
    } catch (error) {
      const name = error instanceof Error ? error.name : 'unknown'
      deps.log.warn({ error: name }, 'an open could not be recorded')
    }
    c.header('Cache-Control', 'no-store')
    return c.body(PIXEL, 200, { 'Content-Type': 'image/gif' })
  })
  return app
}
