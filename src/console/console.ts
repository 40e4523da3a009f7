import { Hono } from 'hono'
import { assetRoutes } from './assets.ts'
import { pauseRoutes } from './cadences/pause-routes.tsx'
import { publishingRoutes } from './cadences/publishing-routes.tsx'
import { resultsRoutes } from './cadences/results-routes.tsx'
import { testSendRoutes } from './cadences/test-send-routes.tsx'
import { webhooksRoutes } from './cadences/webhooks-routes.tsx'
import { bulkRoutes } from './daily/bulk-routes.tsx'
import { mailRoutes } from './daily/mail-routes.tsx'
import { outboxRoutes } from './daily/outbox-routes.tsx'
import { overviewRoutes } from './daily/overview-routes.tsx'
import { taskRoutes } from './daily/task-routes.tsx'
import type { ConsoleDeps } from './deps.ts'
import { type Inside, insideOf } from './inside.ts'
import { evidenceRoutes } from './leads/evidence-routes.ts'
import { leadRoutes } from './leads/lead-routes.tsx'
import { newLeadRoutes } from './leads/new-lead-routes.tsx'
import { writeRoutes } from './leads/write-routes.tsx'
import { loginRoutes } from './login.tsx'
import { consentRoutes } from './policy/consent-routes.tsx'
import { emergencyRoutes } from './policy/emergency-routes.tsx'
import { outboundPageRoutes } from './policy/outbound-routes.tsx'
import { policyRoutes } from './policy/policy-routes.tsx'
import { safeHeaders } from './security.ts'
import { notFoundPage, troublePage } from './sorry.tsx'
import { type ConsoleEnv, Doorway } from './view.ts'

/**
 * The console: server-rendered pages for marketing, sales and ops, without any script. Whoever
 * mounts it checks Host and Origin; it asks everybody for a key, and every form for its token.
 */
export function createConsole(deps: ConsoleDeps): Hono {
  const doorway = new Doorway(deps)
  const app = new Hono()
  app.use(safeHeaders)
  app.route('/', assetRoutes())
  app.route('/', loginRoutes(deps, doorway))
  app.route('/', insideRoutes(insideOf(deps, doorway)))
  app.notFound((c) => c.html(notFoundPage(), 404))
  return app
}

function insideRoutes(inside: Inside): Hono<ConsoleEnv> {
  const { deps, doorway } = inside
  const app = new Hono<ConsoleEnv>()
  app.use(doorway.guard)
  app.use(doorway.checkForm)
  app.onError((err, c) => {
    deps.log.error({ err, route: c.req.routePath }, 'a page of the console failed')
    return c.html(troublePage(doorway.view(c)), 500)
  })

  app.route('/', newLeadRoutes(inside))
  app.route('/', leadRoutes(inside))
  app.route('/', writeRoutes(inside))
  app.route('/', outboxRoutes(inside))
  app.route('/', overviewRoutes(inside))
  app.route('/', taskRoutes(inside))
  app.route('/', resultsRoutes(inside))
  app.route('/', webhooksRoutes(inside))
  app.route('/', publishingRoutes(inside))
  app.route('/', emergencyRoutes(inside))
  app.route('/', pauseRoutes(inside))
  app.route('/', testSendRoutes(inside))
  app.route('/', bulkRoutes(inside))
  app.route('/', consentRoutes(inside))
  app.route('/', evidenceRoutes(inside))
  app.route('/', policyRoutes(inside))
  app.route('/', outboundPageRoutes(inside))
  app.route('/', mailRoutes(inside))

  app.post('/logout', (c) => {
    doorway.logOut(c)
    return c.redirect('/login', 303)
  })
  app.all('*', (c) => c.notFound())
  return app
}
