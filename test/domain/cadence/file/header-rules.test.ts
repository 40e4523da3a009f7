import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { cadenceJsonSchema } from '../../../../src/domain/cadence/file/parse.ts'
import type { Phase } from '../../../../src/domain/lifecycle.ts'
import { effectOfReply } from '../../../../src/domain/replies/effect.ts'
import { INTENTS, type Intent, type ReplyReading } from '../../../../src/domain/replies/types.ts'
import {
  checkInAfterDeath,
  DEFAULT_REVIVAL,
  judgeRevival,
  type RevivalFacts,
  withCadenceRevival,
} from '../../../../src/domain/revival.ts'
import { DAY_MS, instant, plus } from '../../../../src/domain/time.ts'
import {
  expectProblem,
  miswritten,
  parsedCadence,
  problemsIn,
} from '../../../support/written-files.ts'

const TEXT = `name: hi
title: Hi
purpose: nurture
on-reply:
  thanks: { hold: 3d }
  question: { hold: 1d }
  not_interested: hand-off
  competitor: { dead: not_interested }
  postpone: { hold: 14d }
revival:
  competitor:
    quiet: 60d
    cadence: win-back
    signals: [visit]
    check-in: { before-contract-ends: 60d, else: 300d, cadence: win-back }
  not_interested: never
  unresponsive: { check-in: { after: 120d } }
  min-gap: 120d
  at-most: 2
steps:
  - id: hello
    email: hi/hello
end: { dead: unresponsive }
`
const accepts = new Ajv2020({ strict: false }).compile(cadenceJsonSchema())
const NOW = instant(1_800_000_000_000)

const parsed = () => parsedCadence(TEXT)

describe('a head with rules', () => {
  it('is read, kept as plain JSON, and accepted by the JSON Schema', () => {
    const { onReply, revival } = parsed()
    expect(onReply).toEqual({
      thanks: { do: 'hold', forMs: 3 * DAY_MS },
      question: { do: 'hold', forMs: DAY_MS },
      not_interested: { do: 'hand_off' },
      competitor: { do: 'die', reason: 'not_interested' },
      postpone: { do: 'hold', forMs: 14 * DAY_MS },
    })
    expect(revival).toEqual({
      byReason: {
        competitor: {
          quietMs: 60 * DAY_MS,
          cadence: 'win-back',
          signals: ['visit'],
          checkIn: {
            kind: 'before_contract_ends',
            beforeMs: 60 * DAY_MS,
            elseMs: 300 * DAY_MS,
          },
          checkInCadence: 'win-back',
        },
        not_interested: { signals: [], checkIn: { kind: 'none' } },
        unresponsive: { checkIn: { kind: 'after', ms: 120 * DAY_MS } },
      },
      minGapMs: 120 * DAY_MS,
      maxRevivals: 2,
    })
    expect(accepts(parseYaml(TEXT)), JSON.stringify(accepts.errors)).toBe(true)
  })

  it.each([
    ['thanks: { hold: 3d }', 'opt_out: hand-off', '5:3 unknown_key', 'Use one of'],
    ['thanks: { hold: 3d }', 'thank: { hold: 3d }', '5:3 unknown_key', '"thanks"'],
    ['not_interested: hand-off', 'not_interested: { hold: 3d }', '7:21 unknown_key', 'dead'],
    ['question: { hold: 1d }', 'question: { dead: unresponsive }', '6:15 unknown_key', 'hold'],
    ['competitor:\n    quiet', 'hostile:\n    quiet', '11:3 unknown_key', 'Use one of'],
    ['quiet: 60d', 'quite: 60d', '12:5 unknown_key', '"quiet"'],
    ['signals: [visit]', 'signals: [visits]', '14:15 invalid_value', '"visit"'],
    ['at-most: 2', 'at-most: many', '19:12 invalid_value', 'Write'],
  ])('%j written as %j is found at %s', (right, wrong, found, fix) => {
    expectProblem(problemsIn(miswritten(TEXT, right, wrong)), found, fix)
  })
})

describe('what a cadence wants answers to do', () => {
  const chosen = parsed().onReply ?? {}
  const reading = (intent: Intent, more: Partial<ReplyReading> = {}): ReplyReading => ({
    intent,
    detail: null,
    confidence: 0.9,
    visibleText: 'words',
    rule: 'sample',
    rulesVersion: '1',
    facts: {
      stops: 'all',
      literal: false,
      thanks: false,
      competitor: null,
      why: null,
      contractEnds: null,
      wanted: null,
      instead: null,
      day: null,
    },
    ...more,
  })
  const effect = (intent: Intent, phase: Phase = 'nurturing', more: Partial<ReplyReading> = {}) =>
    effectOfReply(phase, reading(intent, more), chosen)

  it('takes the place of what they usually do', () => {
    expect(effect('not_interested')).toMatchObject({ do: 'engage' })
    expect(effect('competitor')).toMatchObject({ do: 'die', reason: 'not_interested' })
    expect(effect('postpone')).toMatchObject({ do: 'hold', for: 'postponed', forMs: 14 * DAY_MS })
    expect(effect('question')).toMatchObject({ do: 'hold', for: 'rest', forMs: DAY_MS })
  })

  it('counts while the lead is in the cadence, and for sure answers, only', () => {
    expect(effect('not_interested', 'dead:unresponsive')).toMatchObject({ do: 'die' })
    expect(effect('competitor', 'nurturing', { confidence: 0.3 })).toMatchObject({ do: 'engage' })
  })

  it('never loosens a stop, whatever is chosen for everything else', () => {
    for (const intent of INTENTS) {
      const usual = effectOfReply('nurturing', reading(intent))
      if (usual.do === 'stop' || usual.do === 'silence' || usual.do === 'close_point') {
        expect(effect(intent)).toEqual(usual)
      }
    }
    expect(effectOfReply('nurturing', null, chosen)).toMatchObject({ do: 'engage' })
  })
})

describe('how leads that died in a cadence come back', () => {
  const rules = withCadenceRevival(DEFAULT_REVIVAL, parsed().revival)
  const facts = (more: Partial<RevivalFacts>): RevivalFacts => ({
    reason: 'competitor',
    deadSince: plus(NOW, -70 * DAY_MS),
    revivals: [],
    by: 'rule',
    signal: 'visit',
    lastSendAt: null,
    interacted: true,
    byLink: false,
    freshConsent: false,
    ...more,
  })

  it('is the company’s way, but for what the cadence says', () => {
    expect(judgeRevival(facts({}), NOW, DEFAULT_REVIVAL)).toMatchObject({ revive: false })
    expect(judgeRevival(facts({}), NOW, rules)).toEqual({ revive: true, cadence: 'win-back' })
    expect(rules.byReason.postponing).toEqual(DEFAULT_REVIVAL.byReason.postponing)
  })

  it('never includes a signal that it leaves out, and always the lead’s own form', () => {
    const never = { reason: 'not_interested', deadSince: plus(NOW, -400 * DAY_MS) } as const
    expect(judgeRevival(facts(never), NOW, rules)).toMatchObject({ revive: false, tell: 'owner' })
    const form = facts({ ...never, by: 'lead', signal: 'form' })
    expect(judgeRevival(form, NOW, rules)).toMatchObject({ revive: true })
    const details = { reason: 'not_interested', words: null } as const
    expect(checkInAfterDeath(details, NOW, rules)).toBeNull()
  })

  it('is only made rarer, never more frequent than the company allows', () => {
    expect(rules).toMatchObject({ minGapMs: 120 * DAY_MS, maxRevivals: 2 })
    const loose = { byReason: {}, minGapMs: DAY_MS, maxRevivals: 20 }
    expect(withCadenceRevival(DEFAULT_REVIVAL, loose)).toMatchObject({
      minGapMs: DEFAULT_REVIVAL.minGapMs,
      maxRevivals: DEFAULT_REVIVAL.maxRevivals,
    })
  })

  it('by an offering leads into its cadence, else into that of the reason', () => {
    const offered = facts({ reason: 'no_matching_offering', signal: 'offering_added' })
    expect(judgeRevival(offered, NOW, rules)).toEqual({
      revive: true,
      cadence: 'now-available',
      otherwise: 'welcome-back',
    })
  })
})
