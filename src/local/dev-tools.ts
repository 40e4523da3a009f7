import { Hono } from 'hono'
import type { LocalTools } from '../api/deps.ts'
import { catcherRoutes } from './catcher-routes.ts'
import type { Catchers } from './catchers.ts'
import type { DevTime } from './dev-fast-forward.ts'

/** The embedded mode's tools: outbox and faults, letting time pass, the way to Temporal's UI. */
export function embeddedTools(
  catchers: Catchers,
  time: DevTime,
  uiUrl: string | null,
  site: Hono | null,
): LocalTools {
  const routes = new Hono()
  routes.route('/', catcherRoutes(catchers))
  if (site !== null) routes.route('/site', site)
  return { routes, fastForward: (leadId, by) => time.fastForward(leadId, by), uiUrl }
}
