import { DAY_MS, HOUR_MS, type Instant, MINUTE_MS, SECOND_MS, toIso } from '../domain/time.ts'

const UNITS = [
  ['d', DAY_MS],
  ['h', HOUR_MS],
  ['min', MINUTE_MS],
  ['s', SECOND_MS],
] as const

/** A span in its two largest units: "2 d 3 h", "40 s", "less than 1 s". */
export function spanWords(ms: number): string {
  const parts: string[] = []
  let left = ms
  for (const [unit, size] of UNITS) {
    const count = Math.floor(left / size)
    left -= count * size
    if (count > 0) parts.push(`${count} ${unit}`)
    // The unit after the first is the last one told, even when there is none of it.
    else if (parts.length > 0) break
    if (parts.length === 2) break
  }
  return parts.length === 0 ? 'less than 1 s' : parts.join(' ')
}

/** "2026-11-24 15:05:00Z": UTC, to the second. */
export function momentWords(at: Instant): string {
  return toIso(at)
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z')
}

/** "EVENT_TYPE_WORKFLOW_EXECUTION_PAUSED" → "workflow execution paused". */
export function plainName(name: string): string {
  return name
    .replace(/^EVENT_TYPE_/, '')
    .replaceAll('_', ' ')
    .toLowerCase()
}
