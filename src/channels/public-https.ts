import { lookup as systemLookup } from 'node:dns'
import https from 'node:https'
import { BlockList, isIP } from 'node:net'

/** What a POST to somebody else's server came to. */
export type Posted =
  | { readonly kind: 'taken' }
  /** Their server says no: `status` is its HTTP status. */
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'unreachable'; readonly because: string }

export interface PublicPost {
  readonly url: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  readonly deadlineMs: number
  /** Another rule for the addresses that may be spoken to, and another authority: for tests. */
  readonly trust?: { readonly mayReach: (address: string) => boolean; readonly ca: string }
}

const PRIVATE = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  PRIVATE.addSubnet(network, bits, 'ipv4')
}
const GLOBAL_V6 = new BlockList()
GLOBAL_V6.addSubnet('2000::', 3, 'ipv6')
const SPECIAL_V6 = new BlockList()
// Addresses that wrap an IPv4 address (6to4, Teredo), and those for documentation.
SPECIAL_V6.addSubnet('2002::', 16, 'ipv6')
SPECIAL_V6.addSubnet('2001::', 23, 'ipv6')
SPECIAL_V6.addSubnet('2001:db8::', 32, 'ipv6')

/** Whether an address is one of the public internet (RFC 6890): nothing of ours is behind it. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !PRIVATE.check(address, 'ipv4')
    case 6:
      return GLOBAL_V6.check(address, 'ipv6') && !SPECIAL_V6.check(address, 'ipv6')
    default:
      return false
  }
}

/**
 * Posts to a server of the public internet over TLS. The address is judged as it is connected to,
 * so that a name cannot point elsewhere in between, and no redirect is followed.
 */
export function postPublicly(post: PublicPost): Promise<Posted> {
  const url = new URL(post.url)
  const mayReach = post.trust?.mayReach ?? isPublicAddress
  const unreachable = (because: string): Posted => ({ kind: 'unreachable', because })
  if (url.protocol !== 'https:') return Promise.resolve(unreachable('the address is not https'))
  const literal = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(literal) !== 0 && !mayReach(literal)) return Promise.resolve(unreachable(NOT_PUBLIC))
  return new Promise((resolve) => {
    const request = https.request(url, {
      method: 'POST',
      headers: { ...post.headers, 'Content-Length': String(Buffer.byteLength(post.body)) },
      agent: false,
      signal: AbortSignal.timeout(post.deadlineMs),
      ...(post.trust && { ca: post.trust.ca }),
      lookup: (hostname, _options, done) => {
        systemLookup(hostname, { all: true }, (error, found) => {
          if (error) return done(error, [])
          const allowed = found.every(({ address }) => mayReach(address))
          return allowed ? done(null, found) : done(new Error(NOT_PUBLIC), [])
        })
      },
    })
    request.once('response', (response) => {
      const { statusCode = 0 } = response
      response.destroy()
      const taken = statusCode >= 200 && statusCode < 300
      resolve(taken ? { kind: 'taken' } : { kind: 'refused', status: statusCode })
    })
    request.once('error', (error) => {
      const because = error.message === NOT_PUBLIC ? NOT_PUBLIC : 'the server does not answer'
      resolve(unreachable(because))
    })
    request.end(post.body)
  })
}

const NOT_PUBLIC = 'the address is not one of the public internet'
