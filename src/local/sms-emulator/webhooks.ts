import { randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import twilio from 'twilio'
import { TRY_HEADER } from '../../channels/sms/signature.ts'

export type Delivery =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'unreachable' }

/** How often a webhook is posted while nobody answers or the answer is a 5xx, and how far apart. */
const ATTEMPTS = 4
const RETRY_AFTER_MS = [250, 1_000, 3_000]
const ANSWER_WITHIN_MS = 15_000

/** Posts webhooks signed with the account's auth token, as Twilio does. */
export class Webhooks {
  readonly #authToken: string
  readonly #closing = new AbortController()

  constructor(authToken: string) {
    this.#authToken = authToken
    // Every message that still lives waits on it.
    setMaxListeners(0, this.#closing.signal)
  }

  /** Gives up after a few tries; a 4xx answer is final. */
  async post(url: string, parameters: Readonly<Record<string, string>>): Promise<Delivery> {
    const signature = twilio.getExpectedTwilioSignature(this.#authToken, url, parameters)
    const marks = { 'X-Twilio-Signature': signature, [TRY_HEADER]: randomUUID() }
    let last: Delivery = { kind: 'unreachable' }
    for (let attempt = 0; attempt < ATTEMPTS && !this.#closing.signal.aborted; attempt += 1) {
      if (attempt > 0) await this.wait(RETRY_AFTER_MS[attempt - 1] ?? 0)
      last = await this.#once(url, parameters, marks)
      if (last.kind === 'delivered' || (last.kind === 'refused' && last.status < 500)) return last
    }
    return last
  }

  /** Waits, but not beyond the closing, and without keeping the process alive. */
  async wait(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#closing.signal, ref: false }).catch(() => {})
  }

  get closed(): boolean {
    return this.#closing.signal.aborted
  }

  close(): void {
    this.#closing.abort()
  }

  async #once(
    url: string,
    parameters: Readonly<Record<string, string>>,
    marks: Readonly<Record<string, string>>,
  ): Promise<Delivery> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: marks,
        body: new URLSearchParams(parameters),
        redirect: 'manual',
        signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
      })
      await response.body?.cancel()
      return response.ok ? { kind: 'delivered' } : { kind: 'refused', status: response.status }
    } catch {
      return { kind: 'unreachable' }
    }
  }
}
