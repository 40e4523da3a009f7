import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { currentTemplate } from '../../src/store/templates.ts'
import { type Harness, startHarness } from './harness.ts'

let api: Harness
beforeAll(async () => {
  api = await startHarness()
})
afterAll(() => api.close())

const CADENCE = {
  path: 'cadences/pretty.yaml',
  text: `name: pretty
title: Pretty
purpose: nurture
steps:
  - { id: first, email: pretty/first }
  - { id: last, email: pretty/last, after: 1d }
end: { dead: unresponsive }
`,
}
const mail = (name: string) => ({
  path: `templates/pretty/${name}.md`,
  text: `---\nsubject: Hi\nlayout: brand\n---\n${name}\n`,
})
const layout = (color: string) => ({
  path: 'templates/layouts/brand.mjml',
  text: `<mjml><mj-body background-color="${color}"><mj-section><mj-column>
<mj-text>{{ content }}</mj-text>
<mj-text>{{ company.name }}, {{ company.postalAddress }} {{ links.unsubscribe }}</mj-text>
</mj-column></mj-section></mj-body></mjml>
`,
})

describe('publishing with a layout', () => {
  it('stores compiled HTML, gives back the same files, and re-publishes what a layout changes', async () => {
    const files = [CADENCE, mail('first'), mail('last'), layout('#ff0000')]
    const first = await api.call('POST', '/v1/cadences', { files })
    expect(first.body.templates).toMatchObject([
      { name: 'email:pretty/first', version: 1, changed: true },
      { name: 'email:pretty/last', version: 1, changed: true },
    ])
    const stored = await currentTemplate(api.store.db, 'email', 'pretty/first')
    expect(stored?.template).toMatchObject({
      standard: { layout: { name: 'brand', html: { text: expect.stringContaining('<table') } } },
    })
    const pulled = await api.call('GET', '/v1/files?cadence=pretty')
    const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1)
    expect(pulled.body.files.toSorted(byPath)).toEqual(files.toSorted(byPath))

    const again = await api.call('POST', '/v1/cadences', { files: pulled.body.files })
    expect(again.body.templates).toMatchObject([{ changed: false }, { changed: false }])
    const recoloured = await api.call('POST', '/v1/cadences', { files: [layout('#00ff00')] })
    expect(recoloured.body.templates).toMatchObject([
      { name: 'email:pretty/first', version: 2, changed: true },
      { name: 'email:pretty/last', version: 2, changed: true },
    ])
  })

  it('refuses a layout that is broken, with its line, and keeps what there was', async () => {
    const broken = { ...layout('red'), text: layout('red').text.replace('mj-text>', 'mj-txt>') }
    const answer = await api.call('POST', '/v1/cadences', { files: [broken] })
    expect(answer.status).toBe(422)
    expect(answer.body.errors[0].field).toMatch(/^templates\/layouts\/brand\.mjml:\d+:1$/)
    const { body } = await api.call('GET', '/v1/templates')
    const first = body.items.find((each: { name: string }) => each.name === 'pretty/first')
    expect(first).toMatchObject({ version: 2 })
  })

  it('refuses a topic that is in no settings', async () => {
    const text = CADENCE.text.replace('purpose', 'topic: ofers\npurpose')
    await api.call('PATCH', '/v1/settings', { topics: [{ id: 'offers', title: 'Offers' }] })
    const files = [{ ...CADENCE, text }]
    const answer = await api.call('POST', '/v1/cadences', { files })
    expect(answer).toMatchObject({ status: 422, body: { code: 'unknown_topic' } })
    expect(answer.body.fix).toContain('offers')
  })
})
