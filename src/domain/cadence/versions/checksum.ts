import { createHash } from 'node:crypto'

/** SHA-256 of a file's text, in hex. Line endings do not count: a checkout may change them. */
export function checksum(text: string): string {
  return createHash('sha256').update(text.replaceAll('\r\n', '\n'), 'utf8').digest('hex')
}
