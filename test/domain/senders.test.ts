import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  budgetDay,
  budgetOn,
  nextBudgetAt,
  type Sender,
  senderOfOwner,
  sendersFor,
  sendersOf,
} from '../../src/domain/senders.ts'
import { DAY_MS, instant } from '../../src/domain/time.ts'
import { localDay } from '../../src/domain/time-zones.ts'

const sender = (email: string, more: Partial<Sender> = {}): Sender => ({
  email,
  name: email,
  perDay: null,
  warmUp: null,
  ...more,
})
const from = { name: 'Acme', email: 'hello@acme.example' }
const THREE = ['a@acme.example', 'b@acme.example', 'c@acme.example'].map((email) => sender(email))

describe('senders', () => {
  it('are the named ones, else the company’s address without a bound', () => {
    expect(sendersOf(from, [])).toEqual([{ ...from, perDay: null, warmUp: null }])
    expect(sendersOf(from, THREE)).toBe(THREE)
  })

  it('come in the same order for the same lead, whatever the order they were named in', () => {
    fc.assert(
      fc.property(fc.string(), fc.shuffledSubarray(THREE, { minLength: 3 }), (leadId, shuffled) => {
        expect(sendersFor(leadId, shuffled, null)).toEqual(sendersFor(leadId, THREE, null))
      }),
    )
  })

  it('share the leads evenly, and one that is added takes leads from the others alone', () => {
    const leads = Array.from({ length: 3_000 }, (_, n) => `lead_${n}`)
    const first = (leadId: string, senders: readonly Sender[]) =>
      sendersFor(leadId, senders, null)[0]?.email ?? ''
    for (const { email } of THREE) {
      const share = leads.filter((leadId) => first(leadId, THREE) === email).length
      expect(share).toBeGreaterThan(850)
      expect(share).toBeLessThan(1_150)
    }
    const four = [...THREE, sender('d@acme.example')]
    for (const leadId of leads) {
      const after = first(leadId, four)
      if (after !== 'd@acme.example') expect(after).toBe(first(leadId, THREE))
    }
  })

  it('begin with whoever wrote last', () => {
    for (const { email } of THREE) {
      expect(sendersFor('lead_1', THREE, email)[0]?.email).toBe(email)
    }
    expect(sendersFor('lead_1', THREE, 'gone@acme.example')).toHaveLength(3)
  })
})

describe('a daily budget', () => {
  const day = localDay(2026, 11, 24)

  it('is what was set, or none', () => {
    expect(budgetOn(sender('a'), day)).toBeNull()
    expect(budgetOn(sender('a', { perDay: 500 }), day)).toBe(500)
  })

  it('of a young address grows to what was set, and never shrinks', () => {
    const young = sender('a', { perDay: 500, warmUp: { since: '2026-11-24', from: 20 } })
    expect(budgetOn(young, day - 1)).toBe(0)
    expect([0, 1, 2, 3].map((later) => budgetOn(young, day + later))).toEqual([20, 25, 31, 39])
    expect(budgetOn(young, day + 30)).toBe(500)
    fc.assert(
      fc.property(fc.nat(5_000), (later) => {
        const [now, next] = [budgetOn(young, day + later), budgetOn(young, day + later + 1)]
        expect(next).toBeGreaterThanOrEqual(now ?? 0)
      }),
    )
  })

  it('begins at midnight where the company is', () => {
    const zone = 'America/New_York'
    const evening = instant(Date.parse('2026-11-24T04:59:59Z'))
    const midnight = nextBudgetAt(evening, zone)
    expect(midnight).toBe(Date.parse('2026-11-24T05:00:00Z'))
    expect(budgetDay(midnight, zone)).toBe(budgetDay(evening, zone) + 1)
    expect(nextBudgetAt(midnight, zone) - midnight).toBe(DAY_MS)
  })
})

describe('an owner as a sender', () => {
  const named = { email: 'sam@acme.example', name: 'Sam from Acme' }
  it.each([
    ['sam@acme.example', [named], [], named],
    ['sam@acme.example', [{ domain: 'acme.example' }], [], { name: 'Sam' }],
    ['sam.van-doe@acme.example', [{ domain: 'acme.example' }], [], { name: 'Sam Van Doe' }],
    // One of the named senders keeps its budget, whatever it is called as an owner.
    [
      'sam@acme.example',
      [named],
      [sender('sam@acme.example', { perDay: 5 })],
      { perDay: 5, ...named },
    ],
    ['kim@acme.example', [], [sender('kim@acme.example', { perDay: 5 })], { perDay: 5 }],
  ])('%s with %j', (owner, owners, senders, expected) => {
    expect(senderOfOwner(owner, owners, senders)).toMatchObject({ email: owner, ...expected })
  })

  it.each(['sam@sub.acme.example', 'sam@acme.example.evil.example', 'sam@cme.example'])(
    '%s is nobody whom acme.example lets send',
    (owner) => {
      expect(senderOfOwner(owner, [{ domain: 'acme.example' }, named], [])).toBeNull()
    },
  )
})
