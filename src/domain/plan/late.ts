import { type Instant, MINUTE_MS } from '../time.ts'

/** What leaves by so much after it might have is late: something kept it, and others too. */
const LATE_AFTER_MS = 15 * MINUTE_MS

/**
 * Whether a message that is to leave now should have left well before: it was held, or nobody was
 * there to send it. `allowedFrom` says when the rules first let it leave, asked from an instant on;
 * a message that waited for them alone is on time.
 */
export function isLate(
  wanted: Instant,
  now: Instant,
  allowedFrom: (at: Instant) => Instant | null,
): boolean {
  if (now - wanted <= LATE_AFTER_MS) return false
  const first = allowedFrom(wanted)
  return first !== null && now - first > LATE_AFTER_MS
}

/** A step that came due in a pause whose end passes such steps over; what is hurried is not. */
export function isPassedOver(
  { skippedUntil, sendNow }: { skippedUntil?: Instant | null; sendNow: boolean },
  due: Instant,
): boolean {
  return skippedUntil != null && due <= skippedUntil && !sendNow
}
