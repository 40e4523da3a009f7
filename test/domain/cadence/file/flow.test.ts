import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { cadenceJsonSchema } from '../../../../src/domain/cadence/file/parse.ts'
import { mostVisits } from '../../../../src/domain/cadence/file/paths.ts'
import { parseWeekdays, weekdayWords } from '../../../../src/domain/cadence/weekdays.ts'
import { describeFlowStep } from '../../../../src/domain/cadence/words/step-words.ts'
import { DAY_MS, HOUR_MS } from '../../../../src/domain/time.ts'
import {
  expectProblem,
  miswritten,
  parsedCadence,
  problemsIn,
} from '../../../support/written-files.ts'

/** One step of each kind that writes to nobody. */
const FLOW = `name: flow
title: Flow
purpose: nurture
steps:
  - id: hello
    email: flow/hello
  - id: came
    wait-for: { signal: [visit, click] }
    timeout: 7d
    then: hot
  - id: warm
    wait-for: { when: { score: { above: 20 } } }
    timeout: 1d
  - id: asked
    wait-for: { signal: custom, name: demo }
    timeout: 1d
    else: hot
  - id: hot
    branch:
      - { when: { field: lead.attributes.plan, is: pro }, goto: mark }
      - { else: true, goto: ab }
  - id: ab
    split: { mark: 70, nap: 30 }
  - id: mark
    update: { attributes: { stage: warm, old: null }, score: +10, owner: null, tags: { add: [a] } }
  - id: nap
    wait: 1d..2d
    until: { weekday: [mon..wed, fri], at: "09:00-11:00" }
  - id: tell
    after: 2h
    webhook: { to: crm }
  - id: again
    goto: came
    at-most: 3
  - id: call
    task: { kind: call, title: Call, for: sales@acme.example }
  - id: on
    goto: over
  - id: over
    end: { hand-off: Close the deal }
end: { dead: unresponsive }
`

describe('the steps that write to nobody', () => {
  const cadence = parsedCadence(FLOW)

  it('are read', () => {
    expect(cadence.steps.slice(1)).toMatchObject([
      {
        kind: 'wait-for',
        awaited: { kind: 'signal', signals: ['visit', 'click'], name: null },
        timeoutMs: 7 * DAY_MS,
        whenItCame: 'hot',
        whenNot: null,
      },
      {
        awaited: {
          kind: 'condition',
          when: { kind: 'score', tests: [{ op: 'above', value: 20 }] },
        },
      },
      {
        awaited: { kind: 'signal', signals: ['custom'], name: 'demo' },
        whenItCame: null,
        whenNot: 'hot',
      },
      {
        kind: 'branch',
        arms: [{ when: { kind: 'field', field: 'lead.attributes.plan' }, goto: 'mark' }],
        otherwise: 'ab',
      },
      {
        kind: 'split',
        arms: [
          { arm: 'mark', weight: 70, goto: 'mark' },
          { arm: 'nap', weight: 30, goto: 'nap' },
        ],
      },
      {
        kind: 'update',
        update: {
          attributes: { stage: 'warm', old: null },
          score: 10,
          owner: null,
          addTags: ['a'],
          removeTags: [],
        },
      },
      {
        kind: 'wait',
        after: { kind: 'between', minMs: DAY_MS, maxMs: 2 * DAY_MS },
        until: { weekdays: [1, 2, 3, 5], slots: [{ from: '09:00', to: '11:00' }] },
      },
      { kind: 'webhook', after: { kind: 'exactly', ms: 2 * HOUR_MS }, to: 'crm' },
      { kind: 'goto', to: 'came', atMost: 3 },
      { kind: 'task', assignee: 'sales@acme.example' },
      { kind: 'goto', to: 'over', atMost: null },
      { kind: 'end', end: { outcome: 'handed_over', title: 'Close the deal' } },
    ])
  })

  it('come to an end after so many visits at most', () => {
    expect(mostVisits(cadence)).toBe(cadence.steps.length * (1 + 3))
  })

  it('are told in words', () => {
    const told = cadence.steps.flatMap((step) =>
      step.kind === 'message' || step.kind === 'task' ? [] : [describeFlowStep(step)],
    )
    expect(told).toEqual([
      'waits for a visit or click, at most 7d; when it comes, to hot; when not, to the next step',
      'waits until the score is above 20, at most 1d; then goes on either way',
      'waits for a custom "demo", at most 1d; when it comes, to the next step; when not, to hot',
      'goes to mark when lead.attributes.plan is pro; else to ab',
      'draws one for each lead: 70 % mark, 30 % nap',
      'sets stage to warm, takes old away, gives 10 points, sets the owner to nobody, tags it a',
      'then waits for a Mon, Tue, Wed or Fri, 09:00–11:00',
      'tells crm',
      'goes back to came, at most 3 times, then on',
      'goes on to over',
      'ends here: handed to a person: Close the deal',
    ])
  })

  it('are known to the JSON Schema', () => {
    const accepts = new Ajv2020({ strict: false }).compile(cadenceJsonSchema())
    expect(accepts(parseYaml(FLOW)), JSON.stringify(accepts.errors)).toBe(true)
    expect(accepts(parseYaml(FLOW.replace('is: pro', 'equals: pro')))).toBe(false)
    expect(accepts(parseYaml(FLOW.replace('timeout: 7d', 'timeout: soon')))).toBe(false)
  })

  it.each<[string, string, string, string]>([
    ['then: hot', 'then: hott', '10:11 unknown_step', 'Did you mean "hot"?'],
    ['else: hot', 'else: hello', '17:11 backward_jump', 'Add a step { goto: hello, at-most: 3 }'],
    ['    timeout: 7d\n', '', '7:5 missing_key', 'how long to wait at most'],
    ['signal: [visit, click]', 'signal: [vist]', '8:26 invalid_value', 'Did you mean "visit"?'],
    ['signal: [visit, click]', 'signl: visit', '8:17 unknown_key', 'Did you mean "signal"?'],
    ['{ signal: [visit, click] }', '{}', '8:15 invalid_value', 'Write { signal: visit }'],
    [
      'attributes.plan, is: pro',
      'attributs.plan, is: pro',
      '20:26 unknown_field',
      'mean "lead.attributes.plan"?',
    ],
    ['plan, is: pro', 'plan, si: pro', '20:48 unknown_key', 'Did you mean "is"?'],
    [
      'field: lead.attributes.plan, is: pro',
      'happened: { step: helo, was: sent }',
      '20:17 unknown_step',
      'Did you mean "hello"?',
    ],
    [
      'field: lead.attributes.plan, is: pro',
      'happened: { step: came, was: sent }',
      '20:17 invalid_value',
      'came, timed-out',
    ],
    [
      'field: lead.attributes.plan, is: pro',
      'happened: { step: ab, arm: marc }',
      '20:17 invalid_value',
      'Did you mean "mark"?',
    ],
    [
      'score: { above: 20 }',
      'happened: { step: hello, was: opened }',
      '12:23 invalid_value',
      'Wait for clicked',
    ],
    ['goto: mark }', 'got: mark }', '20:59 unknown_key', 'Did you mean "goto"?'],
    ['else: true, goto: ab', 'else: true, goto: came', '21:29 backward_jump', 'goto: came'],
    ['{ mark: 70, nap: 30 }', '{ mark: 70 }', '23:12 invalid_value', '{ short: 50'],
    ['{ mark: 70, nap: 30 }', '{ mark: 0, nap: 30 }', '23:20 invalid_value', 'from 1 to 1000'],
    ['{ attributes:', '{ atributes:', '25:15 unknown_key', 'Did you mean "attributes"?'],
    ['owner: null', 'owner: 5', '25:74 invalid_value', 'or null for nobody'],
    ['weekday: [mon..wed, fri]', 'weekday: [monday]', '28:24 invalid_value', 'such as [mon..thu]'],
    ['webhook: { to: crm }', 'webhook: { to: "https://x" }', '31:20 invalid_value', 'such as crm'],
    ['    at-most: 3\n', '', '33:11 unbounded_loop', 'Add at-most: 3'],
    ['goto: over', 'goto: over\n    at-most: 2', '39:14 invalid_value', 'Take at-most out'],
    ['{ hand-off: Close the deal }', 'back-to-dead', '40:10 end_mismatch', 'dead: unresponsive'],
  ])('%j written as %j is found at %s', (right, wrong, found, fix) => {
    expectProblem(problemsIn(miswritten(FLOW, right, wrong)), found, fix)
  })
})

describe('weekdays', () => {
  it('are named one by one, or as runs', () => {
    expect(parseWeekdays('mon')).toEqual([1])
    expect(parseWeekdays('mon..thu')).toEqual([1, 2, 3, 4])
    expect(parseWeekdays('sat..mon')).toEqual([6, 7, 1])
    for (const text of ['monday', 'mon..', 'mon-thu', '']) expect(parseWeekdays(text)).toBeNull()
    expect(weekdayWords([1, 2, 5])).toBe('Mon, Tue and Fri')
    expect(weekdayWords([])).toBe('any day')
  })
})
