import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { throttleSince, throttleWait } from '../../../../src/domain/cadence/timing/throttle.ts'
import type { Throttle } from '../../../../src/domain/cadence/types.ts'
import { DAY_MS, HOUR_MS, type Instant, instant, plus } from '../../../../src/domain/time.ts'

const NOW = instant(1_800_000_000_000)
const daily = (most: number): Throttle => ({ touches: { most, perMs: DAY_MS }, first: null })
const wait = (throttle: Throttle, touches: readonly Instant[], isFirst = false, first = touches) =>
  throttleWait({ throttle, sent: { touches, first }, isFirst, seeds: ['lead'] }, NOW)

describe('a throttle', () => {
  it('lets a lead pass while there is room, and counts no longer than its span', () => {
    expect(wait(daily(2), [plus(NOW, -HOUR_MS)])).toBeNull()
    expect(wait(daily(2), [plus(NOW, -DAY_MS), plus(NOW, -HOUR_MS)])).toBeNull()
  })

  it('lets it wait until the first place is free, spread over the span after that', () => {
    const sent = [plus(NOW, -5 * HOUR_MS), plus(NOW, -HOUR_MS)]
    const waits = wait(daily(2), sent)
    expect(waits?.because).toContain('at most 2 messages a day')
    expect(waits?.at).toBeGreaterThanOrEqual(plus(NOW, 19 * HOUR_MS))
    expect(waits?.at).toBeLessThan(plus(NOW, 43 * HOUR_MS))
  })

  it('of first messages binds those alone', () => {
    const throttle: Throttle = { touches: null, first: { most: 1, perMs: HOUR_MS } }
    const sent = [plus(NOW, -1000)]
    expect(wait(throttle, sent, false)).toBeNull()
    expect(wait(throttle, sent, true)?.because).toContain('first messages an hour')
    expect(wait(throttle, sent, true, [])).toBeNull()
  })

  it('says since when sends must be known', () => {
    expect(throttleSince(daily(2), NOW)).toBe(plus(NOW, -DAY_MS))
    expect(throttleSince({ touches: null, first: null }, NOW)).toBeNull()
  })

  it('is never exceeded in any span, and lets all pass in the end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 0, max: DAY_MS }), { minLength: 1, maxLength: 25 }),
        (most, begins) => {
          const sent = passAll(daily(most), begins)
          expect(sent).toHaveLength(begins.length)
          for (const at of sent) {
            const within = sent.filter((other) => other > at - DAY_MS && other <= at)
            expect(within.length).toBeLessThanOrEqual(most)
          }
        },
      ),
      { numRuns: 50 },
    )
  })
})

/** Leads that ask at their time, and again when they are told to; answers when each passed. */
function passAll(throttle: Throttle, begins: readonly number[]): Instant[] {
  const asks = begins.map((ms, lead) => ({ at: plus(NOW, ms), lead: `lead-${lead}` }))
  const sent: Instant[] = []
  for (let turn = 0; turn < 10_000 && asks.length > 0; turn += 1) {
    asks.sort((a, b) => a.at - b.at)
    const ask = asks.shift()
    if (ask === undefined) break
    const question = { throttle, sent: { touches: sent, first: [] }, isFirst: false }
    const waits = throttleWait({ ...question, seeds: [ask.lead] }, ask.at)
    if (waits === null) sent.push(ask.at)
    else asks.push({ ...ask, at: waits.at })
  }
  return sent
}
