import PostalMime from 'postal-mime'
import { TOUCH_HEADER } from '../../channels/email/compose.ts'
import { AT_HEADER } from '../../channels/stamp.ts'
import { type Clock, parseInstant } from '../../domain/time.ts'
import type { OutboxItem } from '../outbox.ts'

/** Reads a caught message for one of its recipients. @throws when it is no parsable MIME. */
export async function readMessage(
  raw: Buffer,
  { from, to }: { readonly from: string; readonly to: string },
  clock: Clock,
): Promise<Omit<OutboxItem, 'id'>> {
  const mail = await PostalMime.parse(raw)
  // RFC 5321, 4.4: whoever delivers a message writes down where its bounces go.
  const headers: Record<string, string> = { 'Return-Path': `<${from}>` }
  for (const { originalKey, value } of mail.headers) headers[originalKey] ??= value
  return {
    channel: 'email',
    to,
    at: parseInstant(headers[AT_HEADER] ?? '') ?? clock(),
    subject: mail.subject ?? null,
    text: mail.text ?? '',
    html: mail.html ?? null,
    headers,
    touch: headers[TOUCH_HEADER] ?? null,
  }
}
