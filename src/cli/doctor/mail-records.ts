import { createPublicKey } from 'node:crypto'
import { type Check, checks } from './check.ts'
import { askedOf, type NameServers } from './name-servers.ts'

export interface Dkim {
  readonly domain: string
  readonly selector: string
  /** PEM; null where the mail server signs. */
  readonly privateKey: string | null
}

/** What receivers look up before they believe an email: SPF, DKIM and DMARC of the sender's domain. */
export async function checkMailRecords(
  domain: string,
  dkim: Dkim | null,
  dns: NameServers,
): Promise<Check[]> {
  return Promise.all([checkSpf(domain, dns), checkDkim(domain, dkim, dns), checkDmarc(domain, dns)])
}

/** What must be published where bounces and answers come back to: its mail server, and SPF. */
export async function checkInboundDomain(domain: string, dns: NameServers): Promise<Check[]> {
  return Promise.all([checkMx(domain, dns), checkSpf(domain, dns)])
}

async function checkMx(domain: string, dns: NameServers): Promise<Check> {
  const { ok, missing } = checks('MX')
  const found = await askedOf(dns.mx(domain))
  if (found === null) return unasked('MX', domain)
  const hosts = found.filter((host) => host !== '')
  if (hosts.length > 0) return ok(`Mail to ${domain} goes to ${hosts.join(', ')}.`)
  return missing(
    `${domain} takes no mail: bounces and answers to it are lost.`,
    `Publish an MX record for ${domain} that names the server of IMAP_URL (or your provider's), or unset INBOUND_EMAIL_DOMAIN.`,
  )
}

async function checkSpf(domain: string, dns: NameServers): Promise<Check> {
  const { ok, warning, missing } = checks('SPF')
  const found = await textsOf(domain, dns)
  if (found === null) return unasked('SPF', domain)
  const records = found.filter((text) => /^v=spf1(\s|$)/i.test(text))
  if (records.length === 0) {
    return missing(
      `${domain} has no SPF record.`,
      `Publish a TXT record at ${domain}: v=spf1 include:<your mail server's> ~all`,
    )
  }
  // RFC 7208, 4.5: more than one is a permanent error.
  if (records.length > 1) {
    return missing(`${domain} has ${records.length} SPF records.`, 'Merge them into one.')
  }
  return /(?:^|\s)[?+]?all\b/i.test(records[0] ?? '')
    ? warning(`${domain}: SPF lets everybody send.`, 'End the record with ~all or -all.')
    : ok(`${domain} has an SPF record; that it names your mail server is for you to compare.`)
}

async function checkDkim(domain: string, dkim: Dkim | null, dns: NameServers): Promise<Check> {
  const { ok, warning, missing } = checks('DKIM')
  if (dkim === null) {
    return warning(
      `No DKIM key is set here for ${domain}, so the mail server has to sign.`,
      'See with your provider that it signs for this domain, List-Unsubscribe included, or set DKIM_DOMAIN, DKIM_SELECTOR and DKIM_PRIVATE_KEY.',
    )
  }
  const ours = dkim.privateKey === null ? null : publicPart(dkim.privateKey)
  if (dkim.privateKey !== null && ours === null) {
    return missing(
      'The private key for DKIM cannot be read, so no email can be signed.',
      'DKIM_PRIVATE_KEY is a PEM that begins with -----BEGIN PRIVATE KEY-----; from a file, name it in DKIM_PRIVATE_KEY_FILE.',
    )
  }
  const name = `${dkim.selector}._domainkey.${dkim.domain}`
  const found = await textsOf(name, dns)
  if (found === null) return unasked('DKIM', name)
  const record = found.find((text) => /\bp=/.test(text))
  const publish =
    ours === null
      ? 'Publish the public key there, as your mail provider says.'
      : `Publish a TXT record at ${name}: v=DKIM1; k=${ours.kind}; p=${ours.key}`
  if (record === undefined) return missing(`There is no DKIM record at ${name}.`, publish)
  const published = /\bp=([^;]*)/.exec(record)?.[1]?.replaceAll(/\s/g, '') ?? ''
  if (published === '') return missing(`The key at ${name} is revoked.`, publish)
  if (ours !== null && published !== ours.key) {
    return missing(
      `The key at ${name} is not the one that we sign with.`,
      `${publish} Or set the selector that the published key belongs to.`,
    )
  }
  return aligned(domain, dkim.domain)
    ? ok(`${name} has the key.`)
    : warning(
        `We sign for ${dkim.domain}, and send from ${domain}: DMARC counts only the same domain.`,
        `Sign for ${domain}.`,
      )
}

async function checkDmarc(domain: string, dns: NameServers): Promise<Check> {
  const { ok, info, missing } = checks('DMARC')
  const parent = domain.split('.').slice(-2).join('.')
  for (const at of new Set([domain, parent])) {
    const found = await textsOf(`_dmarc.${at}`, dns)
    if (found === null) return unasked('DMARC', `_dmarc.${at}`)
    const record = found.find((text) => /^v=DMARC1\b/i.test(text))
    if (record === undefined) continue
    return /\bp=none\b/i.test(record)
      ? info(`_dmarc.${at} only watches (p=none); large receivers accept that.`)
      : ok(`_dmarc.${at} has a policy.`)
  }
  return missing(
    `There is no DMARC record for ${domain}.`,
    `Publish a TXT record at _dmarc.${domain}: v=DMARC1; p=none; rua=mailto:you@${domain}`,
  )
}

/** No answer is not the answer that nothing is published. */
function unasked(record: string, name: string): Check {
  return checks(record).missing(
    `The DNS gave no answer about ${name}.`,
    'Check this machine’s name server and its way to the internet, then ask again.',
  )
}

async function textsOf(name: string, dns: NameServers): Promise<string[] | null> {
  return (await askedOf(dns.txt(name)))?.map((parts) => parts.join('')) ?? null
}

function publicPart(privateKey: string): { kind: 'rsa' | 'ed25519'; key: string } | null {
  try {
    const key = createPublicKey(privateKey)
    const der = key.export({ type: 'spki', format: 'der' })
    // An Ed25519 record holds the bare key (RFC 8463); the SPKI form ends with it.
    return key.asymmetricKeyType === 'ed25519'
      ? { kind: 'ed25519', key: der.subarray(-32).toString('base64') }
      : { kind: 'rsa', key: der.toString('base64') }
  } catch {
    return null
  }
}

function aligned(domain: string, signed: string): boolean {
  return domain === signed || domain.endsWith(`.${signed}`) || signed.endsWith(`.${domain}`)
}
