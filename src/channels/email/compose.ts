import { convert } from 'html-to-text'
import type { SendMailOptions } from 'nodemailer'
import { AT_HEADER, stampOf } from '../stamp.ts'
import type { OutgoingEmail } from '../types.ts'

/** Names the touch in the message, so that a bounce or a caught copy can be traced to it. */
export const TOUCH_HEADER = 'X-Rekindle-Touch'

export type ComposeOptions = {
  /** Tell the catcher the engine's time, and date the message by it. */
  readonly stampTime: boolean
}

/**
 * Turns a message into nodemailer's terms. A missing text part is derived from the HTML one.
 * `List-Unsubscribe-Post` goes with every `List-Unsubscribe` (RFC 8058).
 */
export function composeEmail(message: OutgoingEmail, options: ComposeOptions): SendMailOptions {
  const text = message.text ?? (message.html === undefined ? '' : textFromHtml(message.html))
  const stamp = stampOf(message, options.stampTime)
  return {
    from: mailbox(message.from),
    to: { name: '', address: message.to },
    ...(message.replyTo && { replyTo: mailbox(message.replyTo) }),
    envelope: { from: message.returnPath ?? message.from.address, to: [message.to] },
    subject: message.subject,
    messageId: message.messageId,
    ...(message.inReplyTo && { inReplyTo: message.inReplyTo }),
    ...(message.references && { references: [...message.references] }),
    ...(stamp && { date: stamp }),
    text,
    ...(message.html !== undefined && { html: message.html }),
    headers: {
      [TOUCH_HEADER]: message.touch,
      ...(stamp && { [AT_HEADER]: stamp.toISOString() }),
      // RFC 3834, 5.1: nobody's absence note answers it.
      ...(message.automatic && { 'Auto-Submitted': 'auto-generated' }),
      ...unsubscribeHeaders(message),
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

/** Readable text of an HTML body: links keep their address, images and scripts go. */
export function textFromHtml(html: string): string {
  return convert(html, {
    wordwrap: 78,
    selectors: [
      { selector: 'img', format: 'skip' },
      { selector: 'a', options: { hideLinkHrefIfSameAsText: true } },
      { selector: 'h1', options: { uppercase: false } },
      { selector: 'h2', options: { uppercase: false } },
      { selector: 'h3', options: { uppercase: false } },
      { selector: 'table', options: { uppercaseHeaderCells: false } },
    ],
  }).trim()
}

function mailbox({ name, address }: { name?: string; address: string }): {
  name: string
  address: string
} {
  return { name: name ?? '', address }
}

/** Long List-* headers are folded, which some signers get wrong: the URLs should be short. */
function unsubscribeHeaders({ unsubscribe }: OutgoingEmail): Record<string, string> {
  if (!unsubscribe) return {}
  const ways = [`<${unsubscribe.url}>`]
  if (unsubscribe.mailto) ways.push(`<mailto:${unsubscribe.mailto}>`)
  return {
    'List-Unsubscribe': ways.join(', '),
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  }
}
