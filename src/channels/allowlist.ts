import type { EmailChannel, Permanent, SmsChannel } from './types.ts'

const NOT_LISTED: Permanent = {
  kind: 'permanent',
  code: 'not_on_allowlist',
  because: 'OUTBOUND is allowlist, and this contact point is not on the list.',
  contactPoint: 'unchanged',
}

/** Channels that send to the listed addresses and numbers only; the others are told so. */
export function onlyTo(
  allowlist: readonly string[],
  { email, sms }: { email: EmailChannel; sms: SmsChannel },
): { email: EmailChannel; sms: SmsChannel } {
  const listed = new Set(allowlist.map((each) => each.toLowerCase()))
  const isListed = (to: string) => listed.has(to.toLowerCase())
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
