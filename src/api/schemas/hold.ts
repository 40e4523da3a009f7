import { parseDuration } from '../../domain/cadence/duration.ts'
import { type Instant, plus } from '../../domain/time.ts'
import { invalidField } from '../../leads/intake.ts'

/** Until when a hold stands: an instant, or a while from `now`. @throws Refusal 422 */
export function holdUntil(
  body: { until?: Instant | undefined; for?: string | undefined },
  now: Instant,
): Instant {
  if (body.until !== undefined) {
    if (body.until > now) return body.until
    throw invalidField('until', 'That instant has passed.', 'Name one in the future.')
  }
  const ms = body.for === undefined ? null : parseDuration(body.for)
  if (ms !== null && ms > 0) return plus(now, ms)
  const fix = 'Write "until": an instant such as 2026-12-01T09:00:00Z, or "for": "7d".'
  throw invalidField(body.for === undefined ? 'until' : 'for', 'It says no time.', fix)
}
