import { createHmac } from 'node:crypto'
import type { Instant } from '../domain/time.ts'
import { type Posted, type PublicPost, postPublicly } from './public-https.ts'

export interface SignedPost {
  readonly url: string
  readonly secret: string
  readonly body: unknown
  readonly now: Instant
  readonly deadlineMs: number
  /** For tests: a receiver that is not on the public internet. */
  readonly trust?: PublicPost['trust'] | undefined
}

/**
 * Posts JSON to somebody else's server. Signs "<seconds>.<body>" with HMAC-SHA256, so that the
 * receiver can refuse forged and old ones.
 */
export function postSigned({
  url,
  secret,
  body,
  now,
  deadlineMs,
  trust,
}: SignedPost): Promise<Posted> {
  const text = JSON.stringify(body)
  const seconds = Math.floor(now / 1_000)
  const signature = createHmac('sha256', secret).update(`${seconds}.${text}`).digest('hex')
  return postPublicly({
    url,
    body: text,
    deadlineMs,
    headers: {
      'Content-Type': 'application/json',
      'X-Rekindle-Signature': `t=${seconds},v1=${signature}`,
    },
    ...(trust && { trust }),
  })
}
