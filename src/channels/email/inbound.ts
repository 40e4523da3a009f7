import PostalMime, { type Address } from 'postal-mime'
import { textFromHtml } from './compose.ts'

/** An answer that came by email, as far as its headers and body tell. */
export type InboundEmail = {
  readonly messageId: string | null
  readonly from: string | null
  readonly to: string | null
  readonly inReplyTo: string | null
  /** Oldest first, with angle brackets. */
  readonly references: readonly string[]
  readonly subject: string
  readonly text: string
}

/**
 * Parses a raw message; `inReplyTo`, else one of the `references`, is the Message-ID of the touch
 * that it answers. HTML-only answers are reduced to their text.
 * @throws when the bytes nest deeper, or have larger headers, than the parser allows.
 */
export async function parseInboundEmail(raw: Uint8Array | string): Promise<InboundEmail> {
  const mail = await PostalMime.parse(raw)
  return {
    messageId: mail.messageId ?? null,
    from: addressOf(mail.from),
    to: addressOf(mail.to?.[0]),
    inReplyTo: messageIds(mail.inReplyTo)[0] ?? null,
    references: messageIds(mail.references),
    subject: mail.subject ?? '',
    text: mail.text ?? (mail.html === undefined ? '' : textFromHtml(mail.html)),
  }
}

function addressOf(address: Address | undefined): string | null {
  if (!address) return null
  return address.group ? (address.group[0]?.address ?? null) : address.address
}

function messageIds(header: string | undefined): string[] {
  return header?.match(/<[^<>\s]+>/g) ?? []
}
