import { describe, expect, it } from 'vitest'
import { parseTemplates, type SourceFile } from '../../src/domain/templates/parse.ts'
import { renderEmail } from '../../src/domain/templates/render.ts'
import { compileLayouts, withLayouts } from '../../src/leads/publishing/layouts.ts'
import { ALMOST_NOTHING, EVERYTHING, tracked } from '../domain/templates/context.ts'

const FOOTER =
  '{{ company.name }}, {{ company.postalAddress }} <a href="{{ links.unsubscribe }}">Leave</a>'
const layout = (body: string, footer = FOOTER): SourceFile => ({
  path: 'templates/layouts/brand.mjml',
  text: `<mjml>
  <mj-head>
    <mj-title>{{ subject }}</mj-title>
    <mj-preview>{{ preheader }}</mj-preview>
  </mj-head>
  <mj-body>
    <mj-section><mj-column>
      ${body}
      <mj-text>${footer}</mj-text>
    </mj-column></mj-section>
  </mj-body>
</mjml>
`,
})
const email = (body: string, head = 'layout: brand\n'): SourceFile => ({
  path: 'templates/a/b.md',
  text: `---\nsubject: For {{ lead.company }}\npreheader: Soon & fast\n${head}---\n${body}\n`,
})
const CONTENT = '<mj-text>{{ content }}</mj-text>'
const BUTTON = `<mj-button href="{{ company.website | append: '/x' | link }}">Visit</mj-button>`

async function problemsOf(...files: SourceFile[]) {
  const parsing = parseTemplates(files)
  const problems = parsing.ok ? await compileLayouts(parsing.templates) : parsing.problems
  return problems.map(({ file, line, code, message }) => ({ file, line, code, message }))
}

async function rendered(layoutFile: SourceFile, body: string) {
  const parsing = parseTemplates([layoutFile, email(body)])
  if (!parsing.ok) throw new Error(JSON.stringify(parsing.problems))
  expect(await compileLayouts(parsing.templates)).toEqual([])
  const [template] = withLayouts(parsing.templates)
  if (template?.channel !== 'email') throw new Error('it is an email')
  // What the store keeps is JSON.
  const stored = JSON.parse(JSON.stringify(template)) as typeof template
  const result = renderEmail(stored, { ...EVERYTHING, pixel: 'https://acme.example/o/1.gif' })
  if (!result.ok) throw new Error(result.problem.message)
  return result
}

describe('an email in an MJML layout', () => {
  it('has the message, the values and the footer in their places, escaped and tracked', async () => {
    const { html, text, links } = await rendered(
      layout(`${CONTENT}${BUTTON}`),
      'Hi **{{ lead.firstName }}** of {{ lead.company }}',
    )
    expect(html).toContain('<p>Hi <strong>Ada</strong> of Engines &amp; Sons</p>')
    expect(html).toContain('For Engines &amp; Sons')
    expect(html).toContain('Soon &amp; fast')
    expect(html).toContain('Acme Energy Inc., 1 Main Street, Springfield, NY 10001')
    expect(html).toContain('<a href="https://acme.example/u/token">Leave</a>')
    expect(html).toContain(`href="${tracked('https://acme.example/x')}"`)
    expect(html).toMatch(/<img src="https:\/\/acme\.example\/o\/1\.gif"[^>]*><\/body>/)
    expect(html).not.toMatch(/[\uE000-\uE01F]|\{\{|fonts\.googleapis/)
    expect(text).toContain('Hi Ada of Engines & Sons')
    expect(text).toContain('Unsubscribe: https://acme.example/u/token')
    expect(links).toHaveLength(1)
  })

  it('is a new version when its layout changes', () => {
    const sums = [CONTENT, `${CONTENT}<mj-divider />`].map((body) => {
      const parsing = parseTemplates([layout(body), email('Hi')])
      return parsing.ok ? parsing.templates[0]?.checksum : null
    })
    expect(sums[0]).toMatch(/^[0-9a-f]{64}$/)
    expect(sums[0]).not.toBe(sums[1])
  })

  it('is refused by a rendering that nobody compiled', () => {
    const parsing = parseTemplates([layout(CONTENT), email('Hi')])
    if (!parsing.ok) throw new Error('it parses')
    const never = parseTemplates([layout(`${CONTENT}<!-- never compiled -->`), email('Hi')])
    expect(() => withLayouts(never.ok ? never.templates : [])).toThrow('compiled before')
  })
})

describe('what is wrong with a layout is told where it is', () => {
  it.each([
    [
      'the address missing',
      layout(CONTENT, '{{ company.name }} {{ links.unsubscribe }}'),
      'address',
    ],
    ['no way to leave', layout(CONTENT, '{{ company.name }} {{ company.postalAddress }}'), 'unsub'],
    ['no place for the message', layout('<mj-text>Hi</mj-text>'), 'no place'],
    ['two places for it', layout(`${CONTENT}${CONTENT}`), 'more than one'],
  ])('%s', async (_, file, words) => {
    const [problem, ...more] = await problemsOf(file, email('Hi'))
    expect(problem).toMatchObject({ file: file.path, line: 1, code: 'layout_incomplete' })
    expect(problem?.message).toContain(words)
    expect(more).toEqual([])
  })

  it.each([
    [
      'an unknown variable',
      '<mj-text>{{ lead.frstName }}</mj-text>',
      'unknown_variable',
      'frstName',
    ],
    ['an unknown element', '<mj-foo>x</mj-foo>', 'layout_syntax', 'mj-foo'],
    ['an unknown attribute', '<mj-text colour="red">x</mj-text>', 'layout_syntax', 'colour'],
    ['another file', '<mj-include path="/etc/passwd" />', 'layout_syntax', 'no other file'],
    ['a tag that MJML drops', '{% if company.phone %}', 'layout_syntax', 'does not reach'],
  ])('%s', async (_, line, code, words) => {
    const after = line.startsWith('{%') ? '{% endif %}' : ''
    const problems = await problemsOf(layout(`${CONTENT}\n      ${line}${after}`), email('Hi'))
    expect(problems[0]).toMatchObject({ file: 'templates/layouts/brand.mjml', line: 9, code })
    expect(problems[0]?.message).toContain(words)
  })

  it('a file that is no MJML, a name that is none, and a layout that is not there', async () => {
    const text = `{{ content }} ${FOOTER}`
    const noMjml = { path: 'templates/layouts/brand.mjml', text }
    expect(await problemsOf(noMjml, email('Hi'))).toMatchObject([{ code: 'layout_syntax' }])
    const misnamed = { ...layout(CONTENT), path: 'templates/brand.mjml' }
    expect(await problemsOf(misnamed, email('Hi', ''))).toMatchObject([
      { code: 'invalid_file_name', file: 'templates/brand.mjml' },
    ])
    expect(await problemsOf(layout(CONTENT), email('Hi', 'layout: brnd\n'))).toMatchObject([
      { code: 'unknown_layout', file: 'templates/a/b.md', line: 4 },
    ])
  })

  it('an email without one is as it always was', () => {
    const parsing = parseTemplates([layout(CONTENT), email('Hi {{ lead.firstName }}', '')])
    if (!parsing.ok) throw new Error('it parses')
    const [template] = withLayouts(parsing.templates)
    expect(template).toEqual(parsing.templates[0])
    if (template?.channel !== 'email') throw new Error('it is an email')
    expect(renderEmail(template, ALMOST_NOTHING).ok).toBe(false)
  })
})
