import { describe, expect, it } from 'vitest'
import {
  LINE_TYPES,
  LINE_WORDS,
  lineTypeOf,
  lineTypeOfLookup,
  takesTexts,
} from '../../src/domain/line-types.ts'

describe('the line behind a number', () => {
  it.each([
    ['+12125550142', 'mobile_or_landline'],
    // An area code that the library does not know yet.
    ['+13575550142', 'mobile_or_landline'],
    ['+18005550142', 'toll_free'],
    ['+19005550142', 'premium'],
    ['+15005550006', 'personal'],
    ['+442079460958', 'landline'],
    ['+447911123456', 'mobile'],
    ['nonsense', 'unknown'],
    ['', 'unknown'],
  ])('%s is %s by its digits', (number, type) => {
    expect(lineTypeOf(number)).toBe(type)
  })

  it('is what Lookup calls it, and anything else is unknown', () => {
    expect(lineTypeOfLookup('fixedVoip')).toBe('voip')
    expect(lineTypeOfLookup('tollFree')).toBe('toll_free')
    for (const odd of [null, undefined, '', 'unknown', 'constructor', 'Mobile']) {
      expect(lineTypeOfLookup(odd)).toBe('unknown')
    }
  })

  it('takes texts unless it is sure that it does not; each has words', () => {
    expect(LINE_TYPES.filter((type) => !takesTexts(type))).toEqual([
      'landline',
      'toll_free',
      'premium',
      'pager',
      'service',
    ])
    for (const type of LINE_TYPES) expect(LINE_WORDS[type]).toMatch(/^a /)
  })
})
