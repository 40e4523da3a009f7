import { performance } from 'node:perf_hooks'
import type { Instant } from '../domain/time.ts'

/**
 * Counts real milliseconds from now on. It asks two clocks and believes the one that says more:
 * the monotonic one stands still while a machine is suspended, the wall clock can be set back.
 */
export function stopwatch(wall: () => Instant): () => number {
  const [fromMs, fromWall] = [performance.now(), wall()]
  return () => Math.max(performance.now() - fromMs, wall() - fromWall)
}
