import { randomUUID } from 'node:crypto'
import type { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { secureHeaders } from 'hono/secure-headers'
import type { ApiDeps } from './deps.ts'
import type { ApiEnv } from './operation.ts'
import { noSuchRoute, problemOf, refuse, tooLarge } from './problem.ts'

/**
 * What both listeners share: a request id, safe headers, a log line per request without anything
 * a request carries, and errors as problem+json.
 */
export function withBase(app: Hono<ApiEnv>, deps: Pick<ApiDeps, 'log'>, listener: string): void {
  const log = deps.log.child({ listener })
  app.use(async function requestId(c, next) {
    const given = c.req.header('X-Request-Id') ?? ''
    const requestId = /^[\w-]{8,64}$/.test(given) ? given : randomUUID()
    c.set('requestId', requestId)
    c.header('X-Request-Id', requestId)
    const start = performance.now()
    await next()
    const { method, routePath } = c.req
    const ms = Math.round(performance.now() - start)
    // The route, never the path: ids and tokens in it are nobody's business.
    log.info({ requestId, method, route: routePath, status: c.res.status, ms }, 'request')
  })
  app.use(
    secureHeaders({
      referrerPolicy: 'no-referrer',
      xFrameOptions: 'DENY',
      // The tracker answers under other people's domains: whether all of those are served by
      // https alone is their decision, and that of whoever ends TLS for us.
      strictTransportSecurity: false,
      // What a page sets for itself stays: forms of pages without a referrer name no origin.
      overwrite: false,
    }),
  )
  app.notFound((c) => noSuchRoute(c))
  app.onError((error, c) => {
    const { response, foreseen } = problemOf(c, error)
    if (!foreseen) {
      const { requestId } = c.var
      // The name and place tell enough; a message may quote what was sent.
      log.error(
        { requestId, route: c.req.routePath, error: error.name, at: placeOf(error) },
        'failed',
      )
    }
    return response
  })
}

/** Refuses bodies beyond so many bytes. */
export function limitedBody(maxSize: number) {
  return bodyLimit({ maxSize, onError: (c) => refuse(c, tooLarge()) })
}

/** The stack without its first lines, which repeat the message. */
function placeOf(error: Error): readonly string[] {
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 6)
    .map((line) => line.trim().replace(/\(?file:\/\/.*\/(?=src|dist)/, '('))
}
