import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Hit, judgeClick } from '../../src/domain/clicks.ts'
import { MINUTE_MS } from '../../src/domain/time.ts'

const PERSON: Hit = {
  method: 'GET',
  agent: 'human',
  prefetch: false,
  sinceSendMs: 3 * MINUTE_MS,
  links: 3,
  followedJustNow: 1,
}

describe('a click', () => {
  it('is a person’s when nothing speaks against it', () => {
    expect(judgeClick(PERSON)).toEqual({ by: 'person' })
    expect(judgeClick({ ...PERSON, links: 1 })).toEqual({ by: 'person' })
    expect(judgeClick({ ...PERSON, followedJustNow: 2 })).toEqual({ by: 'person' })
  })

  it.each<[string, Partial<Hit>]>([
    ['by HEAD', { method: 'HEAD' }],
    ['by a program', { agent: 'bot' }],
    ['fetched ahead', { prefetch: true }],
    ['before anybody could have read the message', { sinceSendMs: 4_999 }],
    ['for a message that was never sent', { sinceSendMs: null }],
  ])('%s is a machine’s, and says nothing of earlier ones', (_, change) => {
    expect(judgeClick({ ...PERSON, ...change })).toMatchObject({ by: 'machine', burst: false })
  })

  it('is a machine’s when all links are followed at once, the earlier ones too', () => {
    for (const change of [
      { links: 2, followedJustNow: 2 },
      { links: 9, followedJustNow: 3 },
    ]) {
      expect(judgeClick({ ...PERSON, ...change })).toMatchObject({ by: 'machine', burst: true })
    }
  })

  it('is never a person’s by anything but a GET of a browser', () => {
    fc.assert(
      fc.property(
        fc.record({
          method: fc.constantFrom('GET', 'HEAD', 'POST', 'OPTIONS'),
          agent: fc.constantFrom('human' as const, 'bot' as const),
          prefetch: fc.boolean(),
          sinceSendMs: fc.option(fc.nat(10_000_000)),
          links: fc.integer({ min: 1, max: 9 }),
          followedJustNow: fc.integer({ min: 1, max: 9 }),
        }),
        (hit) => {
          if (judgeClick(hit).by !== 'person') return
          expect(hit).toMatchObject({ method: 'GET', agent: 'human', prefetch: false })
          expect(hit.sinceSendMs).toBeGreaterThanOrEqual(5_000)
        },
      ),
    )
  })
})
