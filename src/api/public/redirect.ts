import { type Context, Hono } from 'hono'
import { agentKind } from '../../domain/agents.ts'
import type { ClickVerdict } from '../../domain/clicks.ts'
import type { CompanySettings } from '../../domain/company/company.ts'
import type { Instant } from '../../domain/time.ts'
import { type Request, takeGlance, takeHit } from '../../leads/web/hits.ts'
import { readToken, visitorTokenOf } from '../../leads/web/tokens.ts'
import { readSettings } from '../../store/company/settings.ts'
import type { TokenRow } from '../../store/people/tokens.ts'
import { TOKEN_PARAMETER } from '../../tracker/contract.ts'
import type { ApiConfig, ApiDeps } from '../deps.ts'
import type { ApiEnv } from '../operation.ts'
import { trackedOrigins } from './origins.ts'
import { showPage } from './page.ts'

/**
 * Links of our messages, which lead nowhere but to what was stored with their token. A click alone
 * never changes a state: it is recorded, and the visit that follows counts, when a person makes it.
 */
export function redirectRoutes(deps: ApiDeps): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>()
  app.get('/r/:token', async (c) => {
    const text = c.req.param('token')
    const now = deps.now()
    const token = await readToken(deps.store.db, text, 'redirect', now)
    const target = token === null ? null : siteOf(deps, webAddress(token.target))
    if (token === null || target === null) {
      return showPage(c, 404, {
        title: 'This link is not known',
        text: 'It may be incomplete: copy the whole link from the message.',
      })
    }
    const { by } = await judge(deps, token, target, requestOf(c, now))
    c.header('Cache-Control', 'no-store')
    c.header('X-Robots-Tag', 'noindex')
    const settings = await readSettings(deps.store.db)
    // A machine gets the page, and nothing by which its visit would be taken for the lead's.
    const location = by === 'person' ? withToken(target, text, settings, deps.config) : target.href
    return c.redirect(location, 302)
  })
  return app
}

/** What tells people from machines in a request for a link. */
export function requestOf(c: Context, at: Instant): Request {
  const purpose = ['Purpose', 'Sec-Purpose', 'X-Purpose', 'X-Moz']
    .map((name) => c.req.header(name) ?? '')
    .join(' ')
  return {
    method: c.req.method,
    agent: agentKind(c.req.header('User-Agent')),
    prefetch: /prefetch|preview|prerender/i.test(purpose),
    at,
  }
}

/** Notes that a page of ours was opened by a link; a failure to note it must not cost the page. */
export async function noteGlance(c: Context, deps: ApiDeps, token: TokenRow): Promise<void> {
  try {
    await deps.store.transaction((trx) => takeGlance(trx, token, requestOf(c, deps.now())))
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unknown'
    deps.log.warn({ error: name }, 'the opening of a page could not be recorded')
  }
}

/** A failure to record it must not cost the visit. */
async function judge(
  deps: ApiDeps,
  token: TokenRow,
  target: URL,
  request: Request,
): Promise<ClickVerdict> {
  const page = `${target.origin}${target.pathname}`
  try {
    const hit = await deps.store.transaction((trx) => takeHit(trx, token, page, request))
    if (hit.ring !== null) deps.doorbell.ring([hit.ring])
    return hit.verdict
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unknown'
    deps.log.warn({ error: name }, 'a click could not be recorded')
    return { by: 'machine', because: 'nobody could judge it', burst: false }
  }
}

/** The visitor's token goes along to the company's own pages only: others must not learn it. */
function withToken(
  target: URL,
  redirectToken: string,
  settings: CompanySettings,
  config: ApiConfig,
): string {
  if (!trackedOrigins(settings, config).has(target.origin)) return target.href
  const tagged = new URL(target)
  tagged.searchParams.set(TOKEN_PARAMETER, visitorTokenOf(redirectToken))
  return tagged.href
}

/** The embedded mode's company is invented, and so is its website: the sample site stands for it. */
function siteOf({ local, config }: ApiDeps, target: URL | null): URL | null {
  const invented = local !== null && target?.hostname.endsWith('.example') === true
  return invented ? new URL('/dev/site', config.privateUrl) : target
}

function webAddress(target: string | null): URL | null {
  if (target === null || !URL.canParse(target)) return null
  const url = new URL(target)
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : null
}
