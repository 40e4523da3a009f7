import { DAY_MS, type Instant, plus } from './time.ts'

/**
 * The instant by which something is due within so many business days. No holiday excuses, and days
 * are those of UTC: the stricter reading.
 */
export function afterBusinessDays(from: Instant, days: number): Instant {
  let at = from
  for (let left = days; left > 0; ) {
    at = plus(at, DAY_MS)
    const weekday = new Date(at).getUTCDay()
    if (weekday !== 0 && weekday !== 6) left -= 1
  }
  return at
}
