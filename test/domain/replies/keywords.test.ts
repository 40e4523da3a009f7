import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keywordOf } from '../../../src/domain/replies/keywords.ts'

const stops = ['stop', 'stopall', 'unsubscribe', 'cancel', 'end', 'quit', 'revoke', 'optout']
const fcc = ['stop', 'quit', 'end', 'revoke', 'opt out', 'cancel', 'unsubscribe']

describe('a text that is one keyword', () => {
  it.each([...stops, ...fcc, 'Opt-Out', 'STOP ALL'])('%s stops', (word) => {
    expect(keywordOf(word)).toBe('stop')
  })

  it.each(['START', 'unstop'])('%s starts', (word) => {
    expect(keywordOf(word)).toBe('start')
  })

  it.each(['help', 'INFO', 'help?'])('%s asks for help', (word) => {
    expect(keywordOf(word)).toBe('help')
  })

  it.each(['STOP!!!', ' stop. ', '"Stop"', 'stop 🛑', 'ＳＴＯＰ', 'Stop\u200b', 'st\u00adop'])(
    '%j stops in whatever dress',
    (text) => {
      expect(keywordOf(text)).toBe('stop')
    },
  )

  it('whatever its case and the punctuation around it', () => {
    const word = fc.constantFrom(...stops, ...fcc)
    const edge = fc.stringMatching(/^[ .,!?*'"\n-]{0,4}$/)
    const cases = fc.array(fc.boolean(), { minLength: 12, maxLength: 12 })
    fc.assert(
      fc.property(edge, word, edge, cases, (before, stop, after, upper) => {
        const mixed = [...stop].map((c, i) => (upper[i] ? c.toUpperCase() : c)).join('')
        return keywordOf(`${before}${mixed}${after}`) === 'stop'
      }),
    )
  })
})

describe('any other text', () => {
  it.each([
    '',
    '!!!',
    'stop please',
    "don't stop",
    'stops',
    'yes',
    'the end',
    'help me',
    'starting',
  ])('%j is left to others', (text) => {
    expect(keywordOf(text)).toBeNull()
  })

  it('with a word more is left to others', () => {
    const word = fc.constantFrom(...stops)
    fc.assert(fc.property(word, (stop) => keywordOf(`please ${stop}`) === null))
  })
})
