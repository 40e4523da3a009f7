import type { EmailChannel, Permanent, SmsChannel } from './types.ts'

const NOT_LISTED: Permanent = {
  kind: 'permanent',
  code: 'not_on_allowlist',
  because: 'OUTBOUND is allowlist, and this contact point is not on the list.',
  contactPoint: 'unchanged',
}

/**
 * Channels that send to the listed addresses, domains and numbers only; the others are told so. A
 * domain is written "@acme.example" and stands for every mailbox in it.
 */
export function onlyTo(
  allowlist: readonly string[],
  { email, sms }: { email: EmailChannel; sms: SmsChannel },
): { email: EmailChannel; sms: SmsChannel } {
  const isListed = (to: string) => isOnAllowlist(allowlist, to)
  return {
    email: {
      ready: (sender) => email.ready(sender),
      close: () => email.close(),
      send: async (message, options) =>
        isListed(message.to) ? email.send(message, options) : NOT_LISTED,
    },
    sms: {
      ready: () => sms.ready(),
      close: () => sms.close(),
      find: (search) => sms.find(search),
      send: async (message, options) =>
        isListed(message.to) ? sms.send(message, options) : NOT_LISTED,
    },
  }
}

/** Whether an address or number is listed, by itself or by its domain. */
export function isOnAllowlist(allowlist: readonly string[], to: string): boolean {
  const contactPoint = to.toLowerCase()
  const at = contactPoint.lastIndexOf('@')
  const domain = at < 0 ? null : contactPoint.slice(at)
  return allowlist.some((each) => {
    const listed = each.toLowerCase()
    return listed === contactPoint || (domain !== null && listed === domain)
  })
}
