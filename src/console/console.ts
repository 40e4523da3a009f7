import { Hono } from 'hono'
import { assetRoutes } from './assets.ts'
import { bulkRoutes } from './bulk-routes.tsx'
import { consentRoutes } from './consent-routes.tsx'
import type { ConsoleDeps } from './deps.ts'
import { emergencyRoutes } from './emergency-routes.tsx'
import { evidenceRoutes } from './evidence-routes.ts'
import { type Inside, insideOf } from './inside.ts'
import { leadRoutes } from './lead-routes.tsx'
import { loginRoutes } from './login.tsx'
import { mailRoutes } from './mail-routes.tsx'
import { newLeadRoutes } from './new-lead-routes.tsx'
import { outboxRoutes } from './outbox-routes.tsx'
import { outboundPageRoutes } from './outbound-routes.tsx'
import { overviewRoutes } from './overview-routes.tsx'
import { pauseRoutes } from './pause-routes.tsx'
import { testSendRoutes } from './test-send-routes.tsx'
import { taskRoutes } from './task-routes.tsx'
import { policyRoutes } from './policy-routes.tsx'
import { publishingRoutes } from './publishing-routes.tsx'
import { safeHeaders } from './security.ts'
import { notFoundPage, troublePage } from './sorry.tsx'
import { writeRoutes } from './write-routes.tsx'
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
