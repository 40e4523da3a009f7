import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plainTypography, textCost, textSize, textSizeWords } from '../../src/domain/texts.ts'
import { segmentCount } from '../../src/local/sms-emulator/segments.ts'

describe('the size of a text', () => {
  const cases: [string, string, number][] = [
    ['a'.repeat(160), 'GSM-7', 1],
    ['a'.repeat(161), 'GSM-7', 2],
    ['a'.repeat(306), 'GSM-7', 2],
    ['a'.repeat(307), 'GSM-7', 3],
    ['€'.repeat(80), 'GSM-7', 1],
    ['€'.repeat(81), 'GSM-7', 2],
    ['ж'.repeat(70), 'UCS-2', 1],
    ['ж'.repeat(71), 'UCS-2', 2],
    ['👍'.repeat(35), 'UCS-2', 1],
    ['👍'.repeat(36), 'UCS-2', 2],
    ['', 'GSM-7', 0],
  ]
  it.each(cases)('%#: %s', (text, encoding, segments) => {
    expect(textSize(text)).toMatchObject({ encoding, segments })
  })

  it('names what makes it dear, once each', () => {
    const size = textSize('“Hi” “Ada” 👍')
    expect(size.outsideGsm7).toEqual(['“', '”', '👍'])
    expect(textSizeWords(size)).toBe('1 segment, UCS-2 because of “ ” 👍')
  })

  it('is that of the emulator’s own count, for texts in GSM-7', () => {
    const letter = fc.constantFrom(...'abc XYZ0189@£$é!?/,.-\n€[]{}~^|\\')
    fc.assert(
      fc.property(fc.array(letter, { minLength: 1, maxLength: 400 }), (letters) => {
        const text = letters.join('')
        // A two-septet sign is never split, so that the count may be one more than by arithmetic.
        expect([0, 1]).toContain(textSize(text).segments - segmentCount(text))
      }),
    )
  })
})

describe('plain typography', () => {
  it('makes quotes, dashes, dots and spaces plain, and keeps letters and emoji', () => {
    expect(plainTypography('“It’s” – well… a\u00a0naïve 👨‍👩‍👧 «yes»\u200b')).toBe(
      '"It\'s" - well... a naïve 👨‍👩‍👧 "yes"',
    )
  })

  it('changes nothing the second time, and nothing in plain text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(plainTypography(plainTypography(text))).toBe(plainTypography(text))
      }),
    )
    fc.assert(
      fc.property(fc.string(), (ascii) => {
        expect(plainTypography(ascii)).toBe(ascii)
      }),
    )
  })
})

describe('the cost of a text', () => {
  const prices = { currency: 'USD', perSegment: { '+1': '0.0083', '+1787': '0.05', '+44': '0' } }

  it('is exact, by the longest prefix that fits', () => {
    expect(textCost(prices, '+12125550142', 3)).toEqual({ amount: '0.0249', currency: 'USD' })
    expect(textCost(prices, '+17875550142', 2)).toEqual({ amount: '0.10', currency: 'USD' })
    expect(textCost(prices, '+447911123456', 2)).toEqual({ amount: '0', currency: 'USD' })
  })

  it('is not guessed where no price is set', () => {
    expect(textCost(prices, '+33612345678', 1)).toBeNull()
  })
})
