import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BulkPace, lastsFor, type PaceHours, planBatch } from '../../src/domain/bulk.ts'
import { DAY_MS, HOUR_MS, type Instant, instant, MINUTE_MS } from '../../src/domain/time.ts'
import { localTime } from '../../src/domain/time-zones.ts'

const ZONE = 'America/New_York'
const NINE_TO_FIVE: PaceHours = {
  zone: ZONE,
  hours: { from: '09:00', to: '17:00', restDays: { email: [6, 7], sms: [6, 7] } },
}
/** Anywhere in two years, over four clock changes. */
const anyTime = fc
  .integer({ min: 0, max: 2 * 365 * 24 * 60 })
  .map((minute) => instant(Date.parse('2026-01-01T00:00:00Z') + minute * MINUTE_MS))

/** Runs a pace from `from` on; answers when how many were done. */
function run(pace: BulkPace, from: Instant, until: number) {
  const done: { at: Instant; count: number }[] = []
  for (let at = from; at < until; ) {
    const { count, nextAt } = planBatch(pace, at, NINE_TO_FIVE)
    if (count > 0) done.push({ at, count })
    expect(nextAt).toBeGreaterThan(at)
    at = nextAt
  }
  return done
}

const sum = (batches: readonly { count: number }[]) =>
  batches.reduce((total, { count }) => total + count, 0)

describe('so many a minute', () => {
  it('is kept to within one batch, whatever the rate, and never stands still', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20_000 }), anyTime, (perMinute, from) => {
        const minutes = Math.max(2, Math.ceil(5 / perMinute))
        const done = sum(run({ kind: 'per_minute', perMinute }, from, from + minutes * MINUTE_MS))
        const batch = Math.max(1, Math.floor(perMinute / 12))
        expect(done).toBeLessThanOrEqual(minutes * perMinute + batch)
        expect(done).toBeGreaterThanOrEqual(minutes * perMinute - batch - 1)
      }),
    )
  })

  it('makes up for nothing: after an hour of rest the next batch is as large as any', () => {
    const pace = { kind: 'per_minute', perMinute: 600 } as const
    const now = instant(Date.parse('2026-11-24T12:00:00Z'))
    const { count, nextAt } = planBatch(pace, now, NINE_TO_FIVE)
    expect(planBatch(pace, instant(nextAt + HOUR_MS), NINE_TO_FIVE).count).toBe(count)
  })
})

describe('so many a day', () => {
  it('adds up on each working day, in its hours only, and the same whenever it is asked', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), anyTime, (perDay, from) => {
        const pace = { kind: 'per_day', perDay } as const
        const week = run(pace, from, from + 8 * DAY_MS)
        const byDay = new Map<number, number>()
        for (const { at, count } of week) {
          const { day, hour, weekday } = localTime(at, ZONE)
          expect(hour).toBeGreaterThanOrEqual(9)
          expect(hour).toBeLessThan(17)
          expect(weekday).toBeLessThanOrEqual(5)
          byDay.set(day, (byDay.get(day) ?? 0) + count)
        }
        const days = [...byDay.values()]
        // The first and the last day may be cut off.
        expect(days.slice(1, -1)).toEqual(days.slice(1, -1).map(() => perDay))
        expect(Math.max(...days)).toBeLessThanOrEqual(perDay)
        // A run that stood still for a day does what it would have done that day anyhow.
        const later = instant(from + DAY_MS)
        const end = later + 2 * DAY_MS
        const within = ({ at }: { at: Instant }) => at > later && at < end
        expect(run(pace, later, end).filter(within)).toEqual(week.filter(within))
      }),
      { numRuns: 8 },
    )
  })

  it('is told beforehand', () => {
    expect(lastsFor({ kind: 'per_day', perDay: 500 }, 1_200)).toBe(3 * DAY_MS)
    expect(lastsFor({ kind: 'per_minute', perMinute: 600 }, 1_200)).toBe(2 * MINUTE_MS)
  })
})
