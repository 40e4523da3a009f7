import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { checkExamples } from '../../../src/domain/replies/examples.ts'
import { readReply } from '../../../src/domain/replies/read-reply.ts'
import { rulesWith, shippedRules } from '../../../src/domain/replies/shipped.ts'
import { INTENTS } from '../../../src/domain/replies/types.ts'
import { instant } from '../../../src/domain/time.ts'

const REFERENCE = { at: instant(Date.parse('2026-11-24T17:00:00Z')), zone: 'America/New_York' }
const rules = shippedRules()
const read = (text: string, channel: 'email' | 'sms' = 'sms') =>
  readReply({ channel, text, subject: null, auto: false }, rules, REFERENCE)

const rowSchema = z.object({
  channel: z.enum(['email', 'sms']),
  text: z.string(),
  /** More than one where people may differ: never an opt-out beside something else. */
  intent: z.array(z.enum(INTENTS)),
  detail: z.string().optional(),
})
const corpus = readFileSync(new URL('../../data/replies.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => rowSchema.parse(JSON.parse(line)))

describe('the rules that ship', () => {
  it('take their own examples, and leave to others what they should', () => {
    expect(checkExamples(rules)).toEqual([])
  })

  it('read each answer of the corpus as a person would', () => {
    const wrong = corpus.filter(({ channel, text, intent, detail }) => {
      const said = read(text, channel)
      return !intent.includes(said.intent) || (detail !== undefined && said.detail !== detail)
    })
    expect(wrong.map(({ text, intent }) => [text, intent, read(text).intent])).toEqual([])
    expect(corpus.length).toBeGreaterThan(1000)
  })

  it('miss no stop of the corpus, and call nothing else one', () => {
    for (const { channel, text, intent } of corpus) {
      const stopped = read(text, channel).intent === 'opt_out'
      if (!intent.includes('opt_out')) expect([text, stopped]).toEqual([text, false])
      else if (intent.length === 1) expect([text, stopped]).toEqual([text, true])
    }
  })
})

const PER_SE = ['stop', 'quit', 'end', 'revoke', 'opt out', 'cancel', 'unsubscribe']
const SPANISH = ['alto', 'parar', 'baja']
const mixedCase = (word: string) =>
  fc
    .array(fc.boolean(), { minLength: word.length, maxLength: word.length })
    .map((upper) => [...word].map((c, i) => (upper[i] ? c.toUpperCase() : c)).join(''))
const decoration = fc.stringMatching(/^[ .,!*"'~-]{0,4}$/)
const emoji = fc.constantFrom('', ' 🛑', ' 😡😡', ' 👋', ' 🙏')

it.each(['NOT INTERESTED', 'Not Now', 'NO SIGNAL HERE', 'I Am Not Paying That', 'Not Buying'])(
  '%j names nobody: who always writes in capitals has not met somebody else',
  (text) => {
    expect(read(text).intent).not.toBe('wrong_person')
  },
)

describe('whatever is written', () => {
  it('is read, and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        for (const channel of ['email', 'sms'] as const) {
          const { intent, confidence } = read(text, channel)
          expect(INTENTS).toContain(intent)
          expect(confidence).toBeGreaterThanOrEqual(0)
          expect(confidence).toBeLessThanOrEqual(1)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('is read when it is a name that every object has', () => {
    for (const text of ['valueOf', 'constructor', '__proto__', 'toString', 'in valueOf weeks']) {
      expect(read(text, 'sms').intent).toBe('unknown')
    }
  })

  it('means the same when it is read again, and when only what was visible is read', () => {
    fc.assert(
      fc.property(fc.constantFrom(...corpus), ({ text, channel }) => {
        const first = read(text, channel)
        expect(read(text, channel)).toEqual(first)
        expect(read(first.visibleText, channel).intent).toBe(first.intent)
      }),
      { numRuns: 120 },
    )
  })

  it('a word that is a stop by law stays one in any case, punctuation and company of emoji', () => {
    const word = fc.constantFrom(...PER_SE, ...SPANISH).chain(mixedCase)
    fc.assert(
      fc.property(decoration, word, decoration, emoji, (before, stop, after, face) => {
        const said = read(`${before}${stop}${after}${face}`)
        expect([said.intent, said.facts.literal]).toEqual(['opt_out', true])
      }),
      { numRuns: 150 },
    )
  })

  it('a stop survives whatever is quoted below it', () => {
    const history = fc.constantFrom(...corpus).map(({ text }) => text.replaceAll('\n', '\n> '))
    fc.assert(
      fc.property(fc.constantFrom(...PER_SE, 'please stop emailing me'), history, (stop, old) => {
        const quoted = `${stop}\n\nOn Mon, Nov 23, 2026 at 9:00 AM Acme <hello@acme.example> wrote:\n> ${old}`
        expect(read(quoted, 'email').intent).toBe('opt_out')
      }),
      { numRuns: 80 },
    )
  })

  it('quoted history never decides', () => {
    const own = fc.constantFrom(
      'Tell me more',
      'How much is it?',
      'Thanks!',
      'We went with HubSpot',
    )
    const footer =
      'Acme Example, 1 Example Street\n> Unsubscribe: https://acme.example/u/x\n> Reply STOP to end'
    const headers = fc.constantFrom(
      'On Mon, Nov 23, 2026 at 9:00 AM Acme <hello@acme.example> wrote:',
      'Am 23.11.2026 um 09:00 schrieb Acme <hello@acme.example>:',
      'El lun, 23 nov 2026 a las 9:00, Acme (<hello@acme.example>) escribió:',
    )
    fc.assert(
      fc.property(own, headers, fc.constantFrom(...corpus), (text, header, { text: old }) => {
        const quoted = `${text}\n\n${header}\n> ${old.replaceAll('\n', '\n> ')}\n> ${footer}`
        expect(read(quoted, 'email').intent).toBe(read(text, 'email').intent)
      }),
      { numRuns: 80 },
    )
  })
})

describe('an answer by email', () => {
  it.each([
    [
      'Outlook',
      'Yes please\n\nFrom: Acme <hello@acme.example>\nSent: Monday, November 23, 2026\nTo: Ada\nSubject: Hello\n\nUnsubscribe here. Reply STOP.',
      'Yes please',
    ],
    [
      'Outlook in German',
      'Ja, gerne\n\nVon: Acme <h@acme.example>\nGesendet: Montag, 23. November 2026 09:00\nAn: Ada\nBetreff: Hallo\n\nSTOP',
      'Ja, gerne',
    ],
    [
      'a phone',
      'Call me\n\nSent from my iPhone\n\n> On Nov 23, 2026, at 9:00 AM, Acme <h@acme.example> wrote:\n> \n> Reply STOP',
      'Call me',
    ],
    [
      'below the quote',
      'On Mon, Nov 23, 2026 at 9:00 AM Acme <h@acme.example> wrote:\n> Hi\n> Reply STOP\n\nI am interested',
      'I am interested',
    ],
    [
      'a wrapped header',
      'Sure\n\nOn Mon, Nov 23, 2026 at 9:00 AM Acme Example With A Name <\nhello@acme.example> wrote:\n\n> unsubscribe',
      'Sure',
    ],
    [
      'a signature',
      'Please call me.\n\n-- \nAda Lovelace\nTo unsubscribe from our newsletter click here',
      'Please call me.',
    ],
    [
      'a closing and a footer',
      'Yes, interested.\n\nBest regards,\n\nAda Lovelace\nCEO\nUnsubscribe | Privacy policy',
      'Yes, interested.',
    ],
    [
      'a legal notice',
      'I am interested.\n\nCONFIDENTIALITY NOTICE: if you are not the intended recipient, delete it',
      'I am interested.',
    ],
    ['nothing of their own', '> STOP\n> unsubscribe', ''],
  ])('from %s: only their own words', (_, text, own) => {
    const said = read(text, 'email')
    expect(said.visibleText).toBe(own)
    expect(said.intent).not.toBe('opt_out')
  })

  it('unsubscribes by its subject alone, and by words after a closing', () => {
    const input = { channel: 'email', text: '', subject: 'Re: Unsubscribe', auto: false } as const
    expect(readReply(input, rules, REFERENCE).intent).toBe('opt_out')
    expect(read('Thanks,\nplease unsubscribe me', 'email').intent).toBe('opt_out')
  })

  it('by a machine is no answer, unless it asks to stop', () => {
    const auto = (text: string) =>
      readReply({ channel: 'email', text, subject: null, auto: true }, rules, REFERENCE).intent
    expect(auto('Your ticket 4711 was opened')).toBe('out_of_office')
    expect(auto('Please remove me from your mailing list')).toBe('opt_out')
  })

  it('is read within a second, however it was built', () => {
    for (const text of [
      '\n'.repeat(20_000),
      '> '.repeat(9_000),
      'From: a\n'.repeat(3_000),
      'stop by '.repeat(3_000),
    ]) {
      const start = performance.now()
      read(text, 'email')
      expect(performance.now() - start).toBeLessThan(5_000)
    }
  })
})

describe('a company’s own rules', () => {
  const file = (text: string) => [{ path: 'rules/acme.yaml', text }]
  const sample = `rules:
  - id: wants-a-sample
    intent: interested
    says: ["send [me] (a|the) sample"]
    examples: [Please send me a sample]
`
  it('are asked before ours, and never before an opt-out', () => {
    const parsing = rulesWith(file(sample))
    if (!parsing.ok) throw new Error('the rules are valid')
    const say = (text: string) =>
      readReply({ channel: 'sms', text, subject: null, auto: false }, parsing.rules, REFERENCE)
    expect(say('send a sample, we went with HubSpot before').rule).toBe('wants-a-sample')
    expect(say('do not send me a sample, stop texting me').intent).toBe('opt_out')
    expect(parsing.rules.version).toMatch(/^[0-9a-f]{12}\+[0-9a-f]{12}$/)
    expect(checkExamples(parsing.rules)).toEqual([])
  })

  it('with mistakes are refused by line, with what to write', () => {
    const parsing = rulesWith(
      file('rules:\n  - id: Bad Id\n    intent: intrested\n    says: ["(a"]\n    sais: [x]\n'),
    )
    if (parsing.ok) throw new Error('the rules are not valid')
    const told = parsing.problems.map(({ line, message, fix }) => [line, message, fix])
    expect(told).toEqual(
      expect.arrayContaining([
        [2, '"id" is not valid.', expect.stringContaining('small letters')],
        [3, '"intent" is not valid.', expect.stringContaining('interested')],
        [5, '"sais" is not a key of a rule.', 'Did you mean "says"?'],
        [2, '"examples" is missing.', expect.any(String)],
      ]),
    )
  })

  it('cannot take the place of a rule that reads opt-outs', () => {
    const parsing = rulesWith(file(sample.replace('wants-a-sample', 'stop-writing')))
    expect(parsing).toMatchObject({ ok: false, problems: [{ line: 2 }] })
  })

  it('whose examples do not hold are told so', () => {
    const parsing = rulesWith(file(sample.replace('Please send me a sample', 'Please stop')))
    if (!parsing.ok) throw new Error('the rules are valid')
    expect(checkExamples(parsing.rules)).toMatchObject([
      { file: 'rules/acme.yaml', line: 5, code: 'example_fails' },
    ])
  })
})
