import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context, MiddlewareHandler } from 'hono'
import { rateLimiter } from 'hono-rate-limiter'
import { Refusal } from '../leads/intake.ts'
import { findKey } from '../store/company/api-keys.ts'
import type { ApiConfig, ApiDeps } from './deps.ts'
import type { ApiEnv } from './operation.ts'
import { refuse } from './problem.ts'

/**
 * Answers only to the hosts it was told of: a page of another site that makes a browser resolve
 * its own name to this address (DNS rebinding) is refused. What changes something, and what a
 * browser says comes from another site, is refused by its Origin.
 */
export function ownHostOnly(config: Pick<ApiConfig, 'allowedHosts'>): MiddlewareHandler {
  const hosts = new Set(config.allowedHosts.map((host) => host.toLowerCase()))
  return async function ownHost(c, next) {
    const host = c.req.header('Host')?.toLowerCase() ?? new URL(c.req.url).host
    if (!hosts.has(host)) {
      const fix = 'Use the address that was printed at the start, or add the host to PRIVATE_HOSTS.'
      return refuse(c, new Refusal(403, 'host_not_allowed', 'This host is not served here.', fix))
    }
    const origin = c.req.header('Origin')
    if (origin !== undefined && !isOwn(origin, hosts)) {
      const fix = 'Call from your own server, not from a web page.'
      const because = 'Pages of other sites may not call this.'
      return refuse(c, new Refusal(403, 'origin_not_allowed', because, fix))
    }
    await next()
    return undefined
  }
}

function isOwn(origin: string, hosts: ReadonlySet<string>): boolean {
  return URL.canParse(origin) && hosts.has(new URL(origin).host.toLowerCase())
}

/** Lets in whoever shows an api key, as `Authorization: Bearer` or `X-API-Key`. */
export function apiKeyOnly(deps: Pick<ApiDeps, 'store'>): MiddlewareHandler<ApiEnv> {
  return async function apiKey(c, next) {
    const key = bearerOf(c.req.header('Authorization')) ?? c.req.header('X-API-Key') ?? null
    const row = key === null ? null : await findKey(deps.store.db, key, 'api')
    if (row === null) {
      const because = key === null ? 'No API key was sent.' : 'This API key does not work.'
      const fix = 'Send "Authorization: Bearer rk_…"; the first key stands in the data folder.'
      c.header('WWW-Authenticate', 'Bearer realm="rekindle"')
      return refuse(c, new Refusal(401, 'api_key_needed', because, fix))
    }
    c.set('caller', { keyId: row.id, name: row.name })
    await next()
    return undefined
  }
}

function bearerOf(header: string | undefined): string | null {
  return /^Bearer +(\S+)$/i.exec(header ?? '')?.[1] ?? null
}

/**
 * So many requests a minute from one address, per process. Behind proxies of ours the address is
 * the one that the outermost of them saw; a forwarded address that nobody vouches for is ignored.
 */
export function limitedTo(perMinute: number, config: Pick<ApiConfig, 'trustedProxies'>) {
  return rateLimiter({
    windowMs: 60_000,
    limit: perMinute,
    standardHeaders: 'draft-7',
    keyGenerator: (c) => addressOf(c, config.trustedProxies),
    handler: (c) => {
      const fix = 'Wait as long as the RateLimit headers say.'
      const because = 'Too many requests came from this address.'
      return refuse(c, new Refusal(429, 'too_many_requests', because, fix))
    },
  })
}

/** The address that a request came from. */
export function addressOf(c: Context, trustedProxies: number): string {
  const direct = connectionAddress(c)
  if (trustedProxies === 0) return direct
  const chain = (c.req.header('X-Forwarded-For') ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
  return chain.at(-trustedProxies) ?? direct
}

function connectionAddress(c: Context): string {
  try {
    return getConnInfo(c).remote.address ?? 'unknown'
  } catch {
    // Called without a socket, as tests do.
    return 'unknown'
  }
}
