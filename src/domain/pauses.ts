import type { Instant } from './time.ts'

export interface Pause {
  /** null: it has not begun on the lead's clock yet. */
  readonly beganAt: Instant | null
  readonly liftedAt: Instant | null
}

/**
 * How long, in milliseconds, the lead stood still between `anchor` and `now`. Overlapping pauses
 * count once.
 */
export function pausedSince(pauses: readonly Pause[], anchor: Instant, now: Instant): number {
  const spans = pauses
    .flatMap(({ beganAt, liftedAt }) =>
      beganAt === null
        ? []
        : [{ from: Math.max(beganAt, anchor), to: Math.min(liftedAt ?? now, now) }],
    )
    .filter(({ from, to }) => to > from)
    .sort((a, b) => a.from - b.from)
  let total = 0
  let reached = Number.NEGATIVE_INFINITY
  for (const { from, to } of spans) {
    total += Math.max(0, to - Math.max(from, reached))
    reached = Math.max(reached, to)
  }
  return total
}
