import { createHmac, timingSafeEqual } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { z } from 'zod'
import { agentKind } from '../../domain/agents.ts'
import type { LeadId, VisitorId } from '../../domain/ids.ts'
import { DAY_MS, plus } from '../../domain/time.ts'
import { Refusal } from '../../leads/intake.ts'
import { isVisitorId, newVisitorId, takeVisit } from '../../leads/web/visits.ts'
import { findKey } from '../../store/company/api-keys.ts'
import { readSettings } from '../../store/company/settings.ts'
import { forgetStrangers } from '../../store/people/visitors.ts'
import { VISITOR_COOKIE, VISITOR_COOKIE_SECONDS } from '../../tracker/contract.ts'
import { trackerSnippet } from '../../tracker/snippet.ts'
import { limitedBody } from '../base.ts'
import type { ApiDeps } from '../deps.ts'
import type { ApiEnv } from '../operation.ts'
import { refuse } from '../problem.ts'
import { validated } from '../validate.ts'
import { trackedOrigins } from './origins.ts'

const reportSchema = z.object({
  key: z.string().max(100),
  event: z.enum(['page', 'interaction']),
  page: z.string().max(2_000),
  token: z.string().max(100).nullish(),
  identify: z
    .object({ externalId: z.string().min(1).max(200), signature: z.string().max(200).nullish() })
    .nullish(),
})
type Report = z.output<typeof reportSchema>

/** The tracker: its script, and where that reports visits to. */
export function trackerRoutes(deps: ApiDeps): Hono<ApiEnv> {
  const script = trackerSnippet()
  const app = new Hono<ApiEnv>()
  app.get('/t.js', (c) => {
    c.header('Cache-Control', 'public, max-age=3600')
    c.header('Cross-Origin-Resource-Policy', 'cross-origin')
    return c.body(script, 200, { 'Content-Type': 'text/javascript; charset=utf-8' })
  })
  app.options('/t', async (c) => {
    if (!(await allowOrigin(deps, c))) return c.body(null, 403)
    c.header('Access-Control-Allow-Methods', 'POST')
    c.header('Access-Control-Allow-Headers', 'Content-Type')
    c.header('Access-Control-Max-Age', '86400')
    return c.body(null, 204)
  })
  app.post('/t', limitedBody(8_000), async (c) => {
    if (!(await allowOrigin(deps, c))) return refuse(c, otherSite())
    const report = validated(reportSchema, await textJson(c))
    if ((await findKey(deps.store.db, report.key, 'write')) === null) return refuse(c, noKey())
    const agent = c.req.header('User-Agent')
    // A bot, and what does not say what it is, gets its answer and leaves no trace.
    if (agentKind(agent) === 'bot') return c.body(null, 204)
    const visitorId = rememberVisitor(c, deps)
    await take(deps, report, visitorId)
    return c.body(null, 204)
  })
  return app
}

/** Nothing is known of a stranger but that it was here: one that stays away is forgotten. */
const KEPT_MS = 90 * DAY_MS
const REPORTS_PER_FORGETTING = 100
let reports = 0

async function take(deps: ApiDeps, report: Report, visitorId: VisitorId): Promise<void> {
  const identifiedAs = await identified(deps, report)
  const at = deps.now()
  const seen = {
    visitorId,
    page: withoutQuery(report.page),
    kind: report.event,
    token: report.token ?? null,
    identifiedAs,
    at,
  }
  const ring = await deps.store.transaction(async (trx) => {
    if (reports % REPORTS_PER_FORGETTING === 0) await forgetStrangers(trx, plus(at, -KEPT_MS))
    reports += 1
    return takeVisit(trx, seen)
  })
  if (ring !== null) deps.doorbell.ring([ring])
}

/** Sets or renews the visitor's cookie on the origin that the site serves us under. */
function rememberVisitor(c: Context, { config }: Pick<ApiDeps, 'config'>): VisitorId {
  const given = getCookie(c, VISITOR_COOKIE)
  const visitorId = isVisitorId(given) ? given : newVisitorId()
  setCookie(c, VISITOR_COOKIE, visitorId, {
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    secure: config.publicUrl.startsWith('https:'),
    maxAge: VISITOR_COOKIE_SECONDS,
  })
  return visitorId
}

/**
 * The lead that the company's own server vouches for: HMAC-SHA256 of the external id, in hex. An
 * address alone proves nothing, or anybody could make us write to anybody.
 */
async function identified(
  { config, store }: ApiDeps,
  { identify }: Report,
): Promise<LeadId | null> {
  if (identify == null || config.identifySecret === null) return null
  const expected = createHmac('sha256', config.identifySecret).update(identify.externalId).digest()
  const given = Buffer.from(identify.signature ?? '', 'hex')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null
  const row = await store.db
    .selectFrom('leads')
    .select('id')
    .where('external_id', '=', identify.externalId)
    .executeTakeFirst()
  return row?.id ?? null
}

async function allowOrigin(deps: ApiDeps, c: Context): Promise<boolean> {
  const origin = c.req.header('Origin')
  if (origin === undefined) return false
  const settings = await readSettings(deps.store.db)
  if (!trackedOrigins(settings, deps.config).has(origin)) return false
  c.header('Access-Control-Allow-Origin', origin)
  c.header('Access-Control-Allow-Credentials', 'true')
  c.header('Vary', 'Origin')
  return true
}

async function textJson(c: Context): Promise<unknown> {
  try {
    return JSON.parse(await c.req.text())
  } catch {
    throw new Refusal(400, 'malformed_json', 'The body is not JSON.', 'Use the snippet as it is.')
  }
}

function withoutQuery(page: string): string {
  return (page.split(/[?#]/)[0] ?? '').slice(0, 500)
}

function otherSite(): Refusal {
  const fix = 'Add the origin of the site to trackerOrigins in PATCH /v1/settings.'
  return new Refusal(403, 'origin_not_allowed', 'Pages of this origin may not report visits.', fix)
}

function noKey(): Refusal {
  const fix = 'Use a key of purpose "write" in data-key.'
  return new Refusal(401, 'write_key_needed', 'This write key does not work.', fix)
}
