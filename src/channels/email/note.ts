import { createHash } from 'node:crypto'
import { readTokenAddress, type TokenAddress } from './addresses.ts'
import { classifyMail, type MailVerdict, namedMessageIds, returnedHeaders } from './classify.ts'
import { TOUCH_HEADER } from './compose.ts'
import { addressesIn, header, type ReadMail, readMail } from './read-mail.ts'

/**
 * What every way in makes of what it was handed, be it a raw mail or a provider's own report: what
 * it is, and everything in it that may say which message of ours, or whom, it is about.
 */
export type MailNote = {
  /** The mail's own id at its source; the same id acts once. */
  readonly eventId: string
  /** The way it came: "imap", "ses", "postmark", "catcher". */
  readonly via: string
  readonly verdict: MailVerdict
  /** Only its headers and raw text could be read. */
  readonly broken: boolean
  readonly names: Names
  /** By our own name of it: the mail is one that we sent, and its mailbox is read by us. */
  readonly ours: string | null
  readonly from: string | null
  readonly subject: string
  readonly text: string
}

export type Names = {
  readonly tokens: readonly TokenAddress[]
  readonly touches: readonly string[]
  /** Message-IDs with angle brackets, the likeliest first. */
  readonly messageIds: readonly string[]
}

/** Makes a note of a raw mail. Never throws. `today` (YYYY-MM-DD) dates an out-of-office. */
export async function noteOfMail(
  raw: Uint8Array | string,
  { via, today }: { readonly via: string; readonly today: string },
): Promise<MailNote> {
  return noteOfRead(await readMail(raw), raw, { via, today })
}

/** The same for a mail that was read already; `raw` identifies one without a Message-ID. */
export function noteOfRead(
  mail: ReadMail,
  raw: Uint8Array | string,
  { via, today }: { readonly via: string; readonly today: string },
): MailNote {
  const { messageId, from, subject, text, broken, headers } = mail
  return {
    eventId: `email:${messageId ?? createHash('sha256').update(raw).digest('base64url')}`,
    via,
    verdict: classifyMail(mail, today),
    broken,
    names: namesIn(mail),
    ours: header(headers, TOUCH_HEADER.toLowerCase())?.trim() ?? null,
    from,
    subject,
    text,
  }
}

function namesIn(mail: ReadMail): Names {
  const returned = returnedHeaders(mail)
  const back = ['return-path', 'reply-to', 'x-envelope-from'].flatMap((name) =>
    addressesIn(header(returned, name) ?? ''),
  )
  const touch = header(returned, TOUCH_HEADER.toLowerCase())?.trim()
  return {
    tokens: [...mail.to, ...back].flatMap((address) => readTokenAddress(address) ?? []),
    touches: touch === undefined || !/^touch_[0-9a-f]{32}$/.test(touch) ? [] : [touch],
    messageIds: namedMessageIds(mail),
  }
}
