import { describe, expect, it } from 'vitest'
import { callToActionOf } from '../../../src/domain/templates/call-to-action.ts'
import { parseTemplates } from '../../../src/domain/templates/parse.ts'
import { renderEmail, renderSms } from '../../../src/domain/templates/render.ts'
import type { Template } from '../../../src/domain/templates/types.ts'
import { ALMOST_NOTHING, EVERYTHING, tracked } from './context.ts'

const HEAD = '---\nsubject: Hello\n---\n'

function parsing(files: Readonly<Record<string, string>>) {
  return parseTemplates(Object.entries(files).map(([path, text]) => ({ path, text })))
}

function parsed(files: Readonly<Record<string, string>>): readonly Template[] {
  const parse = parsing(files)
  if (!parse.ok) throw new Error(JSON.stringify(parse.problems))
  return parse.templates
}

function problems(files: Readonly<Record<string, string>>): readonly string[] {
  const parse = parsing(files)
  return parse.ok
    ? []
    : parse.problems.map(({ file, line, column, message, fix }) =>
        [`${file}:${line}:${column}:`, message, fix].join(' '),
      )
}

function email(files: Readonly<Record<string, string>>, context = EVERYTHING) {
  const [template] = parsed(files)
  if (template?.channel !== 'email') throw new Error('no email')
  return renderEmail(template, context)
}

function text(files: Readonly<Record<string, string>>, context = EVERYTHING) {
  const template = parsed(files).find(({ channel }) => channel === 'sms')
  if (template?.channel !== 'sms') throw new Error('no text')
  const rendered = renderSms(template, context, { firstText: false })
  return rendered.ok ? rendered.text : rendered.problem.message
}

const SIGNATURE = 'templates/snippets/signature.liquid'

describe('a snippet', () => {
  it('speaks of what its message speaks of, as Markdown in an email', () => {
    const files = {
      'templates/a.md': `${HEAD}Hi\n\n{% render 'snippets/signature' %}`,
      [SIGNATURE]: '**{{ owner.name | default: company.brand }}**\n',
    }
    const rendered = email(files)
    expect(rendered.ok && rendered.html).toContain('<strong>Sam Lee</strong>')
    const stranger = { ...EVERYTHING, owner: { name: '*<b>', email: null, phone: null } }
    const escaped = email(files, stranger)
    expect(escaped.ok && escaped.html).toContain('<strong>*&lt;b&gt;</strong>')
  })

  it('is given values, and may take others; what it assigns stays inside', () => {
    const rendered = text({
      'templates/a.sms.txt':
        "{% assign x = 'out' %}{% render 'snippets/hi', who: lead.firstName %} {{ x }}",
      'templates/snippets/hi.liquid': "{% assign x = 'in' %}{% render 'snippets/who', name: who %}",
      'templates/snippets/who.liquid': 'Hi {{ name | default: "you" }}!',
    })
    expect(rendered).toBe('Hi Ada! out')
  })

  it('is there in the language of the message, else in the company’s own', () => {
    const files = {
      'templates/a.sms.txt': "Hello. {% render 'snippets/signature' %}",
      'templates/a.es.sms.txt': "Hola. {% render 'snippets/signature' %}",
      'templates/a.fr.sms.txt': "Salut. {% render 'snippets/signature' %}",
      [SIGNATURE]: 'Yours',
      'templates/snippets/signature.es.liquid': 'Saludos',
    }
    const inLanguage = (language: string | null) =>
      text(files, { ...EVERYTHING, lead: { ...EVERYTHING.lead, language } })
    expect([null, 'es', 'fr'].map(inLanguage)).toEqual([
      'Hello. Yours',
      'Hola. Saludos',
      'Salut. Yours',
    ])
  })

  it('makes a new version of the messages that use it, and of no other', () => {
    const sums = (signature: string) =>
      parsed({
        'templates/a.sms.txt': "Hello. {% render 'snippets/signature' %}",
        'templates/b.sms.txt': 'Hello.',
        [SIGNATURE]: signature,
      }).map(({ checksum }) => checksum)
    const [one, two] = [sums('Yours'), sums('Truly yours')]
    expect(one[0]).not.toBe(two[0])
    expect(one[1]).toBe(two[1])
  })

  it('tells where a value in it is missing', () => {
    const rendered = email(
      {
        'templates/a.md': `${HEAD}Hi\n\n{% render 'snippets/signature' %}`,
        [SIGNATURE]: 'Yours,\n{{ owner.name }}',
      },
      ALMOST_NOTHING,
    )
    expect(rendered).toMatchObject({
      ok: false,
      problem: { code: 'empty_value', file: SIGNATURE, line: 2 },
    })
  })

  it.each([
    [{ 'templates/a.sms.txt': "{% render 'signatur' %}", [SIGNATURE]: 'x' }, '"signature"?'],
    [
      { 'templates/a.sms.txt': "{% render 'signature' %}" },
      'Add templates/snippets/signature.liquid.',
    ],
    [{ 'templates/a.sms.txt': '{% render signature %}' }, 'a name in quotes'],
    [{ [SIGNATURE]: '{{ lead.frstName }}' }, '"lead.firstName"?'],
    [{ [SIGNATURE]: '{{ owner.name' }, 'not valid Liquid'],
    [{ [SIGNATURE]: ' \n' }, 'This snippet is empty.'],
    [{ 'templates/snippets/A b.liquid': 'x' }, 'no name for a snippet'],
    [{ 'templates/snippets/a.es_mx.liquid': 'x' }, '"es-MX"?'],
    [
      { 'templates/a.sms.txt': "{% render 'signature' %}", [SIGNATURE]: '{{ compny.name }}' },
      'asks for "compny", which is not given here. Write {% render \'snippets/signature\', compny: … %}. If the snippet means "company", correct it there.',
    ],
    [
      { 'templates/a.sms.txt': "{% render 'signature', to: 1 %}", [SIGNATURE]: 'x' },
      'The snippet "signature" takes no "to". Leave it out.',
    ],
    [
      {
        'templates/a.sms.txt': "{% render 'one' %}",
        'templates/snippets/one.liquid': "{% if true %}{% render 'two' %}{% endif %}",
        'templates/snippets/two.liquid': "{% render 'one' %}",
      },
      'renders itself',
    ],
    [
      {
        'templates/a.sms.txt': "{% render 'one' %}",
        'templates/snippets/one.es.liquid': 'x',
      },
      'is there in "es" alone',
    ],
  ])('with a mistake is refused where it is published: %j', (files, words) => {
    expect(problems(files as unknown as Record<string, string>).join('\n')).toContain(words)
  })
})

const COMPUTED = 'templates/computed.liquid'

describe('a computed field', () => {
  const files = {
    [COMPUTED]: [
      '# How we begin',
      'name: {{ lead.firstName }} {{ lead.lastName }}',
      'greeting: Hi {{ computed.name | default: "there" }}: welcome',
      'talk: {{ company.bookingUrl | default: company.website | link }}',
    ].join('\n'),
    'templates/a.sms.txt': '{{ computed.greeting }}',
    'templates/b.md': `${HEAD}{{ computed.greeting }} [talk]({{ computed.talk }})`,
  }

  it('is made of values and of fields above it; one that lacks a value is empty', () => {
    expect(text(files)).toBe('Hi Ada Byron: welcome')
    expect(text(files, ALMOST_NOTHING)).toBe('Hi there: welcome')
  })

  it('is a value: text, never Markdown or HTML; its links are told', () => {
    const template = parsed(files).find(({ channel }) => channel === 'email')
    if (template?.channel !== 'email') throw new Error('no email')
    const lead = { ...EVERYTHING.lead, firstName: '<i>*Ada*' }
    const rendered = renderEmail(template, { ...EVERYTHING, lead })
    expect(rendered.ok && rendered.html).toContain('Hi &lt;i&gt;*Ada* Byron: welcome')
    const href = tracked(EVERYTHING.company.bookingUrl ?? '')
    expect(rendered.ok && rendered.links).toMatchObject([{ href }])
  })

  it.each([
    [{ [COMPUTED]: 'a: {{ lead.x }}' }, 'computed.liquid:1:7:'],
    [{ [COMPUTED]: 'a: {{ computed.a }}' }, 'There is no variable "computed.a".'],
    [{ [COMPUTED]: 'a: x\na: y' }, '"a" is there twice.'],
    [{ [COMPUTED]: 'no field' }, 'This line makes no computed field.'],
    [
      { 'templates/a.sms.txt': '{{ computed.greting }}', [COMPUTED]: 'greeting: x' },
      '"computed.greeting"?',
    ],
    [
      { 'templates/a.sms.txt': '{{ computed.greeting }}' },
      'Define it in templates/computed.liquid',
    ],
  ])('with a mistake is refused where it is published: %j', (mistaken, words) => {
    expect(problems(mistaken as unknown as Record<string, string>).join('\n')).toContain(words)
  })
})

describe('a call to action', () => {
  const head = (cta: string) => `---\nsubject: Hello\ncta: ${cta}\n---\n`
  const BOOK = '[Pick a {{ "time" }}]({{ company.bookingUrl | default: company.website }})'

  it('is a button at its place, and a link in plain text; a click on it is told', () => {
    const rendered = email({ 'templates/a.md': `${head(BOOK)}Hi\n\n{{ cta }}\n\nSam` })
    if (!rendered.ok) throw new Error(rendered.problem.message)
    const href = tracked(EVERYTHING.company.bookingUrl ?? '')
    expect(rendered.html).toMatch(
      new RegExp(`<p>Hi</p>\\s*<p><a href="[^"]+" style="[^"]+">Pick a time</a></p>\\s*<p>Sam`),
    )
    expect(rendered.text).toContain(`Pick a time (${href})`)
    expect(rendered.links).toEqual([{ url: EVERYTHING.company.bookingUrl, href }])
  })

  it('stands at the end where the body has no place for it', () => {
    const rendered = email({ 'templates/a.md': `${head(BOOK)}Hi\n\nSam` })
    expect(rendered.ok && rendered.html).toMatch(/<p>Sam<\/p>\s*<p><a href/)
  })

  it.each([
    [`${head('Pick a time')}Hi`, '"Pick a time" is no call to action.'],
    [`${head('[a](javascript:x)')}Hi {{ cta.url }}`, 'Write "cta" alone.'],
    [`${HEAD}Hi {{ cta }}`, 'Declare it in the head'],
    [`${head('[a]({{ company.websit }})')}Hi`, 'a.md:3:13:'],
  ])('with a mistake is refused where it is published: %j', (body, words) => {
    expect(problems({ 'templates/a.md': body }).join('\n')).toContain(words)
  })

  it('to an address that is none is told when it is rendered', () => {
    const rendered = email({ 'templates/a.md': `${head('[a](javascript:alert)')}Hi` })
    expect(rendered).toMatchObject({ ok: false, problem: { code: 'invalid_value', line: 3 } })
  })

  it.each([
    ['templates/a.md', `${head(BOOK)}Hi`, 'button'],
    ['templates/a.md', `${head('reply')}Hi`, 'answer'],
    ['templates/a.md', `${HEAD}[Look]({{ company.website | link }})`, 'link'],
    ['templates/a.md', `${HEAD}[Stop]({{ links.unsubscribe }})`, null],
    ['templates/a.md', `${HEAD}Just reply to this email.`, 'answer'],
    ['templates/a.md', `${HEAD}We are here.`, null],
    ['templates/a.sms.txt', 'Look: {{ company.website | link }}', 'link'],
    ['templates/a.sms.txt', 'Text back a time that suits you.', 'answer'],
    ['templates/a.sms.txt', 'Our office is open again.', null],
  ] as const)('of %s %j is %j', (path, body, asking) => {
    const [template] = parsed({ [path]: body })
    expect(template && callToActionOf(template.standard)).toBe(asking)
  })
})
