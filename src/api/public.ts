import { Hono } from 'hono'
import { withBase } from './base.ts'
import type { ApiDeps } from './deps.ts'
import { limitedTo } from './guards.ts'
import type { ApiEnv } from './operation.ts'
import { emailHookRoutes } from './public/email-hooks.ts'
import { openRoutes } from './public/opens.ts'
import { redirectRoutes } from './public/redirect.ts'
import { trackerRoutes } from './public/tracker.ts'
import { twilioRoutes } from './public/twilio.ts'
import { unsubscribeRoutes } from './public/unsubscribe.ts'
import { whyRoutes } from './public/why.ts'
import { healthRoutes } from './routes/ops.ts'

/**
 * Requests a minute from one address. Providers call from few addresses for many people: Twilio
 * several times per text, mailbox providers to load pictures and to unsubscribe (RFC 8058). A
 * whole company may follow its links from one.
 */
const LIMITS = { tracker: 300, links: 600, leaving: 6_000, pictures: 6_000, hooks: 6_000 }

/**
 * The public listener: the tracker, links and leaving, and what providers report. Nothing here
 * trusts what it is sent: every route checks a key, a token or a signature.
 */
export function createPublicApp(deps: ApiDeps): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>()
  withBase(app, deps, 'public')
  const { config } = deps
  app.use('/t', limitedTo(LIMITS.tracker, config))
  app.use('/u/*', limitedTo(LIMITS.leaving, config))
  app.use('/why/*', limitedTo(LIMITS.links, config))
  app.use('/r/*', limitedTo(LIMITS.links, config))
  app.use('/o/*', limitedTo(LIMITS.pictures, config))
  app.use('/hooks/*', limitedTo(LIMITS.hooks, config))
  app.route('/', trackerRoutes(deps))
  app.route('/', unsubscribeRoutes(deps))
  app.route('/', whyRoutes(deps))
  app.route('/', redirectRoutes(deps))
  app.route('/', openRoutes(deps))
  app.route('/', twilioRoutes(deps))
  app.route('/', emailHookRoutes(deps))
  app.route('/', healthRoutes(deps))
  return app
}
