import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseTemplates } from '../../../src/domain/templates/parse.ts'
import { type RenderedEmail, renderEmail, renderSms } from '../../../src/domain/templates/render.ts'
import type {
  EmailTemplate,
  SmsTemplate,
  TemplateContext,
} from '../../../src/domain/templates/types.ts'
import { ALMOST_NOTHING, EVERYTHING, tracked } from './context.ts'

describe('an email', () => {
  it('is Markdown with values, as HTML and as text', () => {
    const template = email('Hi **{{ lead.firstName }}**,\n\n- one\n- two', 'For {{ lead.company }}')
    const rendered = ok(renderEmail(template, EVERYTHING))
    expect(rendered.subject).toBe('For Engines & Sons')
    expect(rendered.html).toContain('<p>Hi <strong>Ada</strong>,</p>')
    expect(rendered.html).toContain('<li>one</li>')
    expect(rendered.html).toContain('<title>For Engines &amp; Sons</title>')
    expect(rendered.text).toContain('Hi Ada,\n\n * one\n * two')
  })

  it('takes the default where a value is missing, null or blank', () => {
    const template = email('Hi {{ lead.firstName | default: "there" }}!')
    const blank = withLead({ ...EVERYTHING.lead, firstName: '  ' })
    expect(ok(renderEmail(template, ALMOST_NOTHING)).text).toContain('Hi there!')
    expect(ok(renderEmail(template, blank)).text).toContain('Hi there!')
  })

  it('prints numbers, booleans and names of the company’s own fields', () => {
    const template = email('{{ lead.attributes.seats }} {{ lead.attributes.trial }}')
    expect(ok(renderEmail(template, EVERYTHING)).text).toContain('12 true')
  })

  it('ends with who writes, from where, and how to stop it, once', () => {
    const { html, text } = ok(renderEmail(email('Hello'), EVERYTHING))
    for (const part of [html, text]) {
      expect(part.split('Acme Energy Inc., 1 Main Street, Springfield, NY 10001')).toHaveLength(2)
      expect(part.split('https://acme.example/u/token')).toHaveLength(2)
    }
  })

  it('does not leave without address or unsubscribe link', () => {
    const noAddress = { ...EVERYTHING, company: { ...EVERYTHING.company, postalAddress: ' ' } }
    const noLink = { ...EVERYTHING, links: { unsubscribe: null } }
    for (const context of [noAddress, noLink]) {
      expect(renderEmail(email('Hello'), context)).toMatchObject({
        ok: false,
        problem: { code: 'company_incomplete' },
      })
    }
  })

  it('is left out, with the reason, where it prints a value that is empty and has no default', () => {
    const body = email('Hello,\n\nhow is {{ lead.attributes.plan }} going?')
    expect(renderEmail(body, ALMOST_NOTHING)).toMatchObject({
      ok: false,
      problem: {
        code: 'empty_value',
        line: 6,
        message: '"lead.attributes.plan" is empty for this lead, and has no default.',
      },
    })
    const asked = email('Hi{% if lead.firstName %} {{ lead.firstName }}{% endif %}!')
    expect(ok(renderEmail(asked, ALMOST_NOTHING)).text).toContain('Hi!')
  })

  it('with an empty subject is refused', () => {
    expect(renderEmail(email('Hello', '{{ lead.firstName }}'), ALMOST_NOTHING)).toMatchObject({
      ok: false,
      problem: { code: 'empty_value', line: 2, column: 10 },
    })
  })

  it('lets no line break into the subject', () => {
    const context = withLead({ ...EVERYTHING.lead, firstName: 'Ada\r\nBcc: all@acme.example' })
    const { subject } = ok(renderEmail(email('Hello', 'Hi {{ lead.firstName }}'), context))
    expect(subject).toBe('Hi Ada Bcc: all@acme.example')
  })

  it('shows the preheader to the inbox and hides it from the page', () => {
    const template = email('Hello', 'Hi', 'A word for {{ lead.firstName }}')
    const { html, text } = ok(renderEmail(template, EVERYTHING))
    expect(html).toMatch(/display:none[^>]*>A word for Ada<\/div>/)
    expect(text).not.toContain('A word for Ada')
  })

  it('speaks in the variant of the dead reason, else in the standard', () => {
    const template = templateOf('email', [
      file('a/b.md', 'Standard'),
      file('a/b.competitor.md', 'Variant'),
    ])
    const dead = (reason: 'competitor' | 'postponing') =>
      ok(renderEmail(template, { ...EVERYTHING, dead: { reason, wanted: null, competitor: null } }))
    expect(dead('competitor').text).toContain('Variant')
    expect(dead('postponing').text).toContain('Standard')
    expect(ok(renderEmail(template, ALMOST_NOTHING)).text).toContain('Standard')
  })
})

describe('a lead’s own words', () => {
  const nasty = '<script>alert(1)</script> **b** [x](javascript:alert(1)) # & "q" \uE0000\uE001'

  it('stay words: neither HTML nor Markdown nor a mark', () => {
    const template = email(
      '{{ lead.firstName }}\n\nHi {{ lead.firstName }}!\n\n- {{ lead.firstName }}',
    )
    const { html, text } = ok(
      renderEmail(template, withLead({ ...EVERYTHING.lead, firstName: nasty })),
    )
    expect(html).not.toMatch(/<script|<strong>b|javascript:[^)]*">/)
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt; **b** [x](javascript:alert(1)) #')
    expect(text).toContain('Hi <script>alert(1)</script> **b** [x](javascript:alert(1)) # & "q" 0!')
  })

  it('of any kind come out of the text as they went in', () => {
    const template = email('Before:{{ lead.firstName }}:after')
    const words = fc
      .string({ unit: 'grapheme' })
      .filter((text) => text.trim() === text && text !== '')
    fc.assert(
      fc.property(words, (firstName) => {
        fc.pre(!/[\uE000\uE001\s]/.test(firstName))
        const { text, html } = ok(
          renderEmail(template, withLead({ ...EVERYTHING.lead, firstName })),
        )
        expect(text).toContain(`Before:${firstName}:after`)
        expect(
          html.replaceAll(/<\/?(html|p|br|a|div|body|head|meta|title)\b[^>]*>/g, ''),
        ).not.toMatch(/<(?!!doctype)/)
      }),
    )
  })

  it('stay words also when a template joins them', () => {
    const template = email('{% assign who = lead.firstName | prepend: "<" %}Hi {{ who }}')
    const { html } = ok(renderEmail(template, EVERYTHING))
    expect(html).toContain('Hi &lt;Ada')
  })

  it('never make an address a link can run', () => {
    const context = withLead({ ...EVERYTHING.lead, company: 'javascript:alert(1)' })
    const { html } = ok(renderEmail(email('[click]({{ lead.company }})'), context))
    expect(html).toContain('<p>click</p>')
  })
})

describe('links', () => {
  it('of the filter and of plain Markdown go through linkFor and are listed once', () => {
    const template = email(
      "[a]({{ 'https://acme.example/a?x=1&y=2' | link }}) [b](https://acme.example/b) " +
        '[a again](https://acme.example/a?x=1&y=2) <https://acme.example/c>',
    )
    const { html, links } = ok(renderEmail(template, EVERYTHING))
    const urls = ['a?x=1&y=2', 'b', 'c'].map((path) => `https://acme.example/${path}`)
    expect(links).toEqual(urls.map((url) => ({ url, href: tracked(url) })))
    for (const url of urls) expect(html).toContain(`href="${tracked(url)}"`)
    expect(html.split('<a ')).toHaveLength(6)
  })

  it('to unsubscribe, mail or phone stay as they are', () => {
    const template = email(
      '[stop]({{ links.unsubscribe }}) [mail](mailto:sam@acme.example) [call](tel:+12125550142)',
    )
    const { html, links } = ok(renderEmail(template, EVERYTHING))
    expect(links).toEqual([])
    expect(html).toContain('<a href="https://acme.example/u/token">stop</a>')
    expect(html).toContain('<a href="mailto:sam@acme.example">mail</a>')
    expect(html).toContain('<a href="tel:+12125550142">call</a>')
  })

  it('need a web address', () => {
    expect(renderEmail(email("[a]({{ 'acme' | link }})"), EVERYTHING)).toMatchObject({
      ok: false,
      problem: { code: 'template_syntax', message: expect.stringContaining('https://') },
    })
  })

  it('in a text are replaced too', () => {
    const rendered = renderSms(
      sms("See {{ 'https://acme.example/a' | link }}"),
      { ...EVERYTHING, linkFor: () => 'https://acme.example/r/1' },
      { firstText: false },
    )
    expect(rendered).toEqual({
      ok: true,
      text: 'See https://acme.example/r/1',
      links: [{ url: 'https://acme.example/a', href: 'https://acme.example/r/1' }],
    })
  })
})

describe('a text', () => {
  const rendered = (body: string, firstText: boolean, context = EVERYTHING) => {
    const result = renderSms(sms(body), context, { firstText })
    return result.ok ? result.text : result.problem.code
  }

  it('that is the first says who writes and how to stop it', () => {
    expect(rendered('Hi {{ lead.firstName }}', true)).toBe('Acme: Hi Ada Reply STOP to opt out.')
  })

  it('that says so itself does not say it twice', () => {
    const own = 'ACME here. Hi! Text STOP to opt out.'
    expect(rendered(own, true)).toBe(own)
    expect(rendered('Acme here. Hi!', true)).toBe('Acme here. Hi! Reply STOP to opt out.')
  })

  it('that is a later one is left as written', () => {
    expect(rendered('Hi  {{ lead.firstName }} ,\n\n\n\n bye \n', false)).toBe('Hi Ada ,\n\nbye')
  })

  it('keeps a lead’s words unescaped: a phone shows no HTML', () => {
    expect(rendered('For {{ lead.company }}', false)).toBe('For Engines & Sons')
  })

  it('that comes out empty is refused', () => {
    expect(rendered('{% if lead.firstName %}Hi{% endif %}', true, ALMOST_NOTHING)).toBe(
      'empty_message',
    )
    expect(rendered('{{ lead.firstName }}', true, ALMOST_NOTHING)).toBe('empty_value')
  })
})

describe('a rendering', () => {
  it('is the same every time, also after another template failed', () => {
    const template = email('Hi {{ lead.firstName }}')
    const first = renderEmail(template, EVERYTHING)
    renderEmail(email("{{ 'x' | link }}"), EVERYTHING)
    expect(renderEmail(template, EVERYTHING)).toEqual(first)
  })
})

function ok(rendered: RenderedEmail) {
  if (!rendered.ok) throw new Error(`${rendered.problem.message} ${rendered.problem.fix}`)
  return rendered
}

function withLead(lead: TemplateContext['lead']): TemplateContext {
  return { ...EVERYTHING, lead }
}

function file(name: string, body: string, subject = 'Hello', preheader: string | null = null) {
  const extra = preheader === null ? '' : `preheader: ${preheader}\n`
  return { path: `templates/${name}`, text: `---\nsubject: ${subject}\n${extra}---\n${body}\n` }
}

function email(body: string, subject?: string, preheader?: string): EmailTemplate {
  return templateOf('email', [file('a/b.md', body, subject, preheader ?? null)])
}

function sms(text: string): SmsTemplate {
  return templateOf('sms', [{ path: 'templates/a/b.sms.txt', text }])
}

function templateOf(channel: 'email', files: Parameters<typeof parseTemplates>[0]): EmailTemplate
function templateOf(channel: 'sms', files: Parameters<typeof parseTemplates>[0]): SmsTemplate
function templateOf(channel: 'email' | 'sms', files: Parameters<typeof parseTemplates>[0]) {
  const parsing = parseTemplates(files)
  if (!parsing.ok) throw new Error(JSON.stringify(parsing.problems))
  const found = parsing.templates.find((template) => template.channel === channel)
  if (found === undefined) throw new Error(`no ${channel} template`)
  return found
}
