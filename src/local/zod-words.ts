import type { z } from 'zod'

/** What is wrong with a body, field by field, in one line. */
export function wordsOf({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; ')
}
