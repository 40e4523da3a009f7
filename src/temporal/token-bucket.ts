/** Lets `perSecond` things pass, and at most one second's worth at once. */
export class TokenBucket {
  readonly #perSecond: number
  #tokens: number
  #at: number

  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond
    this.#tokens = perSecond
    this.#at = nowMs
  }

  /** How many whole things may pass at `nowMs` (a monotonic clock). */
  available(nowMs: number): number {
    const earned = (Math.max(nowMs - this.#at, 0) / 1_000) * this.#perSecond
    this.#tokens = Math.min(this.#perSecond, this.#tokens + earned)
    this.#at = nowMs
    return Math.floor(this.#tokens)
  }

  spend(count: number): void {
    this.#tokens -= count
  }
}
