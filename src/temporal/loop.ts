import { AsyncLocalStorage } from 'node:async_hooks'
import type { Log } from './log.ts'

/** Something that is done again and again until it is stopped. */
export interface Loop {
  /** Begins; the first turn comes within one interval. */
  start(): void
  /** Ends after the turn that is under way. */
  stop(): Promise<void>
}

export interface LoopOptions {
  readonly name: string
  readonly log: Log
  /** One turn; answers how many milliseconds to rest after it. */
  readonly turn: () => Promise<number>
  /** The rest after a turn that threw, in milliseconds. */
  readonly restAfterFailureMs: number
}

/**
 * Runs turns one after the other, each rest stretched or shortened by up to a fifth, so that
 * several processes do not move in step. A turn that throws is logged by its error's name and
 * made again.
 */
export function createLoop({ name, log, turn, restAfterFailureMs }: LoopOptions): Loop {
  const outside = AsyncLocalStorage.snapshot()
  let stopped = true
  let timer: NodeJS.Timeout | null = null
  let underWay: Promise<void> = Promise.resolve()

  async function once(): Promise<void> {
    let rest = restAfterFailureMs
    try {
      rest = await turn()
    } catch (error) {
      const what = error instanceof Error ? error.name : 'unknown'
      log.error({ loop: name, error: what }, 'a turn failed and is made again')
    }
    schedule(rest)
  }

  function schedule(restMs: number): void {
    if (stopped) return
    timer = setTimeout(
      () => {
        underWay = once()
      },
      restMs * (0.8 + 0.4 * Math.random()),
    )
  }

  return {
    start() {
      if (!stopped) return
      stopped = false
      outside(() => schedule(0))
    },
    async stop() {
      stopped = true
      if (timer !== null) clearTimeout(timer)
      await underWay
    },
  }
}
