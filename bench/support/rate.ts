/** Runs `work` so often, so many at once. */
export async function inLanes(
  count: number,
  atOnce: number,
  work: () => Promise<void>,
): Promise<void> {
  let left = count
  const lane = async () => {
    while (left > 0) {
      left -= 1
      await work()
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
}

/** How long it took, in milliseconds. */
export async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

export function perSecond(count: number, ms: number): number {
  return Math.round((count / ms) * 10_000) / 10
}

/** How fast ours is, in terms of the other. */
export function ratioOf(otherMs: number, oursMs: number): number {
  return Math.round((otherMs / oursMs) * 1_000) / 1_000
}
