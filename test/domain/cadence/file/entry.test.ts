import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { type EntryFacts, refusesEntry } from '../../../../src/domain/cadence/entry.ts'
import { asksExits, exitOf } from '../../../../src/domain/cadence/exits.ts'
import { cadenceJsonSchema } from '../../../../src/domain/cadence/file/parse.ts'
import { DAY_MS, plus } from '../../../../src/domain/time.ts'
import { conditionFacts } from '../../../support/condition-facts.ts'
import {
  expectProblem,
  miswritten,
  parsedCadence,
  problemsIn,
} from '../../../support/written-files.ts'
import { at } from '../../policy/people.ts'

const TEXT = `name: hi
title: Hi
purpose: nurture
entry:
  sources: [webform, Partner]
  when: { field: lead.attributes.plan, is: pro }
  re-entry: { after: 90d }
exit:
  - { when: { field: lead.attributes.size, below: 5 }, end: { dead: unqualified } }
  - { when: { happened: { step: hello, was: clicked } }, end: hand-off }
goal: { when: { field: lead.attributes.demo, is: booked } }
steps:
  - id: hello
    email: hi/hello
end: { dead: unresponsive }
`
const NOW = at('2026-11-26T12:00:00Z')
const accepts = new Ajv2020({ strict: false }).compile(cadenceJsonSchema())

const parsed = () => parsedCadence(TEXT)
const situation = (attributes: Record<string, unknown>) =>
  conditionFacts({ episode: null, lead: { attributes } })

describe('rules of entry, exits and the goal', () => {
  it('are read, and accepted by the JSON Schema', () => {
    expect(parsed()).toMatchObject({
      entry: { sources: ['webform', 'Partner'], reEntry: { kind: 'after', ms: 90 * DAY_MS } },
      exits: [
        { end: { outcome: 'dead', reason: 'unqualified' } },
        { end: { outcome: 'handed_over' } },
      ],
      goal: { end: { outcome: 'handed_over' } },
    })
    expect(accepts(parseYaml(TEXT)), JSON.stringify(accepts.errors)).toBe(true)
  })

  it.each([
    ['sources: [webform', 'source: [webform', '5:3 unknown_key', '"sources"'],
    ['re-entry: { after: 90d }', 're-entry: sometimes', '7:13 invalid_value', 'never, always'],
    ['step: hello, was', 'step: helo, was', '10:13 unknown_step', '"hello"'],
    ['lead.attributes.plan, is: pro', 'lead.plan, is: pro', '6:18 unknown_field', 'Did you mean'],
    ['end: hand-off }', 'end: back-to-dead }', '10:63 end_mismatch', 'unresponsive'],
    [
      'when: { field: lead.attributes.plan, is: pro }',
      'when: { happened: { signal: visit } }',
      '6:9 invalid_value',
      'exit',
    ],
    ['goal: { when', 'goal: { wen', '11:9 unknown_key', '"when"'],
  ])('%j written as %j is found at %s', (right, wrong, found, fix) => {
    expectProblem(problemsIn(miswritten(TEXT, right, wrong)), found, fix)
  })
})

describe('a cadence', () => {
  const { entry = {} } = parsed()
  const ask = (more: Partial<EntryFacts>) =>
    refusesEntry(
      entry,
      { source: 'webform', last: null, situation: situation({ plan: 'pro' }), ...more },
      NOW,
    )

  it('takes leads of its sources, whatever their case, and of its segment', () => {
    expect(ask({})).toBeNull()
    expect(ask({ source: 'partner ' })).toBeNull()
    expect(ask({ source: 'list' })).toContain('webform, Partner')
    expect(ask({ situation: situation({ plan: 'free' }) })).toContain('lead.attributes.plan')
  })

  it('takes them again when it says so', () => {
    expect(ask({ last: { endedAt: plus(NOW, -89 * DAY_MS) } })).toContain('may come again from')
    expect(ask({ last: { endedAt: plus(NOW, -90 * DAY_MS) } })).toBeNull()
    expect(ask({ last: { endedAt: null } })).toContain('was in it before')
    const never = { reEntry: { kind: 'never' } } as const
    const before = { source: 'x', last: { endedAt: plus(NOW, -900 * DAY_MS) }, situation: null }
    expect(refusesEntry(never, before, NOW)).toContain('nobody twice')
    expect(refusesEntry({ reEntry: { kind: 'always' } }, before, NOW)).toBeNull()
    expect(refusesEntry({}, before, NOW)).toBeNull()
  })

  it('lets a lead go by its goal first, then by the first exit that holds', () => {
    const cadence = parsed()
    expect(asksExits(cadence)).toBe(true)
    expect(exitOf(cadence, situation({ size: 10 }))).toBeNull()
    expect(exitOf(cadence, situation({ size: 2 }))).toMatchObject({
      end: { outcome: 'dead', reason: 'unqualified' },
      because: expect.stringContaining('an exit rule holds'),
    })
    expect(exitOf(cadence, situation({ size: 2, demo: 'booked' }))).toMatchObject({
      end: { outcome: 'handed_over' },
      because: expect.stringContaining('the goal is reached'),
    })
  })
})
