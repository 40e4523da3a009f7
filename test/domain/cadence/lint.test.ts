import { describe, expect, it } from 'vitest'
import { describeWarning, lintCadence } from '../../../src/domain/cadence/lint/lint.ts'
import {
  LINT_CODES,
  type LintCode,
  type LintInput,
} from '../../../src/domain/cadence/lint/types.ts'
import { defaultRules } from '../../../src/domain/policy/index.ts'
import { parseTemplates } from '../../../src/domain/templates/parse.ts'
import { parsedCadence } from '../../support/written-files.ts'

const RULES = defaultRules('America/New_York')

const head = (more = '') => `name: hi\ntitle: Hi\npurpose: nurture\n${more}`
const cadence = (steps: string, more = '') =>
  `${head(more)}steps:\n${steps}end: { dead: unresponsive }\n`

/** Email, text, email, at other times: nothing to be said of it. */
const GOOD = cadence(`  - id: one
    email: hi/one
  - id: two
    sms: hi/two
    after: 1d..2d
  - id: three
    email: hi/one
    after: 2d..3d
`)

const FILES = [
  { path: 'templates/hi/one.md', text: '---\nsubject: Hi\n---\nDo reply with a question.\n' },
  { path: 'templates/hi/mute.md', text: '---\nsubject: Hi\n---\nThe sun is shining.\n' },
  { path: 'templates/hi/two.sms.txt', text: 'Any question? Text back.\n' },
  { path: 'templates/hi/mute.sms.txt', text: 'The sun is shining.\n' },
]

function lint(text: string, more: Partial<Omit<LintInput, 'cadence'>> = {}) {
  const cadence = parsedCadence(text)
  const templates = parseTemplates(FILES)
  if (!templates.ok) throw new Error(JSON.stringify(templates.problems))
  return lintCadence('hi.yaml', text, {
    cadence,
    templates: templates.templates,
    rules: RULES,
    channels: ['email', 'sms'],
    ...more,
  })
}
const codes = (text: string, more: Partial<Omit<LintInput, 'cadence'>> = {}) =>
  lint(text, more).map(({ code }) => code)

const texts = (count: number, more = '') =>
  Array.from({ length: count }, (_, n) => `  - id: t${n}\n    sms: hi/two\n${more}`).join('')
const mixed = (count: number, more: string) =>
  Array.from(
    { length: count },
    (_, n) => `  - id: m${n}\n    ${n % 2 === 0 ? 'email: hi/one' : 'sms: hi/two'}\n${more}`,
  ).join('')

/** What each rule finds, where, and the nearest cadence in which it finds nothing. */
const CASES: Readonly<
  Record<
    LintCode,
    {
      readonly bad: string
      readonly at: string
      readonly good: string
      readonly more?: Partial<Omit<LintInput, 'cadence'>>
      readonly goodMore?: Partial<Omit<LintInput, 'cadence'>>
    }
  >
> = {
  unreachable_step: {
    bad: cadence(
      '  - id: one\n    email: hi/one\n  - { id: away, goto: last }\n  - id: lost\n    sms: hi/two\n  - id: last\n    email: hi/one\n',
    ),
    at: '8:9',
    good: cadence(
      '  - id: one\n    email: hi/one\n  - id: or\n    branch:\n      - { when: { consent: sms }, goto: lost }\n  - { id: away, goto: last }\n  - id: lost\n    sms: hi/two\n  - id: last\n    email: hi/one\n',
    ),
  },
  one_channel: {
    bad: cadence(texts(3, '    after: 1d..2d\n')),
    at: '5:3',
    good: cadence(texts(3, '    after: 1d..2d\n    fallback: { email: hi/one }\n')),
  },
  one_hour: {
    bad: cadence(mixed(3, '    after: 1d..2d\n    at: ["10:00-11:00"]\n')),
    at: '9:5',
    good: cadence(mixed(3, '    after: 1d..2d\n    at: ["10:00-11:00", "15:00-16:00"]\n')),
  },
  no_call_to_action: {
    bad: GOOD.replace('sms: hi/two', 'sms: hi/mute'),
    at: '8:10',
    good: GOOD,
  },
  no_exit_on_reply: {
    bad: GOOD.replace('steps:', 'on-reply: { question: { hold: 2d } }\nsteps:'),
    at: '4:23',
    good: GOOD.replace('steps:', 'on-reply: { thanks: { hold: 2d } }\nsteps:'),
  },
  no_window: {
    bad: GOOD.replace('after: 1d..2d', 'after: 1d..2d\n    at: ["20:00-21:00"]'),
    at: '10:9',
    good: GOOD.replace('after: 1d..2d', 'after: 1d..2d\n    at: ["18:00-21:00"]'),
  },
  cap_drops_step: {
    bad: cadence(mixed(5, '    after: 1h\n    at: asap\n    stale-after: 2h\n')),
    at: '24:18',
    good: cadence(mixed(5, '    after: 1h\n    at: asap\n    stale-after: 1d\n')),
  },
  channel_not_configured: {
    bad: GOOD,
    at: '8:10',
    more: { channels: ['email'] },
    good: GOOD.replace('sms: hi/two', 'sms: hi/two\n    fallback: { email: hi/one }'),
    goodMore: { channels: ['email'] },
  },
}

describe('a cadence without fault', () => {
  it('is not warned about', () => expect(lint(GOOD)).toEqual([]))
})

describe('the warning', () => {
  it.each(LINT_CODES)('%s is given where it belongs, with a remedy, and not elsewhere', (code) => {
    const { bad, at, good, more, goodMore } = CASES[code]
    const found = lint(bad, more).filter((each) => each.code === code)
    expect(
      found.map(({ line, column }) => `${line}:${column}`),
      JSON.stringify(found),
    ).toContain(at)
    for (const warning of found) {
      expect(warning.fix).not.toBe('')
      expect(describeWarning(warning)).toMatch(/^hi\.yaml:\d+:\d+: warning: /)
    }
    expect(codes(good, goodMore)).not.toContain(code)
  })

  it('of one hour is also for those that come by the clock, day after day', () => {
    const daily = cadence(mixed(3, '    after: 1d\n    at: asap\n'))
    expect(codes(daily)).toContain('one_hour')
    expect(codes(daily.replace('after: 1d', 'after: 1d 3h'))).toContain('one_hour')
    expect(codes(cadence(mixed(3, '    after: 1d 3h\n    at: asap\n')))).not.toContain('one_hour')
  })

  it('of a window knows the law for texts, the days, and any hour', () => {
    const night = (steps: string) => cadence(steps, 'hours: any\n')
    const late = '  - id: t\n    sms: hi/two\n    at: ["22:00-23:00"]\n'
    expect(lint(night(late))[0]).toMatchObject({ code: 'no_window', step: 't' })
    expect(lint(night(late))[0]?.message).toContain('law')
    expect(codes(night(late.replace('sms: hi/two', 'email: hi/one')))).not.toContain('no_window')
    const sunday = '  - id: t\n    sms: hi/two\n    days: sun\n'
    expect(codes(cadence(sunday))).toContain('no_window')
    expect(codes(cadence(sunday.replace('sun', 'sat..sun')))).not.toContain('no_window')
  })

  it('of a cap counts an episode, and speaks of straight cadences only', () => {
    const long = cadence(mixed(13, '    after: 2d\n'))
    expect(lint(long).filter(({ code }) => code === 'cap_drops_step')).toMatchObject([
      { step: 'm12' },
    ])
    const forked = long.replace(
      '  - id: m1\n',
      '  - { id: fork, split: { m1: 1, m9: 1 } }\n  - id: m1\n',
    )
    expect(codes(forked)).not.toContain('cap_drops_step')
  })

  it('of a silent message names its file, and those of variants and fallbacks', () => {
    const silent = GOOD.replace('sms: hi/two', 'sms: hi/two\n    fallback: { email: hi/mute }')
    expect(lint(silent)).toMatchObject([
      {
        code: 'no_call_to_action',
        message: expect.stringContaining('templates/hi/mute.md'),
        line: 9,
      },
    ])
    expect(codes(silent, { templates: null })).toEqual([])
  })
})
