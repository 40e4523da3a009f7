import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EpisodeId, id } from '../../src/domain/ids.ts'
import { templateFor } from '../../src/store/company/templates.ts'
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
    const stored = await templateFor(
      api.store.db,
      id<EpisodeId>('episode_none'),
      'email',
      'pretty/first',
    )
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

  it('compiles a layout that no email uses yet', async () => {
    const lonely = { ...layout('red'), path: 'templates/layouts/lonely.mjml' }
    const files = [{ ...lonely, text: lonely.text.replace('mj-text>', 'mj-txt>') }]
    const answer = await api.call('POST', '/v1/cadences', { files })
    expect(answer.status).toBe(422)
    expect(answer.body.errors[0].field).toMatch(/^templates\/layouts\/lonely\.mjml:/)
  })

  it('says loudly that the sample company signs, and refuses it where something may leave', async () => {
    const files = [CADENCE, mail('first'), mail('last'), layout('#ff0000')]
    const { body } = await api.call('POST', '/v1/cadences', { files })
    expect(body.warnings[0]).toMatchObject({ code: 'company_sample' })
    const live = await startHarness({ outbound: 'live' })
    try {
      const refused = await live.call('POST', '/v1/cadences', { files })
      expect(refused).toMatchObject({ status: 422, body: { code: 'company_sample' } })
      await live.call('PATCH', '/v1/settings', {
        company: {
          name: 'Northwind LLC',
          brand: 'Northwind',
          postalAddress: '9 Quay Road, Portland, ME 04101',
          website: 'https://northwind.example',
          from: { name: 'Northwind', email: 'hello@northwind.example' },
        },
      })
      const taken = await live.call('POST', '/v1/cadences', { files })
      expect(taken.status).toBe(200)
      expect(JSON.stringify(taken.body.warnings)).not.toContain('company_sample')
    } finally {
      await live.close()
    }
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

describe('publishing with what messages share', () => {
  const snippet = (words: string) => ({
    path: 'templates/snippets/signature.liquid',
    text: `${words}, {{ computed.sender }}\n`,
  })
  const computed = (sender: string) => ({
    path: 'templates/computed.liquid',
    // What ships says where a talk is arranged.
    text: `talk: {{ company.website }}\nsender: ${sender}\n`,
  })
  const signed = (name: string) => ({
    path: `templates/pretty/${name}.md`,
    text: `---\nsubject: Hi\ncta: [Look]({{ company.website }})\n---\n{% render 'snippets/signature' %}\n`,
  })
  const versions = (body: { templates: { name: string; version: number; changed: boolean }[] }) =>
    body.templates
      .filter(({ name }) => name.startsWith('email:pretty/'))
      .map(({ name, version, changed }) => [name, version, changed])

  it('keeps it with each message, gives back the same files, and re-publishes what it changes', async () => {
    const files = [CADENCE, signed('first'), signed('last'), snippet('Yours'), computed('Sam')]
    const { body } = await api.call('POST', '/v1/cadences', { files })
    const [[, version]] = versions(body) as [[string, number, boolean]]
    const pulled = await api.call('GET', '/v1/files?cadence=pretty')
    const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1)
    expect(pulled.body.files.toSorted(byPath)).toEqual(files.toSorted(byPath))

    const again = await api.call('POST', '/v1/cadences', { files: pulled.body.files })
    expect(versions(again.body)).toEqual([
      ['email:pretty/first', version, false],
      ['email:pretty/last', version, false],
    ])
    for (const [index, changed] of [snippet('Truly yours'), computed('Pat')].entries()) {
      const answer = await api.call('POST', '/v1/cadences', { files: [changed] })
      expect(versions(answer.body)).toEqual([
        ['email:pretty/first', version + index + 1, true],
        ['email:pretty/last', version + index + 1, true],
      ])
    }
  })

  it('refuses a change that a published message would not survive', async () => {
    const broken = { ...computed(''), text: 'sendr: Sam\n' }
    const answer = await api.call('POST', '/v1/cadences', { files: [broken] })
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_cadence' } })
    expect(answer.body.errors[0].fix).toContain('computed.sendr')
  })
})

describe('a lead’s language', () => {
  it('is kept in its one spelling, changed, and refused when it is none', async () => {
    const lead = { email: 'ines@example.com', language: 'es_mx' }
    const posted = await api.call('POST', '/v1/leads', { lead })
    expect(posted.body.lead.language).toBe('es-MX')
    const path = `/v1/leads/${posted.body.lead.id}`
    expect((await api.call('PATCH', path, { language: 'PT' })).body.lead.language).toBe('pt')
    const wrong = await api.call('PATCH', path, { language: 'Spanish' })
    expect(wrong.status).toBe(422)
    expect(JSON.stringify(wrong.body)).toContain('Write a code such as en, es or es-MX.')
  })
})
