import { randomUUID } from 'node:crypto'
import { createTransport } from 'nodemailer'
import type { OutboxItem } from '../outbox.ts'

/**
 * What arrives when the recipient of a caught email answers it: a whole MIME message is written as
 * a mail program would, with the original quoted below.
 */
export async function answerEmail(item: OutboxItem, text: string): Promise<Uint8Array> {
  const header = (name: string) => headerOf(item, name)
  const messageId = header('Message-ID') ?? ''
  const references = [header('References'), messageId].filter((ids) => ids).join(' ')
  const writer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' })
  const { message } = await writer.sendMail({
    from: { name: '', address: item.to },
    to: header('Reply-To') ?? header('From') ?? '',
    subject: replySubject(item.subject ?? ''),
    messageId: `<${randomUUID()}@answer.invalid>`,
    ...(messageId && { inReplyTo: messageId, references }),
    text: `${text}\n\n${quote(item)}`,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return message as Buffer
}

function headerOf({ headers }: OutboxItem, name: string): string | undefined {
  const wanted = name.toLowerCase()
  return Object.entries(headers).find(([key]) => key.toLowerCase() === wanted)?.[1]
}

function replySubject(subject: string): string {
  return /^re:/i.test(subject) ? subject : `Re: ${subject}`
}

function quote(item: OutboxItem): string {
  const day = new Date(item.at).toUTCString()
  const quoted = item.text.split('\n').map((line) => `> ${line}`)
  return [`On ${day}, ${headerOf(item, 'From') ?? ''} wrote:`, ...quoted].join('\n')
}
