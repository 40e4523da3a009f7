import type { Company } from './company.ts'

/** What a company lets messages tell about their readers. */
export interface Tracking {
  /** Whether emails carry a picture that tells when they are opened; off unless switched on. */
  readonly opens: boolean
  /** Where tracked links lead first: a domain of the brand that reaches the public listener. */
  readonly linkUrl: string | null
  /** Hosts, besides the company's own, to which links may lead through us. */
  readonly linkHosts: readonly string[]
}

export const DEFAULT_TRACKING: Tracking = { opens: false, linkUrl: null, linkHosts: [] }

/**
 * Whether a link of a message may lead through us to `target`: only to the company's own hosts,
 * those below them and the listed ones. Any other link goes into the message as it is, so that
 * nobody borrows the brand's domain for a site of theirs, by a form field say.
 */
export function mayRedirectTo(
  target: string,
  { website, bookingUrl }: Pick<Company, 'website' | 'bookingUrl'>,
  trackerOrigins: readonly string[],
  { linkHosts }: Pick<Tracking, 'linkHosts'>,
): boolean {
  const host = hostOf(target)
  if (host === null) return false
  const own = [website, bookingUrl, ...trackerOrigins].flatMap((url) =>
    url === null ? [] : (hostOf(url) ?? []),
  )
  return [...own, ...linkHosts].some(
    (allowed) => host === allowed || host.endsWith(`.${withoutWww(allowed)}`),
  )
}

function withoutWww(host: string): string {
  return host.replace(/^www\./, '')
}

function hostOf(url: string): string | null {
  if (!URL.canParse(url)) return null
  const { protocol, hostname, username, password } = new URL(url)
  if (protocol !== 'https:' && protocol !== 'http:') return null
  // What stands before an @ looks like a host to people.
  return username === '' && password === '' ? hostname : null
}
