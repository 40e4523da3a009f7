import { Hono } from 'hono'
import { limitedBody, withBase } from './base.ts'
import type { ApiDeps } from './deps.ts'
import { apiKeyOnly, ownHostOnly } from './guards.ts'
import { type ApiEnv, newApi } from './operation.ts'
import { noSuchRoute } from './problem.ts'
import { actionRoutes } from './routes/actions.ts'
import { bulkRoutes } from './routes/bulk.ts'
import { cadenceRoutes } from './routes/cadences.ts'
import { devRoutes } from './routes/dev.ts'
import { disclosureRoutes } from './routes/disclosures.ts'
import { docsRoutes } from './routes/docs.ts'
import { emergencyStopRoutes } from './routes/emergency-stops.ts'
import { importRoutes } from './routes/imports.ts'
import { inboundMailRoutes } from './routes/inbound-mail.ts'
import { leadRoutes } from './routes/leads.ts'
import { messageRoutes } from './routes/messages.ts'
import { offeringRoutes } from './routes/offerings.ts'
import { healthRoutes, metricsRoutes, reportRoutes } from './routes/ops.ts'
import { outboundRoutes } from './routes/outbound.ts'
import { pauseRoutes } from './routes/pauses.ts'
import { publishingRoutes } from './routes/publishing.ts'
import { replyRoutes } from './routes/replies.ts'
import { segmentRoutes } from './routes/segments.ts'
import { senderRoutes } from './routes/senders.ts'
import { settingsRoutes } from './routes/settings.ts'
import { signalRoutes } from './routes/signals.ts'
import { stopListRoutes } from './routes/stop-lists.ts'
import { suppressionRoutes } from './routes/suppressions.ts'
import { taskRoutes } from './routes/tasks.ts'
import { testSendRoutes } from './routes/test-sends.ts'
import { webhookRoutes } from './routes/webhooks.ts'

const MOST_BODY = 5_000_000

/**
 * The private listener: /v1 behind an API key, its docs, health and metrics, the console, and
 * the tools of the embedded mode. It answers to its own hosts only.
 */
export function createPrivateApp(deps: ApiDeps): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>()
  withBase(app, deps, 'private')
  app.use(ownHostOnly(deps.config))
  app.route('/', healthRoutes(deps))
  app.route('/', metricsRoutes(deps))

  const v1 = newApi()
  v1.use('/v1/*', apiKeyOnly(deps))
  // An import streams, so it is before the limit.
  v1.route('/', importRoutes(deps))
  v1.route('/', stopListRoutes(deps))
  v1.use('/v1/*', limitedBody(MOST_BODY))
  v1.route('/', leadRoutes(deps))
  v1.route('/', actionRoutes(deps))
  v1.route('/', bulkRoutes(deps))
  v1.route('/', pauseRoutes(deps))
  v1.route('/', segmentRoutes(deps))
  v1.route('/', messageRoutes(deps))
  v1.route('/', signalRoutes(deps))
  v1.route('/', replyRoutes(deps))
  v1.route('/', cadenceRoutes(deps))
  v1.route('/', offeringRoutes(deps))
  v1.route('/', testSendRoutes(deps))
  v1.route('/', publishingRoutes(deps))
  v1.route('/', suppressionRoutes(deps))
  v1.route('/', disclosureRoutes(deps))
  v1.route('/', webhookRoutes(deps))
  v1.route('/', taskRoutes(deps))
  v1.route('/', inboundMailRoutes(deps))
  v1.route('/', settingsRoutes(deps))
  v1.route('/', senderRoutes(deps))
  v1.route('/', emergencyStopRoutes(deps))
  v1.route('/', outboundRoutes(deps))
  v1.route('/', reportRoutes(deps))
  for (const routes of deps.moreRoutes) v1.route('/', routes(deps))
  app.route('/', v1)
  app.route('/', docsRoutes(v1, deps.config))

  if (deps.local !== null && deps.config.outbound === 'catch') {
    // The sample site is for browsers, which have no key; it changes nothing by itself.
    for (const path of ['/dev/outbox', '/dev/outbox/*', '/dev/faults/*', '/dev/leads/*']) {
      app.use(path, apiKeyOnly(deps), limitedBody(MOST_BODY))
    }
    app.route('/', devRoutes(deps, deps.local))
  }
  // What the console does not know it answers with its log-in; a caller of the api wants a problem.
  for (const path of ['/v1/*', '/dev/*']) app.all(path, noSuchRoute)
  if (deps.console !== null) app.route('/', deps.console)
  return app
}
