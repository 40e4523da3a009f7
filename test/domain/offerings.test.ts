import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchOffering, type Offering } from '../../src/domain/offerings.ts'

const FAMILY: Offering = {
  name: 'Family plan',
  tags: ['wants-family-plan'],
  words: ['several people', 'shared account'],
}
const match = (wanted: string | null, tags: readonly string[] = []) =>
  matchOffering(FAMILY, { wanted, tags })

describe('an offering', () => {
  it.each([
    ['a plan for the whole family'],
    ['FAMILY PLANS'],
    ['something for families, a plan we can afford'],
    ['a shared account for my team'],
    ['several people should use it'],
  ])('answers the wish %j', (wanted) => expect(match(wanted)).toContain('by the words'))

  it.each([['a family doctor'], ['planning'], ['an account'], [''], [null]])(
    'does not answer %j',
    (wanted) => expect(match(wanted)).toBeNull(),
  )

  it('answers by a tag that both have, whatever its case', () => {
    expect(match(null, ['Wants-Family-Plan'])).toBe('by the tag wants-family-plan')
    expect(match(null, ['trial'])).toBeNull()
  })

  it('without words that tell anything answers nothing', () => {
    const empty = { name: 'The', tags: [], words: ['', 'for you'] }
    expect(matchOffering(empty, { wanted: 'the thing for you', tags: [] })).toBeNull()
  })

  it('answers a wish that holds its name, wherever, and never repeats the wish', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        const because = match(`${before} famíly ${after} PLAN`)
        expect(because).not.toBeNull()
        expect(['by the words Family plan', 'by the words several people']).toContain(because)
      }),
    )
  })
})
