import { setTimeout as pause } from 'node:timers/promises'

export type Turns = {
  /** Waits for the next turn; false when it is further away than anybody waits. */
  take(): Promise<boolean>
}

/** A longer wait is better spent by the lead than by the process. */
const LONGEST_WAIT_MS = 10_000

/**
 * Takes the next turn where all who send share it: in how many milliseconds it is; null when it is
 * further away than `longestMs`, and then none was taken.
 */
export type TakeTurn = (turn: {
  readonly gapMs: number
  readonly longestMs: number
}) => Promise<number | null>

/** So many turns a second, evenly, for everybody who takes them by `take`. */
export function createTurns(perSecond: number, take: TakeTurn = ownTurns()): Turns {
  const gapMs = 1_000 / perSecond
  return {
    take: async () => {
      const waitMs = await take({ gapMs, longestMs: LONGEST_WAIT_MS })
      if (waitMs === null) return false
      if (waitMs > 0) await pause(waitMs)
      return true
    },
  }
}

/** Turns of this process alone, by its monotonic clock. */
function ownTurns(): TakeTurn {
  let next = 0
  return ({ gapMs, longestMs }) => {
    const now = performance.now()
    const mine = Math.max(next, now)
    if (mine - now > longestMs) return Promise.resolve(null)
    next = mine + gapMs
    return Promise.resolve(mine - now)
  }
}
