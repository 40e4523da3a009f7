import type { Ready } from './types.ts'

/** A refusal is asked about again sooner than a success. */
const REFUSAL_TTL_MS = 1_000

export type Readiness = {
  /** The answer in hand while it is fresh, else a new one; concurrent callers share one probe. */
  readonly check: () => Promise<Ready>
  /** A send has just proved the connection. */
  readonly proven: () => void
  /** A send has just failed for want of a connection: the next check probes again. */
  readonly doubted: () => void
}

/**
 * Keeps the answer of `probe` for `ttlMs` by the process's monotonic clock, so that a jump of the
 * wall clock makes no answer immortal.
 */
export function keepReady(probe: () => Promise<Ready>, ttlMs: number): Readiness {
  let known: { answer: Ready; until: number } | null = null
  let asking: Promise<Ready> | null = null

  const learn = (answer: Ready): Ready => {
    const ttl = answer.ready ? ttlMs : Math.min(ttlMs, REFUSAL_TTL_MS)
    known = { answer, until: performance.now() + ttl }
    return answer
  }

  return {
    check: async () => {
      if (known && performance.now() < known.until) return known.answer
      asking ??= probe()
        .then(learn)
        .finally(() => {
          asking = null
        })
      return asking
    },
    proven: () => {
      learn({ ready: true })
    },
    doubted: () => {
      known = null
    },
  }
}
