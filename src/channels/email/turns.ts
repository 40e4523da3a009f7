import { setTimeout as pause } from 'node:timers/promises'

export type Turns = {
  /** Waits for the next turn; false when it is further away than anybody waits. */
  take(): Promise<boolean>
}

/** A longer wait is better spent by the lead than by the process. */
const LONGEST_WAIT_MS = 10_000

/** So many turns a second, evenly, for everybody in this process; by the monotonic clock. */
export function createTurns(perSecond: number): Turns {
  const gapMs = 1_000 / perSecond
  let next = 0
  return {
    take: async () => {
      const now = performance.now()
      const mine = Math.max(next, now)
      if (mine - now > LONGEST_WAIT_MS) return false
      next = mine + gapMs
      if (mine > now) await pause(mine - now)
      return true
    },
  }
}
