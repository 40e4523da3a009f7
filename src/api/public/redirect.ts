import { Hono } from 'hono'
import { isbot } from 'isbot'
import type { SignalId } from '../../domain/ids.ts'
import type { CompanySettings } from '../../domain/company.ts'
import { HOUR_MS, type Instant } from '../../domain/time.ts'
import { accept } from '../../leads/accept.ts'
import { readToken, visitorTokenOf } from '../../leads/tokens.ts'
import { lockLead } from '../../store/leads.ts'
import { readSettings } from '../../store/settings.ts'
import type { TokenRow } from '../../store/tokens.ts'
import type { ApiConfig, ApiDeps } from '../deps.ts'
import type { ApiEnv } from '../operation.ts'
import { TOKEN_PARAMETER } from '../../tracker/contract.ts'
import { trackedOrigins } from './origins.ts'
import { showPage } from './page.ts'

/**
 * Links of our messages. A click alone never changes a state: it is recorded, and the visit that
 * follows counts, when a person makes it.
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
    if (c.req.method === 'GET' && !isbot(c.req.header('User-Agent'))) {
      await recordClick(deps, token, target, now)
    }
    c.header('Cache-Control', 'no-store')
    c.header('X-Robots-Tag', 'noindex')
    return c.redirect(withToken(target, text, await readSettings(deps.store.db), deps.config), 302)
  })
  return app
}

/** Once an hour for one link, however often it is followed; a failure must not cost the visit. */
async function recordClick(
  deps: ApiDeps,
  token: TokenRow,
  target: URL,
  receivedAt: Instant,
): Promise<void> {
  const hour = Math.floor(receivedAt / HOUR_MS)
  try {
    await deps.store.transaction(async (trx) => {
      const lead = await lockLead(trx, token.lead_id)
      if (lead === null) return
      await accept(trx, lead, {
        id: `click:${token.hash}:${hour}` as SignalId,
        signal: {
          kind: 'click',
          payload: { touchId: token.touch_id, target: `${target.origin}${target.pathname}` },
        },
        via: 'redirect',
        receivedAt,
      })
    })
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unknown'
    deps.log.warn({ error: name }, 'a click could not be recorded')
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
