import { createHash } from 'node:crypto'

/**
 * The number of a pool that a recipient always hears from: a conversation stays in one thread of
 * the phone. By rendezvous hashing, so that a number that joins or leaves the pool moves only the
 * recipients that it must.
 */
export function numberFor(pool: readonly string[], recipient: string): string | null {
  let best: { number: string; weight: string } | null = null
  for (const number of pool) {
    const weight = createHash('sha256').update(`${number} ${recipient}`).digest('hex')
    if (best === null || weight > best.weight) best = { number, weight }
  }
  return best?.number ?? null
}
