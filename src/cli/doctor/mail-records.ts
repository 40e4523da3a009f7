import { createPublicKey } from 'node:crypto'
import { type Check, checks } from './check.ts'

/** Asks the DNS for the TXT records of a name, each as its parts. */
export type ResolveTxt = (name: string) => Promise<string[][]>

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
  resolveTxt: ResolveTxt,
): Promise<Check[]> {
  return [
    await checkSpf(domain, resolveTxt),
    await checkDkim(domain, dkim, resolveTxt),
    await checkDmarc(domain, resolveTxt),
  ]
}

async function checkSpf(domain: string, resolveTxt: ResolveTxt): Promise<Check> {
  const { ok, warning, missing } = checks('SPF')
  const records = (await textsOf(domain, resolveTxt)).filter((text) => /^v=spf1(\s|$)/i.test(text))
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
  return /[?+]all\b/i.test(records[0] ?? '')
    ? warning(`${domain}: SPF lets everybody send.`, 'End the record with ~all or -all.')
    : ok(`${domain} has an SPF record; that it names your mail server is for you to compare.`)
}

async function checkDkim(
  domain: string,
  dkim: Dkim | null,
  resolveTxt: ResolveTxt,
): Promise<Check> {
  const { ok, warning, missing } = checks('DKIM')
  if (dkim === null) {
    return warning(
      'No DKIM key is set here, so the mail server has to sign.',
      'See with your provider that it signs for this domain, List-Unsubscribe included, or set DKIM_DOMAIN, DKIM_SELECTOR and DKIM_PRIVATE_KEY.',
    )
  }
  const name = `${dkim.selector}._domainkey.${dkim.domain}`
  const record = (await textsOf(name, resolveTxt)).find((text) => /\bp=/.test(text))
  if (record === undefined) {
    return missing(`There is no DKIM record at ${name}.`, `Publish the public key there.`)
  }
  const published = /\bp=([^;]*)/.exec(record)?.[1]?.replaceAll(/\s/g, '') ?? ''
  if (published === '') return missing(`The key at ${name} is revoked.`, 'Publish a new one.')
  if (dkim.privateKey !== null && published !== publicPart(dkim.privateKey)) {
    return missing(
      `The key at ${name} is not the one that we sign with.`,
      'Publish the public part of DKIM_PRIVATE_KEY, or set the selector that it belongs to.',
    )
  }
  return aligned(domain, dkim.domain)
    ? ok(`${name} has the key.`)
    : warning(
        `We sign for ${dkim.domain}, and send from ${domain}: DMARC counts only the same domain.`,
        `Sign for ${domain}.`,
      )
}

async function checkDmarc(domain: string, resolveTxt: ResolveTxt): Promise<Check> {
  const { ok, info, missing } = checks('DMARC')
  const parent = domain.split('.').slice(-2).join('.')
  for (const at of new Set([domain, parent])) {
    const record = (await textsOf(`_dmarc.${at}`, resolveTxt)).find((text) =>
      /^v=DMARC1\b/i.test(text),
    )
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

/** An answer that there is no such name is an answer; nothing else is told apart here. */
async function textsOf(name: string, resolveTxt: ResolveTxt): Promise<string[]> {
  try {
    return (await resolveTxt(name)).map((parts) => parts.join(''))
  } catch {
    return []
  }
}

function publicPart(privateKey: string): string | null {
  try {
    const key = createPublicKey(privateKey)
    // An Ed25519 record holds the bare key (RFC 8463); the SPKI form ends with it.
    const der = key.export({ type: 'spki', format: 'der' })
    const bare = key.asymmetricKeyType === 'ed25519' ? der.subarray(-32) : der
    return bare.toString('base64')
  } catch {
    return null
  }
}

function aligned(domain: string, signed: string): boolean {
  return domain === signed || domain.endsWith(`.${signed}`) || signed.endsWith(`.${domain}`)
}
