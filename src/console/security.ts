import { createMiddleware } from 'hono/factory'

/** No script at all, no frame but our own message view, no request to anyone else. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  // Pico draws its icons from data URLs.
  "img-src 'self' data:",
  "frame-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

/**
 * A caught email is a stranger's page: it runs no script, asks nothing of the network, and lives
 * on an origin of its own, where no cookie of ours is.
 */
export const MESSAGE_POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "frame-ancestors 'self'",
  "form-action 'none'",
  // Popups let a click on a link open it, as the lead would.
  'sandbox allow-popups allow-popups-to-escape-sandbox',
].join('; ')

/** A page to print carries its own style, and nothing else. */
export const PRINTED_POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "frame-ancestors 'none'",
  "form-action 'none'",
  "base-uri 'none'",
].join('; ')

/** What every answer of the console carries, unless a page sets its own. */
export const safeHeaders = createMiddleware(async (c, next) => {
  await next()
  const set = (name: string, value: string) => {
    if (!c.res.headers.has(name)) c.header(name, value)
  }
  set('Content-Security-Policy', CONTENT_SECURITY_POLICY)
  set('X-Content-Type-Options', 'nosniff')
  set('Referrer-Policy', 'same-origin')
  set('Cross-Origin-Opener-Policy', 'same-origin')
  // Pages show people's data: no cache keeps them, also not the one behind the back button.
  set('Cache-Control', 'no-store')
})

/** The address when a browser may safely be sent there (http, https or a path here), else null. */
export function safeUrl(url: string): string | null {
  // Browsers drop these, so that what is left may be another address.
  if (/[\u0000-\u001f\u007f]/.test(url)) return null
  if (/^\/(?![/\\])/.test(url)) return url
  const scheme = URL.canParse(url) ? new URL(url).protocol : null
  return scheme === 'http:' || scheme === 'https:' ? url : null
}
