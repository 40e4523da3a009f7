import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { parseDelay, parseDuration, parseSlot } from '../../../../src/domain/cadence/duration.ts'
import {
  type CadenceParsing,
  cadenceJsonSchema,
  type KnownTemplate,
  parseCadence,
} from '../../../../src/domain/cadence/file/parse.ts'
import { nearest } from '../../../../src/domain/cadence/file/problems.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../src/domain/time.ts'
import { expectProblem, miswritten } from '../../../support/written-files.ts'

const WHOLE = `
name: new-lead
title: New lead
description: For those who asked.
purpose: nurture
priority: 60
hours: { from: 09:00, to: 19:00 }
spread-imports: 5d
steps:
  - id: first
    email: new-lead/first
    at: asap
    hours: any
  - id: text
    sms: new-lead/text
    after: 1d..3d
    stale-after: 2d
  - id: slots
    email: new-lead/first
    after: 1d 12h
    at: ["09:00-11:00", "15:00-17:00"]
    stale-after: never
  - id: call
    after: 3h
    task: { kind: call, title: Call them, due: 1d }
end-after: 4d
end: { dead: unresponsive }
`

const SHORT = `name: hi
title: Hi
purpose: revival
steps:
  - id: hello
    email: hi/hello
end: back-to-dead
`

const TEMPLATES: readonly KnownTemplate[] = [
  { channel: 'email', name: 'new-lead/first' },
  { channel: 'sms', name: 'new-lead/text' },
]

describe('a cadence file', () => {
  it('becomes a cadence with its durations in milliseconds', () => {
    const parsing = parseCadence('cadences/new-lead.yaml', WHOLE, TEMPLATES)
    expect(parsing).toMatchObject({
      ok: true,
      cadence: {
        name: 'new-lead',
        title: 'New lead',
        description: 'For those who asked.',
        purpose: 'nurture',
        priority: 60,
        preferredHours: { from: '09:00', to: '19:00' },
        spreadImportsMs: 5 * DAY_MS,
        endAfterMs: 4 * DAY_MS,
        end: { outcome: 'dead', reason: 'unresponsive' },
        steps: [
          {
            kind: 'message',
            id: 'first',
            channel: 'email',
            template: 'new-lead/first',
            after: { kind: 'exactly', ms: 0 },
            timing: { kind: 'asap' },
            hours: 'any',
            staleAfterMs: null,
          },
          {
            channel: 'sms',
            after: { kind: 'between', minMs: DAY_MS, maxMs: 3 * DAY_MS },
            timing: { kind: 'varied' },
            hours: 'preferred',
            staleAfterMs: 2 * DAY_MS,
          },
          {
            after: { kind: 'exactly', ms: 36 * HOUR_MS },
            timing: {
              kind: 'slots',
              slots: [
                { from: '09:00', to: '11:00' },
                { from: '15:00', to: '17:00' },
              ],
            },
            staleAfterMs: null,
          },
          {
            kind: 'task',
            task: 'call',
            title: 'Call them',
            after: { kind: 'exactly', ms: 3 * HOUR_MS },
            dueInMs: DAY_MS,
          },
        ],
      },
    })
  })

  it('may leave most things out', () => {
    expect(parseCadence('hi.yaml', SHORT)).toMatchObject({
      ok: true,
      cadence: {
        description: null,
        priority: 50,
        preferredHours: null,
        spreadImportsMs: DAY_MS,
        end: { outcome: 'back_to_dead' },
      },
    })
  })

  it('with hours: any lets each step leave at any hour, unless the step says otherwise', () => {
    const text = `${SHORT}hours: any\n`.replace(
      'end:',
      '  - { id: b, sms: hi/b, hours: preferred }\nend:',
    )
    const parsing = parseCadence('hi.yaml', text)
    expect(parsing).toMatchObject({
      ok: true,
      cadence: { preferredHours: null, steps: [{ hours: 'any' }, { hours: 'preferred' }] },
    })
  })

  it('is frozen, and its checksum tells another text but not other line endings', () => {
    const one = parseCadence('hi.yaml', SHORT)
    const same = parseCadence('hi.yaml', SHORT.replaceAll('\n', '\r\n'))
    const other = parseCadence('hi.yaml', SHORT.replace('title: Hi', 'title: Ho'))
    if (!one.ok || !same.ok || !other.ok) throw new Error('all three should parse')
    expect(one.checksum).toMatch(/^[0-9a-f]{64}$/)
    expect(same.checksum).toBe(one.checksum)
    expect(other.checksum).not.toBe(one.checksum)
    expect(Object.isFrozen(one.cadence.steps[0])).toBe(true)
  })
})

/** One change of the short cadence each, and where and how it is refused. */
const MISTAKES: readonly (readonly [string, string, string, string])[] = [
  ['title: Hi', 'titel: Hi', '2:1 unknown_key', 'Did you mean "title"?'],
  ['title: Hi\n', '', '1:1 missing_key', 'Write the name people see'],
  ['purpose: revival', 'purpose: revial', '3:10 invalid_value', 'Did you mean "revival"?'],
  ['name: hi', 'name: Hi There', '1:7 invalid_value', 'small letters'],
  ['email: hi/hello', 'emial: hi/hello', '6:5 unknown_key', 'Did you mean "email"?'],
  ['email: hi/hello', 'after: 3h', '5:5 missing_key', 'Add one of: email, sms, task, wait'],
  ['email: hi/hello', 'email: a\n    sms: b', '5:5 ambiguous_step', 'a step of its own'],
  ['email: hi/hello', 'email: a\n    afer: 2d', '7:5 unknown_key', 'Did you mean "after"?'],
  ['email: hi/hello', 'email: a\n    after: 2', '7:12 invalid_value', 'with a unit'],
  ['email: hi/hello', 'email: a\n    after: 3d..1d', '7:12 invalid_value', 'with a unit'],
  ['email: hi/hello', 'email: a\n    at: [late]', '7:10 invalid_value', 'list of slots'],
  ['email: hi/hello', 'task: { kind: cal, title: x }', '6:19 invalid_value', 'mean "call"?'],
  ['  - id: hello', '  - id: hello\n    sms: x\n  - id: hello', '7:9 duplicate_step_id', 'its own'],
  ['steps:\n  - id: hello\n    email: hi/hello\n', 'steps: []\n', '4:8 no_steps', 'at least one'],
  ['end: back-to-dead', 'end: { dead: unresponsve }', '7:14 invalid_value', '"unresponsive"?'],
  ['end: back-to-dead', 'end: { dead: opted_out }', '7:14 invalid_value', 'Use one of: unresp'],
  ['end: back-to-dead', 'end: { daed: unresponsive }', '7:8 unknown_key', 'Did you mean "dead"?'],
  ['purpose: revival', 'purpose: nurture', '7:6 end_mismatch', 'dead: unresponsive'],
  ['purpose: revival', 'purpose: [', '4:1 syntax', 'quotes and the colons'],
  ['title: Hi', 'title: Hi\nhours: { from: 19:00, to: 09:00 }', '3:8 invalid_value', 'from: 09:00'],
  ['title: Hi', 'title: Hi\ntitle: Ho', '3:1 syntax', 'this line'],
]

describe('a mistake', () => {
  it.each(MISTAKES)('%j written as %j is found at %s', (right, wrong, found, fix) => {
    const problems = problemsOf(parseCadence('hi.yaml', miswritten(SHORT, right, wrong)))
    expect(expectProblem(problems, found, fix).file).toBe('hi.yaml')
  })

  it('does not hide the others: all are told, in the order of the file', () => {
    const text = SHORT.replace('title', 'titel').replace('revival', 'x').replace('email', 'mail')
    const lines = problemsOf(parseCadence('hi.yaml', text)).map(({ line }) => line)
    expect(lines).toEqual([1, 2, 3, 6])
  })

  it('in a template name is told with the nearest one of the same channel', () => {
    const text = SHORT.replace('hi/hello', 'new-lead/frist')
    expect(problemsOf(parseCadence('hi.yaml', text, TEMPLATES))).toMatchObject([
      { code: 'unknown_template', line: 6, fix: 'Did you mean "new-lead/first"?' },
    ])
    const wrongChannel = SHORT.replace('hi/hello', 'new-lead/text')
    expect(problemsOf(parseCadence('hi.yaml', wrongChannel, TEMPLATES))).toMatchObject([
      { code: 'unknown_template', message: 'There is no email template "new-lead/text".' },
    ])
  })

  it.each(['', 'just words', '- a list', '42'])('%j is no cadence, and said to be none', (text) => {
    expect(problemsOf(parseCadence('x.yaml', text))).toMatchObject([
      { line: 1, code: 'missing_key', message: 'This file holds no cadence.' },
    ])
  })

  it('of any kind is answered, never thrown', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(SHORT.length), fc.nat(20), (noise, start, length) => {
        const text = SHORT.slice(0, start) + noise + SHORT.slice(start + length)
        const parsing = parseCadence('x.yaml', text)
        if (parsing.ok) return
        for (const problem of parsing.problems) {
          expect(problem.line).toBeGreaterThanOrEqual(1)
          expect(problem.column).toBeGreaterThanOrEqual(1)
          expect(problem.message).not.toBe('')
          expect(problem.fix).not.toBe('')
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('times in words', () => {
  it.each([
    ['30m', 30 * MINUTE_MS],
    ['3h', 3 * HOUR_MS],
    ['2d', 2 * DAY_MS],
    ['1w', 7 * DAY_MS],
    ['1d 12h', 36 * HOUR_MS],
    ['0', 0],
    ['2', null],
    ['2 days', null],
    ['-1d', null],
    ['1.5h', null],
    ['401d', null],
    ['', null],
  ])('the duration %j is %j ms', (text, expected) => {
    expect(parseDuration(text)).toBe(expected)
  })

  it('a span has two ends in order', () => {
    expect(parseDelay('3h..24h')).toEqual({
      kind: 'between',
      minMs: 3 * HOUR_MS,
      maxMs: DAY_MS,
    })
    expect(parseDelay('0..5d')).toEqual({ kind: 'between', minMs: 0, maxMs: 5 * DAY_MS })
    for (const text of ['2d..2d', '3d..1d', '1d..', '..1d', '1d..2d..3d']) {
      expect(parseDelay(text)).toBeNull()
    }
  })

  it('a slot ends after it starts, at midnight at the latest', () => {
    expect(parseSlot('15:00-24:00')).toEqual({ from: '15:00', to: '24:00' })
    for (const text of ['9-11', '11:00-09:00', '09:00-25:00', '09:00']) {
      expect(parseSlot(text)).toBeNull()
    }
  })
})

describe('a suggestion', () => {
  it('is made only when the words are near', () => {
    expect(nearest('titel', ['name', 'title'])).toBe('title')
    expect(nearest('colour', ['name', 'title'])).toBeNull()
    expect(nearest('x', ['to'])).toBeNull()
  })
})

describe('the JSON Schema', () => {
  const accepts = new Ajv2020({ strict: false }).compile(cadenceJsonSchema())

  it('accepts what parses', () => {
    expect(accepts(parseYaml(WHOLE)), JSON.stringify(accepts.errors)).toBe(true)
    expect(accepts(parseYaml(SHORT)), JSON.stringify(accepts.errors)).toBe(true)
  })

  it.each(['titel: Hi', 'title: Hi\npriority: 500', 'title: Hi\nhours: sometimes'])(
    'refuses %j as the parser does',
    (wrong) => {
      const text = SHORT.replace('title: Hi', wrong)
      expect(accepts(parseYaml(text))).toBe(false)
      expect(parseCadence('x.yaml', text).ok).toBe(false)
    },
  )
})

function problemsOf(parsing: CadenceParsing) {
  return parsing.ok ? [] : parsing.problems
}
