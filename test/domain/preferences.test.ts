import { describe, expect, it } from 'vitest'
import { pauseEnds } from '../../src/domain/company/preferences.ts'
import { instant, toIso } from '../../src/domain/time.ts'

describe('a pause of three months', () => {
  it.each([
    ['2026-11-26T15:04:05Z', '2027-02-26T15:04:05Z'],
    ['2026-11-30T15:00:00Z', '2027-02-28T15:00:00Z'],
    // The clock there has been put forward in between.
    ['2027-01-15T15:00:00Z', '2027-04-15T14:00:00Z'],
    ['2026-10-31T16:00:00Z', '2027-01-31T17:00:00Z'],
  ])('from %s ends at %s', (from, to) => {
    expect(toIso(pauseEnds(instant(Date.parse(from)), 'America/New_York'))).toBe(to)
  })
})
