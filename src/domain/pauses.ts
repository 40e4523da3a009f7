import type { Instant } from './time.ts'

/** What becomes of the time that a lead stood still, when it may go on. */
export const RESUME_MODES = ['shift', 'skip-overdue', 'send-one'] as const
export type ResumeMode = (typeof RESUME_MODES)[number]

export interface Pause {
  /** null: it has not begun on the lead's clock yet. */
  readonly beganAt: Instant | null
  readonly liftedAt: Instant | null
  /** How it was lifted; null or absent: the clock moves along. */
  readonly mode?: ResumeMode | null
}

/**
 * How long, in milliseconds, the lead stood still between `anchor` and `now`. Overlapping pauses
 * count once. Those that were lifted without moving the clock along do not count.
 */
export function pausedSince(pauses: readonly Pause[], anchor: Instant, now: Instant): number {
  const spans = pauses
    .filter(({ mode = null }) => mode === null || mode === 'shift')
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

/**
 * What was due by then is passed over: the end of the last pause that was lifted so. null when
 * none was.
 */
export function skippedUntil(pauses: readonly Pause[]): Instant | null {
  return pauses.reduce<Instant | null>((latest, { mode, liftedAt }) => {
    if (mode !== 'skip-overdue' || liftedAt === null) return latest
    return latest === null || liftedAt > latest ? liftedAt : latest
  }, null)
}
