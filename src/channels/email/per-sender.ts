import type { EmailChannel } from '../types.ts'

/**
 * One channel over many: each sender has connections, and a rate, of its own, so that one who is
 * slowed down or refused does not hold up the others. They are opened when they are first needed.
 */
export function perSender(open: (sender: string | null) => EmailChannel): EmailChannel {
  const opened = new Map<string, EmailChannel>()
  const of = (sender: string | null): EmailChannel => {
    const key = sender?.toLowerCase() ?? ''
    const known = opened.get(key)
    if (known) return known
    const channel = open(sender)
    opened.set(key, channel)
    return channel
  }
  return {
    ready: (sender) => of(sender ?? null).ready(sender),
    send: (message, options) => of(message.from.address).send(message, options),
    close: async () => {
      await Promise.all([...opened.values()].map((channel) => channel.close()))
    },
  }
}
