import { createVerify, X509Certificate } from 'node:crypto'
import { z } from 'zod'

/** A message of Amazon SNS over HTTP, as its documentation of the format tells. */
const messageSchema = z.object({
  Type: z.enum(['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation']),
  MessageId: z.string().max(200),
  TopicArn: z.string().max(500),
  Message: z.string(),
  Subject: z.string().optional(),
  Timestamp: z.iso.datetime({ offset: true }),
  Token: z.string().optional(),
  SubscribeURL: z.string().max(2_000).optional(),
  SignatureVersion: z.enum(['1', '2']),
  Signature: z.string().max(4_000),
  SigningCertURL: z.string().max(2_000),
})

export type SnsMessage = z.output<typeof messageSchema>

export type SnsReading =
  | { readonly ok: true; readonly message: SnsMessage }
  /** Why it is not to be believed; for the log, never repeated to the sender. */
  | { readonly ok: false; readonly because: string }

/** Fetches text from a public https address; see api/public-fetch.ts. */
export type FetchText = (url: string) => Promise<string>

/** SNS gives up after an hour; what comes later was kept by somebody. */
const STALE_AFTER_MS = 60 * 60_000
const AHEAD_MS = 5 * 60_000
const KEEP_CERTIFICATE_MS = 24 * 60 * 60_000
const MOST_CERTIFICATES = 20

/**
 * Reads and believes messages of the given topics only: signed with a certificate that lies at
 * Amazon's own address, and fresh. Certificates are kept for a day.
 */
export function snsReader(topics: readonly string[], fetchText: FetchText) {
  const kept = new Map<string, { readonly pem: string; readonly until: number }>()

  async function certificateAt(url: string, now: number): Promise<X509Certificate> {
    const known = kept.get(url)
    const pem = known !== undefined && known.until > now ? known.pem : await fetchText(url)
    const certificate = new X509Certificate(pem)
    if (kept.size >= MOST_CERTIFICATES) kept.clear()
    kept.set(url, { pem, until: now + KEEP_CERTIFICATE_MS })
    return certificate
  }

  return async function read(body: string, now: number): Promise<SnsReading> {
    const parsed = messageSchema.safeParse(jsonOf(body))
    if (!parsed.success) return { ok: false, because: 'it is no message of SNS' }
    const message = parsed.data
    if (!topics.includes(message.TopicArn)) return { ok: false, because: 'the topic is not ours' }
    const age = now - Date.parse(message.Timestamp)
    if (age > STALE_AFTER_MS || age < -AHEAD_MS) return { ok: false, because: 'it is not fresh' }
    if (!isAmazonSns(message.SigningCertURL, /\.pem$/)) {
      return { ok: false, because: 'the certificate does not lie at SNS' }
    }
    try {
      const certificate = await certificateAt(message.SigningCertURL, now)
      if (!isValidAt(certificate, now))
        return { ok: false, because: 'the certificate is not valid' }
      if (!isSigned(message, certificate)) return { ok: false, because: 'the signature is wrong' }
    } catch {
      return { ok: false, because: 'the certificate could not be had' }
    }
    return { ok: true, message }
  }
}

/** An https address of SNS itself, with nothing unusual in it. */
export function isAmazonSns(text: string | undefined, path = /^\/(?:\?|$)/): boolean {
  if (text === undefined || !URL.canParse(text)) return false
  const url = new URL(text)
  return (
    url.protocol === 'https:' &&
    url.port === '' &&
    url.username === '' &&
    url.password === '' &&
    /^sns\.[a-z]{2}(?:-[a-z]+)+-\d{1,2}\.amazonaws\.com(?:\.cn)?$/.test(url.hostname) &&
    path.test(url.pathname)
  )
}

function isValidAt(certificate: X509Certificate, now: number): boolean {
  return Date.parse(certificate.validFrom) <= now && now <= Date.parse(certificate.validTo)
}

function isSigned(message: SnsMessage, certificate: X509Certificate): boolean {
  const algorithm = message.SignatureVersion === '2' ? 'RSA-SHA256' : 'RSA-SHA1'
  return createVerify(algorithm)
    .update(signedText(message))
    .verify(certificate.publicKey, message.Signature, 'base64')
}

/** The fields that are signed, in their order, as "Name\nvalue\n" each. */
export function signedText(message: Omit<SnsMessage, 'Signature'>): string {
  const names =
    message.Type === 'Notification'
      ? (['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'] as const)
      : ([
          'Message',
          'MessageId',
          'SubscribeURL',
          'Timestamp',
          'Token',
          'TopicArn',
          'Type',
        ] as const)
  return names
    .flatMap((name) => (message[name] === undefined ? [] : [`${name}\n${message[name]}\n`]))
    .join('')
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}
