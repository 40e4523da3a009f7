import { Hono } from 'hono'
import { catcherRoutes } from './catcher-routes.ts'
import type { Catchers } from './catchers.ts'
import type { DevTime } from './dev-fast-forward.ts'

/** What only the embedded mode has, in the shape that the api takes. */
export interface EmbeddedTools {
  /** Mounted at /dev: the outbox, faults on demand, the sample site. */
  readonly routes: Hono
  readonly fastForward: DevTime['fastForward']
  readonly uiUrl: string | null
}

/** The embedded mode's tools: outbox and faults, letting time pass, the way to Temporal's UI. */
export function embeddedTools(
  catchers: Catchers,
  time: DevTime,
  uiUrl: string | null,
  site: Hono | null,
): EmbeddedTools {
  const routes = new Hono()
  routes.route('/', catcherRoutes(catchers))
  if (site !== null) routes.route('/site', site)
  return { routes, fastForward: time.fastForward, uiUrl }
}
