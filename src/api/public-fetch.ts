import { lookup } from 'node:dns'
import { request } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { isPublicAddress } from '../channels/public-https.ts'

const MOST_BYTES = 64 * 1024
const WITHIN_MS = 10_000

/** Resolves a name to a public address only: the very address that is then connected to. */
const publicLookup: LookupFunction = (hostname, options, done) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return done(error, [])
    const found = addresses.filter(({ address }) => isPublicAddress(address))
    const [first] = found
    if (first === undefined) return done(new Error('the name has no public address'), [])
    if (options.all) return done(null, found)
    return done(null, first.address, first.family)
  })
}

/**
 * Fetches a small text from a public https address, following no redirect. @throws when it is not
 * there, too large, too slow, or at a private address
 */
export function fetchPublicText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname } = new URL(url)
    if (isIP(hostname.replace(/[[\]]/g, '')) !== 0) {
      reject(new Error('an address is no name'))
      return
    }
    const asked = request(
      url,
      { lookup: publicLookup, timeout: WITHIN_MS, signal: AbortSignal.timeout(WITHIN_MS) },
      (response) => {
        const chunks: Buffer[] = []
        let size = 0
        response.on('error', reject)
        response.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size > MOST_BYTES) asked.destroy(new Error('the answer is too large'))
          else chunks.push(chunk)
        })
        response.on('end', () => {
          if (response.statusCode === 200) resolve(Buffer.concat(chunks).toString('utf8'))
          else reject(new Error(`it answered ${response.statusCode}`))
        })
      },
    )
    asked.on('error', reject)
    asked.end()
  })
}
