import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseDuration, writeDuration } from '../../../src/domain/cadence/duration.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/domain/time.ts'

it('writes a duration in its largest whole units', () => {
  expect(writeDuration(0)).toBe('0')
  expect(writeDuration(15 * MINUTE_MS)).toBe('15m')
  expect(writeDuration(90 * DAY_MS)).toBe('90d')
  expect(writeDuration(DAY_MS + 12 * HOUR_MS)).toBe('1d 12h')
})

it('reads back what it has written, to the minute', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 400 * 24 * 60 }), (minutes) => {
      expect(parseDuration(writeDuration(minutes * MINUTE_MS))).toBe(minutes * MINUTE_MS)
    }),
  )
})
