import { setTimeout as pause } from 'node:timers/promises'

/**
 * Waits until `condition` holds (returns something truthy without throwing) and answers what it
 * returned. Asks again every `everyMs` (default 20); after `timeoutMs` (default 30,000) it throws
 * with `what` was waited for and the last error the condition threw.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  options: { timeoutMs?: number; everyMs?: number; what?: string } = {},
): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
  const { timeoutMs = 30_000, everyMs = 20, what = 'the condition' } = options
  const end = performance.now() + timeoutMs
  let lastError: unknown
  do {
    try {
      const value = await condition()
      if (value) return value as Exclude<T, false | null | undefined | 0 | ''>
      lastError = undefined
    } catch (error) {
      lastError = error
    }
    await pause(everyMs)
  } while (performance.now() < end)
  throw new Error(`${what} did not come about within ${timeoutMs} ms`, { cause: lastError })
}
