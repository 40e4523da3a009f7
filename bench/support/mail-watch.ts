import type { EmailChannel } from '../../src/channels/types.ts'

/** Notes when SMTP took the first email to each address, and how many it took in all. */
export class MailWatch {
  readonly #waiting = new Map<string, (atMs: number) => void>()
  #count = 0

  /** How many were taken so far. */
  get count(): number {
    return this.#count
  }

  /** The channel itself, watched. */
  watching(channel: EmailChannel): EmailChannel {
    return {
      ...channel,
      ready: () => channel.ready(),
      close: () => channel.close(),
      send: async (email, options) => {
        const outcome = await channel.send(email, options)
        if (outcome.kind === 'accepted') this.#taken(email.to)
        return outcome
      },
    }
  }

  /** When the first email to this address was taken, by `performance.now()`. */
  accepted(address: string): Promise<number> {
    return new Promise((resolve) => this.#waiting.set(address, resolve))
  }

  #taken(address: string): void {
    this.#count += 1
    this.#waiting.get(address)?.(performance.now())
    this.#waiting.delete(address)
  }
}
