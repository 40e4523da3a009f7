import PostalMime, { type Address, type Email } from 'postal-mime'
import { textFromHtml } from './compose.ts'

/** More of a mail than this is not looked at: reports stand at its beginning. */
export const MOST_MAIL_BYTES = 4 * 1024 * 1024
/** The parser takes some 20 µs for each line, and more for each when there are many. */
const MOST_LINES = 20_000
const MOST_TEXT = 200_000
const MOST_HEADER_BYTES = 512 * 1024
const MOST_DEPTH = 60

/** A part that is no text to read: a report, or the message that came back. */
export type MailPart = {
  /** Lower case, such as "message/delivery-status". */
  readonly type: string
  readonly text: string
}

/** A mail as its bytes tell, bounded in every direction and fit to be stored. */
export type ReadMail = {
  readonly headers: MailHeaders
  readonly messageId: string | null
  /** Bare addresses, in lower case. */
  readonly from: string | null
  /** Every address that says for whom it came: To, Cc, Delivered-To and their kin. */
  readonly to: readonly string[]
  readonly subject: string
  readonly text: string
  readonly parts: readonly MailPart[]
  /** Only its headers and raw text could be read: a person should look at it. */
  readonly broken: boolean
}

/** Header values, unfolded, by lower-case name, in their order. */
export type MailHeaders = ReadonlyMap<string, readonly string[]>

/** The first value of a header; null when there is none. */
export function header(headers: MailHeaders, name: string): string | null {
  return headers.get(name)?.[0] ?? null
}

/** Message-IDs with their angle brackets, in the order of a header such as References. */
export function messageIdsIn(value: string | null): string[] {
  return value?.match(/<[^<>\s]+>/g) ?? []
}

/**
 * Reads a raw mail. Charsets that do not exist, parts that are missing and boundaries that never
 * close are read as far as they go; a mail that nests deeper, or has larger headers, than anything
 * honest is read as plain text.
 */
export async function readMail(raw: Uint8Array | string): Promise<ReadMail> {
  const bytes = trimmed(raw)
  try {
    return structured(await PostalMime.parse(bytes, LIMITS))
  } catch {
    return plain(Buffer.from(bytes).toString('utf8'))
  }
}

const LIMITS = {
  forceRfc822Attachments: true,
  maxNestingDepth: MOST_DEPTH,
  maxHeadersSize: MOST_HEADER_BYTES,
}

function structured(mail: Email): ReadMail {
  const headers = headersOf(mail.headers)
  const text = mail.text ?? (mail.html === undefined ? '' : htmlText(mail.html))
  return {
    headers,
    messageId: messageIdsIn(header(headers, 'message-id'))[0] ?? null,
    from: bare(mail.from),
    to: recipientsOf(mail, headers),
    subject: storable(mail.subject ?? '').slice(0, 1_000),
    text: storable(text).slice(0, MOST_TEXT),
    parts: mail.attachments.flatMap(({ mimeType, content }) =>
      /^(message|text)\//.test(mimeType) ? [{ type: mimeType, text: textOf(content) }] : [],
    ),
    broken: false,
  }
}

function plain(raw: string): ReadMail {
  const headers = readHeaders(raw)
  const named = (name: string) => addressesIn(header(headers, name) ?? '')
  return {
    headers,
    messageId: messageIdsIn(header(headers, 'message-id'))[0] ?? null,
    from: named('from')[0] ?? null,
    to: [...new Set([...FOR_WHOM, 'to', 'cc'].flatMap(named))],
    subject: (header(headers, 'subject') ?? '').slice(0, 1_000),
    text: storable(raw.slice(raw.search(/\r?\n\r?\n/) + 1)).slice(0, MOST_TEXT),
    parts: [],
    broken: true,
  }
}

/** Headers at the beginning of a text, such as a returned message: folded, cut off, or odd. */
export function readHeaders(text: string): MailHeaders {
  const lines: { key: string; value: string }[] = []
  for (const line of text.slice(0, MOST_TEXT).replace(/^\s+/, '').split(/\r?\n/)) {
    if (line.trim() === '') break
    const field = /^([!-9;-~]{1,80}):\s?(.*)$/.exec(line)
    const last = lines.at(-1)
    if (/^[ \t]/.test(line) && last) last.value += ` ${line.trim()}`
    else if (field?.[1] !== undefined) {
      lines.push({ key: field[1].toLowerCase(), value: field[2] ?? '' })
    }
  }
  return headersOf(lines)
}

/** Text that Postgres takes: no NUL, no half of a surrogate pair. */
export function storable(text: string): string {
  return text.replaceAll('\0', '').replace(/[\ud800-\udfff]/gu, '\ufffd')
}

/** The addresses that stand in a text, lower case, each once. */
export function addressesIn(text: string): string[] {
  const found = text.slice(0, MOST_TEXT).toLowerCase().match(ADDRESS) ?? []
  return [...new Set(found.map((address) => address.replace(/^['*]+|[.'*]+$/g, '')))]
}

const ADDRESS = /[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}/g

/** Without a mailbox's separator line, a byte order mark, or blank lines before the headers. */
function trimmed(raw: Uint8Array | string): Uint8Array | string {
  const bytes = typeof raw === 'string' ? Buffer.from(raw) : raw
  const start = Buffer.from(bytes.subarray(0, 2_000)).toString('latin1')
  const before =
    /^(?:\xef\xbb\xbf)?[\r\n\t ]*(?:>?From [^\r\n]*\r?\n)?/.exec(start)?.[0].length ?? 0
  const rest = bytes.subarray(before, before + MOST_MAIL_BYTES)
  return rest.subarray(0, endOfLine(rest, MOST_LINES))
}

function endOfLine(bytes: Uint8Array, lines: number): number {
  let end = -1
  for (let line = 0; line < lines; line += 1) {
    end = bytes.indexOf(0x0a, end + 1)
    if (end < 0) return bytes.length
  }
  return end
}

function headersOf(lines: readonly { key: string; value: string }[]): MailHeaders {
  const headers = new Map<string, string[]>()
  for (const { key, value } of lines) {
    const clean = storable(value).slice(0, 20_000)
    const known = headers.get(key)
    if (known) known.push(clean)
    else headers.set(key, [clean])
  }
  return headers
}

const FOR_WHOM = [
  'delivered-to',
  'x-original-to',
  'envelope-to',
  'x-envelope-to',
  'x-delivered-to',
  'x-forwarded-to',
  'apparently-to',
]

function recipientsOf(mail: Email, headers: MailHeaders): string[] {
  const named = [...(mail.to ?? []), ...(mail.cc ?? [])].flatMap(bareAll)
  const delivered = FOR_WHOM.flatMap((name) => headers.get(name) ?? []).flatMap(addressesIn)
  return [...new Set([...delivered, ...named])].slice(0, 200)
}

function bareAll(address: Address): string[] {
  return (address.group ?? [address]).flatMap((each) => bare(each) ?? [])
}

function bare(address: Address | undefined): string | null {
  const found = address?.group ? address.group[0]?.address : address?.address
  return found ? storable(found.trim().toLowerCase()).slice(0, 320) : null
}

/** Half-finished HTML must not cost the whole mail. */
function htmlText(html: string): string {
  try {
    return textFromHtml(html.slice(0, MOST_TEXT))
  } catch {
    return html.slice(0, MOST_TEXT).replace(/<[^<>]{0,1000}>/g, ' ')
  }
}

function textOf(content: ArrayBuffer | Uint8Array | string): string {
  if (typeof content === 'string') return storable(content.slice(0, MOST_TEXT))
  const bytes = content instanceof ArrayBuffer ? new Uint8Array(content) : content
  return storable(Buffer.from(bytes.subarray(0, MOST_TEXT)).toString('utf8'))
}
