/**
 * One spelling of an address or number for look-ups: lower-case email, `+` and digits for a phone
 * (whose `+` often arrives as a space from a query string).
 */
export function contactKey(contactPoint: string): string {
  const trimmed = contactPoint.trim()
  return trimmed.includes('@') ? trimmed.toLowerCase() : `+${trimmed.replace(/\D/g, '')}`
}
