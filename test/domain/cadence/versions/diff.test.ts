import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCadence } from '../../../../src/domain/cadence/file/parse.ts'
import type { Cadence } from '../../../../src/domain/cadence/types.ts'
import { checksum } from '../../../../src/domain/cadence/versions/checksum.ts'
import { diffCadences } from '../../../../src/domain/cadence/versions/diff.ts'
import { diffFiles } from '../../../../src/domain/cadence/versions/diff-files.ts'
import { driftOf } from '../../../../src/domain/cadence/versions/drift.ts'
import { impactOf } from '../../../../src/domain/cadence/versions/impact.ts'
import { durationWords } from '../../../../src/domain/cadence/words/change-words.ts'

const HEAD = `name: sample
title: Sample
purpose: nurture
`
const STEPS = `  - { id: hello, email: sample/hello, at: asap }
  - { id: text, sms: sample/text, after: 2d }
  - { id: call, task: { kind: call, title: Call them }, after: 1d }
  - { id: last, email: sample/last, after: 1d..3d }
`
const END = 'end: { dead: unresponsive }\n'

function cadence(steps = STEPS, more = ''): Cadence {
  const parsed = parseCadence('sample.yaml', `${HEAD}${more}steps:\n${steps}${END}`)
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join(' '))
  return parsed.cadence
}

const words = (before: Cadence, after: Cadence) =>
  diffCadences(before, after).map((change) => `${change.kind}: ${change.words}`)

describe('the difference between two versions, in words', () => {
  it('is nothing between equal ones, and knows the defaults', () => {
    expect(diffCadences(cadence(), cadence())).toEqual([])
    expect(diffCadences(cadence(), cadence(STEPS, 'end-after: 3d\npriority: 50\n'))).toEqual([])
    // As the store gives it back: as JSON, in another order of keys.
    const stored = JSON.parse(JSON.stringify(cadence())) as Cadence
    const turned = Object.fromEntries(Object.entries(stored).reverse()) as unknown as Cadence
    expect(diffCadences(turned, cadence())).toEqual([])
  })

  it('tells what was added, removed, moved, timed and worded anew, and settings', () => {
    const after = cadence(
      `  - { id: call, task: { kind: call, title: Ring them }, after: 1d }
  - { id: hello, email: sample/welcome, at: ["09:00-11:00"] }
  - { id: ask, sms: sample/ask, after: 1w }
  - { id: last, email: sample/last, after: 4d, stale-after: 2d }
`,
      'hours: { from: 10:00, to: 16:00 }\nend-after: 1d 12h\n',
    )
    expect(words(cadence(), after)).toEqual([
      'setting: The preferred hours is 10:00 to 16:00 instead of not set.',
      'setting: The time to answer the last message is 1 day 12 hours instead of 3 days.',
      'reworded: Step call: its title is “Ring them” instead of “Call them”.',
      'moved: Step hello stands after call now; before, at the beginning.',
      'retimed: Step hello leaves between 09:00 and 11:00 instead of as soon as it is due.',
      'reworded: Step hello: its message is “sample/welcome” instead of “sample/hello”.',
      'added: Step ask is new after hello: a text (sample/ask), 1 week later.',
      'retimed: Step last comes 4 days later instead of 1 day to 3 days later.',
      'changed: Step last: how late it may be before it is left out is 2 days instead of not set.',
      'removed: Step text is gone: a text (sample/text).',
    ])
  })

  it('names the fewest steps that were moved', () => {
    const lines = STEPS.trimEnd().split('\n')
    const [first, ...rest] = lines
    const after = cadence(`${[...rest, first].join('\n')}\n`)
    expect(words(cadence(), after)).toEqual([
      'moved: Step hello stands after last now; before, at the beginning.',
    ])
  })

  it('tells a step that does something else under its old id', () => {
    const after = cadence(STEPS.replace('sms: sample/text', 'email: sample/mail'))
    expect(words(cadence(), after)).toEqual([
      'changed: Step text is an email (sample/mail) instead of a text (sample/text).',
    ])
  })

  it('has words for waits, rules and whatever else a cadence can say', () => {
    const text = (more: string, steps: string) =>
      `name: a\ntitle: A\npurpose: nurture\n${more}steps:\n  - { id: one, email: a/one${steps}\nend: { dead: unresponsive }\n`
    const read = (source: string) => {
      const parsed = parseCadence('a.yaml', source)
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
      return parsed.cadence
    }
    const before = read(
      text('throttle: 100/d\n', ' }\n  - { id: came, wait-for: { signal: visit }, timeout: 5d }'),
    )
    const after = read(
      text(
        'throttle: 200/d\nentry: { sources: [webform] }\non-reply: { question: hand-off }\n',
        ', days: business, vary: time, fallback: { sms: a/one }, stale-after: 2d, stale: send }\n  - { id: came, wait-for: { signal: visit }, timeout: 6d }',
      ),
    )
    const words = diffCadences(before, after).map((change) => change.words)
    expect(words).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^Step came waits for a visit.*6d.* Before, it waits .*5d/),
        'Step one: the days on which it leaves is business days instead of not set.',
        'Step one: what differs from the last attempt is the time of day instead of not set.',
        'Step one: what goes to whom it cannot reach is a text (a/one) instead of not set.',
        'Step one: what becomes of it when it is late is that it is sent all the same instead of not set.',
        'New: It takes leads from webform.',
        expect.stringMatching(/^New: At most 200 messages/),
        expect.stringMatching(/^Gone: At most 100 messages/),
      ]),
    )
    expect(words.join(' ')).not.toMatch(/[{}]|Ms\b/)
  })

  it('says durations exactly', () => {
    const day = 86_400_000
    expect([0, day, 10 * day, 14 * day, 1.5 * day, 90_000].map(durationWords)).toEqual([
      'no time',
      '1 day',
      '10 days',
      '2 weeks',
      '1 day 12 hours',
      '1 minute 30 seconds',
    ])
  })

  it('of texts puts the lines together again', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(lines, lines, (was, is) => {
        const file = (text: readonly string[]) => [{ path: 'x', text: text.join('\n') }]
        const [change] = diffFiles(file(was), file(is))
        const [removed, added] = [change?.removed ?? [], change?.added ?? []]
        expect(was.length - removed.length).toBe(is.length - added.length)
        expect([...is, ...removed].sort()).toEqual([...was, ...added].sort())
        expect(change === undefined).toBe(was.join() === is.join())
      }),
    )
  })

  it('tells a new subject', () => {
    const file = (subject: string) => [
      { path: 'templates/a.md', text: `---\nsubject: ${subject}\n---\nHi\n` },
    ]
    expect(diffFiles(file('One'), file('Two'))).toEqual([
      {
        path: 'templates/a.md',
        kind: 'reworded',
        words: 'templates/a.md: 1 line out, 1 line in. Its subject is “Two” instead of “One”.',
        removed: ['subject: One'],
        added: ['subject: Two'],
      },
    ])
  })
})

describe('what publishing does to the leads under way', () => {
  const group = (stepId: string | null, leads: number, passed: string[] = []) => ({
    version: 1,
    cadence: cadence(),
    position: stepId === null ? null : { stepId, visit: 1 },
    passed: passed.map((id) => ({ stepId: id, visit: 1 })),
    leads,
  })
  const after = cadence(STEPS.replace('after: 2d }', 'after: 4d }').replace(/.*id: call.*\n/, ''))
  const groups = [
    group('text', 12, ['hello']),
    group('call', 3, ['hello', 'text']),
    group('call', 2, ['hello']),
    group(null, 5, ['hello', 'text', 'call', 'last']),
  ]
  const told = (policy: 'pin' | 'move' | 're-time') =>
    impactOf(groups, { cadence: after, version: 2 }, policy).map(
      ({ step, leads, becomes, words: said }) => [step, leads, becomes, said],
    )

  it('is told per step, in the order of the steps', () => {
    expect(told('pin').map(([step, leads]) => [step, leads])).toEqual([
      ['text', 12],
      ['call', 5],
      [null, 5],
    ])
    const varied = 'at another time of day than before'
    expect(told('move')).toEqual([
      [
        'text',
        12,
        'text',
        `they stay at it; the wait that has begun keeps its date (it is 4 days later, ${varied} for later leads, and was 2 days later, ${varied})`,
      ],
      ['call', 5, 'last', 'their step is gone: they go on at last'],
      [null, 5, null, 'they go on waiting for an answer'],
    ])
    expect(told('re-time')[0]?.[3]).toBe(
      `they stay at it; its wait is counted anew: 4 days later, ${varied} instead of 2 days later, ${varied}`,
    )
  })
})

describe('how files stand to what is published', () => {
  const text = (title: string) => `name: hello\ntitle: ${title}\n`
  const published = (...titles: string[]) => [
    {
      name: 'hello',
      path: 'cadences/hello.yaml',
      version: titles.length,
      publishedAt: '2026-11-24T17:00:00.000Z',
      publishedBy: 'api:start',
      checksums: titles
        .map((title, index) => ({ version: index + 1, checksum: checksum(text(title)) }))
        .reverse(),
    },
  ]
  const stateOf = (file: string | null, ...titles: string[]) => {
    const files = file === null ? [] : [{ path: 'cadences/other-name.yml', text: file }]
    const cadences = titles.length === 0 ? [] : published(...titles)
    const [drift] = driftOf(files, { cadences, templates: [] })
    return [drift?.name, drift?.state, drift?.words]
  }

  it('is one of five', () => {
    expect(stateOf(text('A'), 'A')).toEqual(['hello', 'same', 'as published, version 1'])
    // A checkout with other line ends is the same text.
    expect(stateOf(text('A').replaceAll('\n', '\r\n'), 'A')[1]).toBe('same')
    expect(stateOf(text('B'), 'A')).toEqual([
      'hello',
      'edited',
      'file differs from published version 1',
    ])
    expect(stateOf(text('A'), 'A', 'B')).toEqual([
      'hello',
      'behind',
      'published elsewhere: version 2 is newer than this file, which is version 1',
    ])
    expect(stateOf(text('A'))).toEqual(['hello', 'only_file', 'only a file: not published'])
    expect(stateOf(null, 'A')).toEqual([
      'hello',
      'only_published',
      'only published, version 1: no file here',
    ])
  })

  it('is told of a file that cannot be read, by its name', () => {
    const [drift] = driftOf([{ path: 'cadences/hello.yaml', text: 'a: [' }], {
      cadences: published('A'),
      templates: [],
    })
    expect(drift).toMatchObject({ name: 'hello', state: 'edited' })
  })
})
