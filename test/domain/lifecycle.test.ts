import { describe, expect, it } from 'vitest'
import { DEAD_REASONS, type DeadReason, LEAD_STATUSES } from '../../src/domain/lead.ts'
import { type Answer, answer, PHASES, phaseOf } from '../../src/domain/lifecycle.ts'
import { effectOfReply } from '../../src/domain/replies/effect.ts'
import { ACTION_KINDS, FACT_KINDS, SIGNAL_KINDS } from '../../src/domain/signals.ts'

const everyPair = PHASES.flatMap((phase) => SIGNAL_KINDS.map((kind) => ({ phase, kind })))
const dead = (reason: DeadReason) => `dead:${reason}` as const

describe('the lifecycle', () => {
  it('knows every status, and every reason to be dead', () => {
    const expected = [
      ...LEAD_STATUSES.filter((status) => status !== 'dead'),
      ...DEAD_REASONS.map((reason) => `dead:${reason}`),
    ]
    expect(PHASES.toSorted()).toEqual(expected.toSorted())
    expect(everyPair).toHaveLength(15 * SIGNAL_KINDS.length)
  })

  it.each(everyPair)('answers $kind in $phase with words', ({ phase, kind }) => {
    const says = answer(phase, kind)
    expect(says.do).toMatch(/^[a-z_]+$/)
    expect(says.because).toMatch(/^[a-z].+[^.]$/)
  })

  it('refuses only what a person asks for, and tells them what to do instead', () => {
    for (const { phase, kind } of everyPair) {
      const says = answer(phase, kind)
      if (says.do !== 'refuse') continue
      const asked: readonly string[] = [...ACTION_KINDS, 'disposition']
      expect(asked, `${kind} in ${phase}`).toContain(kind)
      expect(says.fix).toMatch(/\.$/)
    }
  })

  it('never refuses or loses a stop: complaints, opt-outs, erasure', () => {
    for (const phase of PHASES.filter((each) => each !== 'erased')) {
      expect(answer(phase, 'opt_out').do).toBe('close_channel')
      expect(answer(phase, 'complaint')).toMatchObject({ do: 'die', reason: 'opted_out' })
      expect(answer(phase, 'erase').do).toBe('erase')
    }
  })

  it('names each phase of a lead', () => {
    expect(phaseOf('nurturing', null)).toBe('nurturing')
    expect(phaseOf('dead', 'competitor')).toBe('dead:competitor')
    expect(() => phaseOf('dead', null)).toThrow('without a reason')
  })
})

describe('a lead that is nurtured', () => {
  it.each([
    ['reply', 'as_understood'],
    ['correct_reply', 'correct'],
    ['booking', 'engage'],
    ['purchase', 'convert'],
    ['form', 'enroll'],
    ['visit', 'replan'],
    ['mark_dead', 'die'],
    ['disposition', 'as_disposed'],
    ['cadence_ended', 'end_cadence'],
    ['pause', 'hold'],
    ['hold', 'hold'],
    ['resume', 'lift'],
    ['skip', 'steer'],
    ['jump', 'steer'],
    ['send_now', 'steer'],
    ['soft_bounce', 'record'],
    ['click', 'record'],
  ] as const)('answers %s with %s', (kind, expected) => {
    expect(answer('nurturing', kind).do).toBe(expected)
  })

  it('dies of the last channel that closes, with the reason that closed it', () => {
    const closes = (kind: 'opt_out' | 'hard_bounce') => answer('nurturing', kind)
    expect(closes('opt_out')).toMatchObject({ do: 'close_channel', reason: 'opted_out' })
    expect(closes('hard_bounce')).toMatchObject({ do: 'close_channel', reason: 'bad_contact_info' })
  })
})

describe('a lead that a person talks with', () => {
  it('is in nobody’s way: nothing we plan moves it', () => {
    for (const kind of ['visit', 'cadence_ended', 'check_in_due', 'call', 'opt_in'] as const) {
      expect(answer('engaged', kind).do).toBe('record')
    }
    for (const kind of ['enroll', 'skip', 'jump', 'send_now', 'revive'] as const) {
      expect(answer('engaged', kind).do).toBe('refuse')
    }
  })

  it('does not die of a bounce while they talk by other ways', () => {
    expect(answer('engaged', 'hard_bounce')).toMatchObject({ do: 'close_channel', reason: null })
  })
})

/** What DOMAIN asks of each reason: which signals may bring the lead back, and by whose wish. */
const MAY_REVIVE: Readonly<Record<DeadReason, Partial<Record<string, string>>>> = {
  unresponsive: { visit: 'rule', form: 'lead', contact_changed: 'rule', check_in_due: 'check_in' },
  bad_contact_info: { form: 'lead', contact_changed: 'rule' },
  competitor: { visit: 'rule', form: 'lead', check_in_due: 'check_in' },
  no_matching_offering: {
    visit: 'rule',
    form: 'lead',
    offering_added: 'rule',
    check_in_due: 'check_in',
  },
  not_interested: { visit: 'rule', form: 'lead', check_in_due: 'check_in' },
  postponing: { visit: 'rule', form: 'lead', check_in_due: 'check_in' },
  unqualified: { visit: 'rule', form: 'lead' },
  hostile: { form: 'lead' },
  spam: {},
  opted_out: { form: 'fresh_consent', opt_in: 'fresh_consent' },
  duplicate: {},
}

const bringsBack = (says: Answer): string | null => {
  if (says.do === 'revive') return says.by
  return says.do === 'check_in' ? 'check_in' : null
}

describe.each(DEAD_REASONS)('a lead that is dead: %s', (reason) => {
  const phase = dead(reason)

  it('comes back by its own signals and no others', () => {
    const kinds = [...FACT_KINDS, 'check_in_due'] as const
    const found = Object.fromEntries(
      kinds.flatMap((kind) => {
        const by = bringsBack(answer(phase, kind))
        return by === null ? [] : [[kind, by]]
      }),
    )
    expect(found).toEqual(MAY_REVIVE[reason])
  })

  it('is never revived by a click alone, nor by mail that comes back', () => {
    for (const kind of ['click', 'soft_bounce', 'hard_bounce', 'custom', 'call'] as const) {
      expect(bringsBack(answer(phase, kind))).toBeNull()
    }
  })

  it('refuses to be skipped, held or paused: nothing is planned', () => {
    for (const kind of ['skip', 'jump', 'send_now', 'pause', 'resume', 'hold'] as const) {
      expect(answer(phase, kind).do).toBe('refuse')
    }
  })
})

describe('those we never contact again by ourselves', () => {
  const leftAlone = ['hostile', 'opted_out', 'spam', 'duplicate'] as const

  it.each(leftAlone)('%s: no visit, no check-in, no new data', (reason) => {
    for (const kind of ['visit', 'contact_changed', 'check_in_due', 'offering_added'] as const) {
      expect(['record', 'to_survivor']).toContain(answer(dead(reason), kind).do)
    }
  })

  it.each(['hostile', 'opted_out', 'duplicate'] as const)('%s: no operator either', (reason) => {
    expect(answer(dead(reason), 'revive').do).toBe('refuse')
    expect(answer(dead(reason), 'enroll').do).toBe('refuse')
  })

  it('lets an operator say that it was no spam', () => {
    expect(answer('dead:spam', 'revive')).toMatchObject({ do: 'revive', by: 'operator' })
  })

  it.each(leftAlone)('%s: a late bounce does not turn it into one we may revive', (reason) => {
    expect(answer(dead(reason), 'hard_bounce')).toMatchObject({ do: 'close_channel', reason: null })
  })

  it('keeps spam and duplicates what they are when they ask to stop', () => {
    for (const reason of ['spam', 'duplicate'] as const) {
      expect(answer(dead(reason), 'opt_out')).toMatchObject({ do: 'close_channel', reason: null })
    }
  })

  it('hands a hostile lead that writes again to a person', () => {
    expect(answer('dead:hostile', 'reply').do).toBe('as_understood')
    expect(effectOfReply('dead:hostile', null).do).toBe('engage')
  })

  it('does nothing for a spammer who writes', () => {
    for (const kind of ['form', 'reply', 'booking'] as const) {
      expect(answer('dead:spam', kind).do).toBe('record')
    }
  })

  it('gives what a duplicate does to the lead that survived', () => {
    for (const kind of ['form', 'visit', 'reply', 'booking', 'purchase', 'call'] as const) {
      expect(answer('dead:duplicate', kind).do).toBe('to_survivor')
    }
  })
})

describe('an erased person', () => {
  it('is not known: facts are not even stored, actions are refused', () => {
    for (const kind of FACT_KINDS.filter((each) => each !== 'disposition')) {
      expect(answer('erased', kind).do).toBe('ignore')
    }
    for (const kind of ACTION_KINDS.filter((each) => each !== 'erase')) {
      expect(answer('erased', kind).do).toBe('refuse')
    }
  })
})
