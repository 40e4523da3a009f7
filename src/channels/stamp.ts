import type { Instant } from '../domain/time.ts'

/** Tells the embedded catchers the engine's time, which runs ahead for a fast-forwarded lead. */
export const AT_HEADER = 'X-Rekindle-At'

/** The header's value; null when there is no time to tell, or nobody who should be told. */
export function stampOf(message: { readonly at?: Instant }, stampTime: boolean): Date | null {
  return stampTime && message.at !== undefined ? new Date(message.at) : null
}
