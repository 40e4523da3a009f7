import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Harness, startHarness } from './harness.ts'

let api: Harness
beforeAll(async () => {
  api = await startHarness()
})
afterAll(() => api.close())

describe('/v1/webhooks', () => {
  it('keeps endpoints, and tells a secret once', async () => {
    const first = await api.call('PUT', '/v1/webhooks/crm', { url: 'https://crm.acme.example/in' })
    expect(first.status).toBe(201)
    expect(first.body.secret).toMatch(/^[0-9a-f]{64}$/)
    expect(first.body.webhook).toMatchObject({ name: 'crm', contactData: false })

    const changed = { url: 'https://crm.acme.example/other', contactData: true }
    const second = await api.call('PUT', '/v1/webhooks/crm', changed)
    expect(second).toMatchObject({ status: 200, body: { secret: null, webhook: changed } })
    const listed = await api.call('GET', '/v1/webhooks')
    expect(listed.body.items).toHaveLength(1)
    expect(JSON.stringify(listed.body)).not.toContain(first.body.secret)

    expect((await api.call('GET', '/v1/webhooks/crm/deliveries')).body).toEqual({
      items: [],
      cursor: null,
    })
    expect((await api.call('POST', '/v1/webhooks/crm/retry')).body).toEqual({ retried: 0 })
    expect((await api.call('DELETE', '/v1/webhooks/crm')).status).toBe(200)
    expect((await api.call('GET', '/v1/webhooks/crm/deliveries')).status).toBe(404)
    expect((await api.call('GET', '/v1/webhooks')).body.items).toEqual([])
  })

  it('speaks to the web over TLS only, and names what is wrong', async () => {
    const plain = await api.call('PUT', '/v1/webhooks/crm', { url: 'http://crm.acme.example/in' })
    expect(plain.status).toBe(422)
    const named = await api.call('PUT', '/v1/webhooks/My%20CRM', { url: 'https://a.example' })
    expect(named.body).toMatchObject({ code: 'invalid_name' })
  })

  it('is asked about when a cadence is published', async () => {
    const text =
      'name: teller\ntitle: Teller\npurpose: nurture\nsteps:\n  - { id: tell, webhook: { to: erp } }\nend: { dead: unresponsive }\n'
    const published = await api.call('POST', '/v1/cadences', {
      files: [{ path: 'cadences/teller.yaml', text }],
    })
    expect(published.body.warnings).toContainEqual(
      expect.objectContaining({ cadence: 'teller', step: 'tell', code: 'no_such_webhook' }),
    )
  })
})

describe('the score', () => {
  it('is set in the settings, sent back as it was written, and told with its parts', async () => {
    const fit = [
      {
        name: 'pro plan',
        when: { field: 'lead.attributes.plan', in: ['pro', 'team'] },
        points: 25,
      },
      { name: 'cheap', when: { not: { field: 'lead.cost', above: 100 } }, points: 5 },
    ]
    const scoring = { points: { visit: 7 }, fadesAfter: '30d', fit }
    const set = await api.call('PATCH', '/v1/settings', { scoring })
    expect(set.status).toBe(200)
    const { body } = await api.call('GET', '/v1/settings')
    expect(JSON.stringify(body)).toContain(JSON.stringify(fit))

    const lead = { externalId: 'scored', email: 'scored@example.com', attributes: { plan: 'Pro' } }
    const posted = await api.call('POST', '/v1/leads', { lead, cadence: 'new-lead' })
    const leadId = posted.body.lead.id
    await api.call('POST', '/v1/signals', { type: 'visit', leadId })
    const shown = await api.call('GET', `/v1/leads/${leadId}`)
    expect(shown.body.score).toMatchObject({
      points: 37,
      parts: [
        { points: 7, because: '1 visit' },
        { points: 25, because: 'fit: pro plan' },
        { points: 5, because: 'fit: cheap' },
      ],
    })
  })

  it('refuses a rule of fit that asks what the lead did', async () => {
    const fit = [{ name: 'eager', when: { score: { above: 3 } }, points: 1 }]
    const refused = await api.call('PATCH', '/v1/settings', { scoring: { fit } })
    expect(refused.status).toBe(422)
    expect(JSON.stringify(refused.body)).toContain('Ask fields only')
  })
})
