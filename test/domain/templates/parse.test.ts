import { describe, expect, it } from 'vitest'
import { parseTemplates } from '../../../src/domain/templates/parse.ts'
import { expectProblem } from '../../support/written-files.ts'

const HEAD = '---\nsubject: Hello\n---\n'

describe('template files', () => {
  it('become templates by name and channel, with their variants', () => {
    const parsing = parseTemplates([
      { path: 'templates/hi/hello.md', text: `${HEAD}Hello` },
      { path: 'templates/hi/hello.competitor.md', text: `${HEAD}Hello again` },
      { path: 'templates/hi/hello.no_matching_offering.md', text: `${HEAD}Hello again` },
      { path: 'templates/hi/hello.sms.txt', text: 'Hello' },
    ])
    if (!parsing.ok) throw new Error(JSON.stringify(parsing.problems))
    expect(parsing.templates.map(({ channel, name }) => `${channel} ${name}`)).toEqual([
      'email hi/hello',
      'sms hi/hello',
    ])
    expect(parsing.templates.map(({ variants }) => Object.keys(variants).sort())).toEqual([
      ['competitor', 'no_matching_offering'],
      [],
    ])
  })

  it('have a checksum over all variants, in any order of the files', () => {
    const files = [
      { path: 'templates/a.md', text: `${HEAD}One` },
      { path: 'templates/a.competitor.md', text: `${HEAD}Two` },
    ]
    const sum = (given: typeof files) => {
      const parsing = parseTemplates(given)
      return parsing.ok ? parsing.templates[0]?.checksum : null
    }
    expect(sum(files.toReversed())).toBe(sum(files))
    expect(sum([{ path: 'templates/a.md', text: `${HEAD}Other` }])).not.toBe(sum(files))
  })

  it('take the head as it stands: colons and quotes need no care', () => {
    const subject = 'Re: "you", {{ lead.firstName | default: "friend" }}: # 1'
    const parsing = parseTemplates([
      { path: 'templates/a.md', text: `---\r\nsubject: ${subject}\r\n---\r\nHello\r\n` },
    ])
    expect(parsing).toMatchObject({
      ok: true,
      templates: [{ standard: { subject: { text: subject, line: 2, column: 10 } } }],
    })
  })
})

const email = 'templates/a/b.md'
const MISTAKES: readonly (readonly [string, string, string, string])[] = [
  ['templates/a/b.txt', 'Hello', '1:1 invalid_file_name', '.md or .sms.txt'],
  ['templates/A b.md', `${HEAD}Hello`, '1:1 invalid_file_name', 'small letters'],
  ['templates/a.competitr.md', `${HEAD}Hello`, '1:1 invalid_file_name', '"competitor"?'],
  ['templates/a.competitor.md', `${HEAD}Hello`, '1:1 missing_default_variant', 'templates/a.md'],
  [email, 'Hello', '1:1 missing_key', 'subject'],
  [email, '---\nsubject:\n---\nHello', '2:1 missing_key', 'subject'],
  [email, '---\nsubjet: Hi\nsubject: Hi\n---\nHello', '2:1 unknown_key', '"subject"?'],
  [email, '---\nsubject: Hi\nsubject: Ho\n---\nHello', '3:1 duplicate_name', 'one of them'],
  [email, '---\nsubject: Hi\nhello\n---\nHello', '3:1 syntax', 'preheader'],
  [email, `${HEAD}  \n`, '4:1 missing_key', 'Write its text'],
  [email, `${HEAD}Hi\n  {{ lead.firstNam }}`, '5:6 unknown_variable', '"lead.firstName"?'],
  [email, `${HEAD}{{ firstName }}`, '4:4 unknown_variable', '"lead.firstName"?'],
  [email, `${HEAD}{{ leed.firstName }}`, '4:4 unknown_variable', '"lead"?'],
  [email, `${HEAD}{{ lead }}`, '4:4 unknown_variable', 'lead.attributes.<name>'],
  [email, `${HEAD}{{ lead.plan }}`, '4:4 unknown_variable', 'lead.attributes.<name>'],
  [email, `${HEAD}{{ lead.attributes }}`, '4:4 unknown_variable', 'lead.attributes.plan'],
  [email, `${HEAD}{% if owner %}x{% endif %}`, '4:7 unknown_variable', 'owner.name'],
  [email, `${HEAD}{{ lead[owner.name] }}`, '4:4 unknown_variable', 'lead.'],
  [email, `${HEAD}{{ lead.firstName | defalt: "x" }}`, '4:1 template_syntax', '"default"?'],
  [email, `${HEAD}{{ lead.firstName | raw }}`, '4:1 template_syntax', 'Use one of'],
  [email, `${HEAD}{{ "now" | date: "%Y" }}`, '4:1 template_syntax', 'Use one of'],
  [email, `${HEAD}{% capture x %}y{% endcapture %}`, '4:1 template_syntax', 'capture'],
  [email, `${HEAD}{% include "x" %}`, '4:1 template_syntax', 'braces'],
  [email, `${HEAD}\n{% if lead.firstName %}x`, '5:1 template_syntax', 'not closed'],
  [email, '---\nsubject: Hi {{ lead.nam }}\n---\nHello', '2:16 unknown_variable', 'lead.'],
  ['templates/a.sms.txt', 'Hi\n{{ company.nmae }}', '2:4 unknown_variable', '"company.name"?'],
]

describe('a mistake', () => {
  it.each(MISTAKES)('in %s: %j is found at %s', (path, text, found, hint) => {
    const parsing = parseTemplates([{ path, text }])
    const problems = parsing.ok ? [] : parsing.problems
    const told = expectProblem(problems, found)
    expect(`${told.message} ${told.fix}`).toContain(hint)
    expect(told.file).toBe(path)
  })
})
