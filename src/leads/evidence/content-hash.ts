import { createHash } from 'node:crypto'

/** SHA-256, as hex, of a message's subject, text and HTML with a line break between. */
export function contentHash(subject: string | null, text: string, html: string | null): string {
  return createHash('sha256')
    .update([subject ?? '', text, html ?? ''].join('\n'))
    .digest('hex')
}
