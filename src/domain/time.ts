/**
 * An instant: milliseconds since 1970-01-01T00:00:00Z. Local time never travels without its
 * IANA zone beside it.
 */
export type Instant = number & { readonly __brand: 'Instant' }

/** A clock handed to whoever must know the time; nothing in the domain reads one by itself. */
export type Clock = () => Instant

export const SECOND_MS = 1_000
export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

/** Names a number of epoch milliseconds as an instant. */
export function instant(epochMs: number): Instant {
  return epochMs as Instant
}

/** Parses an ISO 8601 date-time with an offset or Z; null when it is none. */
export function parseInstant(iso: string): Instant | null {
  if (!/(Z|[+-]\d{2}:?\d{2})$/i.test(iso)) return null
  const ms = Date.parse(iso)
  return Number.isNaN(ms) ? null : instant(ms)
}

/** ISO 8601 in UTC, with milliseconds only when there are any. */
export function toIso(at: Instant): string {
  return new Date(at).toISOString().replace('.000Z', 'Z')
}

/** The instant `ms` milliseconds after `at` (before it when negative). */
export function plus(at: Instant, ms: number): Instant {
  return instant(at + ms)
}
