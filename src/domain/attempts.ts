import type { Channel } from './policy/types.ts'
import { type Instant, MINUTE_MS, plus, SECOND_MS } from './time.ts'

/** An earlier attempt at what is to be sent. */
export interface AttemptFact {
  readonly attempt: number
  /** On which channel, for a step that may fall back on another; absent: the only one. */
  readonly channel?: Channel
  readonly state: 'sent' | 'delivered' | 'uncertain' | 'failed' | 'abandoned' | 'dispatching'
  readonly failure: 'permanent' | 'transient' | 'sender_fault' | null
  readonly because: string | null
  readonly settledAt: Instant
  /** What the provider asked us to wait, in milliseconds. */
  readonly retryAfterMs: number | null
}

/** What the attempts so far say of the next one. */
export type AttemptsVerdict =
  | { readonly kind: 'sent' }
  /** It may have been sent, so it is not sent again. */
  | { readonly kind: 'uncertain' }
  | { readonly kind: 'under_way'; readonly lookAt: Instant }
  | { readonly kind: 'failed'; readonly because: string }
  | { readonly kind: 'again'; readonly retryAt: Instant }

const MAX_ATTEMPTS = 5
const BACKOFF_MS: readonly number[] = [MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 120 * MINUTE_MS]
/** For an answer that must leave within five minutes or never. */
const HASTY_BACKOFF_MS: readonly number[] = [
  15 * SECOND_MS,
  30 * SECOND_MS,
  MINUTE_MS,
  2 * MINUTE_MS,
]

/** Whether the last attempt ends the matter, or when the next may be made; null before the first. */
export function judgeAttempts(
  attempts: readonly AttemptFact[],
  { hasty }: { readonly hasty: boolean } = { hasty: false },
): AttemptsVerdict | null {
  const last = attempts.at(-1)
  if (last === undefined) return null
  switch (last.state) {
    case 'sent':
    case 'delivered':
      return { kind: 'sent' }
    case 'uncertain':
      return { kind: 'uncertain' }
    case 'dispatching':
      return { kind: 'under_way', lookAt: plus(last.settledAt, MINUTE_MS) }
    case 'abandoned':
      return { kind: 'again', retryAt: last.settledAt }
    case 'failed': {
      if (last.failure === 'permanent') {
        return { kind: 'failed', because: last.because ?? 'it cannot be delivered' }
      }
      const failures = attempts.filter(
        (each) => each.state === 'failed' && each.failure !== 'sender_fault',
      ).length
      if (failures >= MAX_ATTEMPTS) return { kind: 'failed', because: `failed ${failures} times` }
      const steps = hasty ? HASTY_BACKOFF_MS : BACKOFF_MS
      const backoffMs = steps[Math.max(failures - 1, 0)] ?? 120 * MINUTE_MS
      return {
        kind: 'again',
        retryAt: plus(last.settledAt, Math.max(backoffMs, last.retryAfterMs ?? 0)),
      }
    }
  }
}
