import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { parseOffset, parseRate, parseSlot } from '../../../../src/domain/cadence/duration.ts'
import { cadenceJsonSchema, parseCadence } from '../../../../src/domain/cadence/file/parse.ts'
import { DAY_MS, HOUR_MS } from '../../../../src/domain/time.ts'
import { expectProblem, miswritten, problemsIn } from '../../../support/written-files.ts'

const WHOLE = `name: hi
title: Hi
purpose: nurture
days: business
blackouts: [year-end]
throttle: { touches: 200/d, first: 20/h }
steps:
  - id: early
    email: hi/early
    on-date: { field: lead.attributes.contractEnd, offset: -60d }
    at: ["mon..wed,fri 09:00-11:00", "15:00-17:00"]
    vary: time
    days: [tue, thu..fri]
    blackouts: none
    stale-after: 2d
    stale: { goto: call }
    fallback: { sms: hi/early }
  - id: text
    sms: hi/text
    fallback: skip
    stale: send
  - id: call
    on-date: { field: lead.created }
    task: { kind: call, title: Call }
end: { dead: unresponsive }
`
const accepts = new Ajv2020({ strict: false }).compile(cadenceJsonSchema())

describe('days, dates, fallbacks and throttles', () => {
  it('are read into what the planner needs, and accepted by the JSON Schema', () => {
    expect(parseCadence('hi.yaml', WHOLE)).toMatchObject({
      ok: true,
      cadence: {
        days: 'business',
        blackouts: ['year-end'],
        throttle: { touches: { most: 200, perMs: DAY_MS }, first: { most: 20, perMs: HOUR_MS } },
        steps: [
          {
            onDate: { field: 'lead.attributes.contractEnd', offsetMs: -60 * DAY_MS },
            timing: {
              kind: 'slots',
              slots: [
                { from: '09:00', to: '11:00', days: [1, 2, 3, 5] },
                { from: '15:00', to: '17:00' },
              ],
            },
            vary: 'time',
            days: [2, 4, 5],
            blackouts: [],
            staleAfterMs: 2 * DAY_MS,
            whenStale: { kind: 'goto', stepId: 'call' },
            fallback: { kind: 'channel', channel: 'sms', template: 'hi/early' },
          },
          { fallback: { kind: 'skip' }, whenStale: { kind: 'send' }, staleAfterMs: null },
          { kind: 'task', onDate: { field: 'lead.created', offsetMs: 0 } },
        ],
      },
    })
    expect(accepts(parseYaml(WHOLE)), JSON.stringify(accepts.errors)).toBe(true)
  })

  it('leave a cadence without them as it was stored before', () => {
    const plain = WHOLE.replaceAll(/^(days|blackouts|throttle):.*\n/gm, '')
    const parsing = parseCadence('hi.yaml', plain)
    expect(parsing.ok && Object.keys(parsing.cadence)).not.toContain('throttle')
    expect(parsing.ok && parsing.cadence.days).toBeUndefined()
  })

  it('let what hangs on a date grow stale three days after it, unless told otherwise', () => {
    const dated = WHOLE.replace('    stale-after: 2d\n', '')
    expect(parseCadence('hi.yaml', dated)).toMatchObject({
      cadence: { steps: [{ staleAfterMs: 3 * DAY_MS }, { staleAfterMs: null }, {}] },
    })
    const never = WHOLE.replace('stale-after: 2d', 'stale-after: never')
    expect(parseCadence('hi.yaml', never)).toMatchObject({
      cadence: { steps: [{ staleAfterMs: null }, {}, {}] },
    })
  })

  it.each([
    ['days: business', 'days: busines', '4:7 invalid_value', 'business'],
    ['[tue, thu..fri]', '[tue, thirsday]', '13:17 invalid_value', 'weekdays'],
    ['200/d', '200', '6:22 invalid_value', 'rate'],
    ['touches: 200/d', 'touchs: 200/d', '6:13 unknown_key', '"touches"'],
    ['{ touches: 200/d, first: 20/h }', '{}', '6:11 invalid_value', '200/d'],
    ['lead.attributes.contractEnd', 'lead.contractEnd', '10:23 invalid_value', 'lead.attributes'],
    ['offset: -60d', 'offset: -60', '10:60 invalid_value', '-60d'],
    ['offset: -60d', 'ofset: -60d', '10:52 unknown_key', '"offset"'],
    ['goto: call', 'goto: early', '16:20 backward_jump', 'further down, and go there'],
    ['goto: call', 'goto: cal', '16:20 unknown_step', 'Did you mean "call"?'],
    ['stale: send', 'stale: sent', '21:12 invalid_value', 'skip, send'],
    ['fallback: { sms: hi/early }', 'fallback: { email: hi/x }', '17:17 unknown_key', 'sms'],
    ['fallback: skip', 'fallback: skipp', '20:15 invalid_value', 'skip'],
    ['vary: time', 'vary: times', '12:11 invalid_value', '"time"'],
    ['mon..wed,fri 09', 'mon..wen 09', '11:10 invalid_value', 'slots'],
  ])('%j written as %j is found at %s', (right, wrong, found, fix) => {
    expectProblem(problemsIn(miswritten(WHOLE, right, wrong)), found, fix)
  })

  it('ask for templates that there are, of the channel they go by', () => {
    const templates = [
      { channel: 'email' as const, name: 'hi/early' },
      { channel: 'sms' as const, name: 'hi/text' },
    ]
    const parsing = parseCadence('hi.yaml', WHOLE, templates)
    expect(parsing.ok ? [] : parsing.problems).toMatchObject([
      { code: 'unknown_template', message: 'There is no text template "hi/early".', line: 17 },
    ])
  })
})

describe('small words of the language', () => {
  it.each([
    ['-60d', -60 * DAY_MS],
    ['+3d', 3 * DAY_MS],
    ['12h', 12 * HOUR_MS],
    ['0', 0],
    ['60', null],
    ['--1d', null],
  ])('the offset %j is %j ms', (text, expected) => expect(parseOffset(text)).toBe(expected))

  it.each([
    ['200/d', { most: 200, perMs: DAY_MS }],
    ['1/h', { most: 1, perMs: HOUR_MS }],
    ['0/d', null],
    ['10', null],
    ['10/m', null],
  ])('the rate %j is %j', (text, expected) => expect(parseRate(text)).toEqual(expected))

  it('names the days of a slot, once each and in order', () => {
    expect(parseSlot('sat..mon,tue,mon 09:00-11:00')?.days).toEqual([1, 2, 6, 7])
    expect(parseSlot('mon 11:00-09:00')).toBeNull()
    expect(parseSlot('monday 09:00-11:00')).toBeNull()
  })
})
