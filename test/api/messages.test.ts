import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Harness, startHarness } from './harness.ts'

let api: Harness
beforeAll(async () => {
  api = await startHarness()
})
afterAll(() => api.close())

async function newLead(lead: object): Promise<string> {
  const { body } = await api.call('POST', '/v1/leads', { lead: { source: 'webform', ...lead } })
  return body.lead.id
}

describe('a message to a lead', () => {
  it('is taken, waits to leave, and rings the lead; the same key writes it once', async () => {
    const leadId = await newLead({ email: 'ada@example.com', phone: '+12125550142' })
    api.doorbell.rings.length = 0
    const words = { channel: 'sms', text: 'Tuesday “works” – Sam' }
    const send = () =>
      api.call('POST', `/v1/leads/${leadId}/messages`, words, { 'Idempotency-Key': 'once' })
    const first = await send()
    expect(first).toMatchObject({ status: 202, body: { message: { state: 'waiting' } } })
    expect((await send()).body).toEqual(first.body)
    const rows = await api.store.db.selectFrom('messages').selectAll().execute()
    expect(rows).toMatchObject([
      { lead_id: leadId, class: 'conversation', text: 'Tuesday "works" - Sam' },
    ])
    expect(api.doorbell.rings.map(({ leadId: id }) => id)).toContain(leadId)
  })

  it('names what is wrong with it', async () => {
    const leadId = await newLead({ email: 'bo@example.com' })
    const send = (body: object) => api.call('POST', `/v1/leads/${leadId}/messages`, body)
    expect(await send({ channel: 'fax', text: 'Hi' })).toMatchObject({ status: 422 })
    for (const text of ['', ' \n ']) {
      expect(await send({ channel: 'email', text })).toMatchObject({ status: 422 })
    }
    const two = { channel: 'email', text: 'Hi', subject: 'Hi\r\nBcc: x@else.example' }
    expect(await send(two)).toMatchObject({ status: 422, body: { errors: [{ field: 'subject' }] } })
    expect(await send({ channel: 'email', text: 'Hi' })).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'subject' }] },
    })
    expect(await send({ channel: 'sms', text: 'Hi' })).toMatchObject({
      status: 409,
      body: { code: 'not_reachable' },
    })
    const unknown = await api.call('POST', '/v1/leads/lead_nobody/messages', {
      channel: 'sms',
      text: 'Hi',
    })
    expect(unknown.status).toBe(404)
  })
})

describe('the switch', () => {
  it('says what would leave, takes a decision, and takes it back', async () => {
    const decide = (due: string) => api.call('POST', '/v1/outbound', { to: 'live', due })
    expect((await api.call('GET', '/v1/outbound')).body).toMatchObject({
      outbound: 'catch',
      turnedTo: 'catch',
      decision: null,
      due: { total: expect.any(Number) },
    })
    expect((await decide('shift')).body).toMatchObject({
      decision: { to: 'live', due: 'shift', by: expect.stringMatching(/^api:/) },
    })
    expect((await decide('cancel')).body).toMatchObject({ decision: null })
    expect((await decide('drop')).status).toBe(422)
  })
})

describe('notifications', () => {
  it('are set without ever telling the secret again, and only to https', async () => {
    const patch = (notifications: object) => api.call('PATCH', '/v1/settings', { notifications })
    const secret = 'a secret of sixteen letters'
    const webhook = { url: 'https://chat.example/hook', secret }
    const set = await patch({ email: 'team@acme.example', webhook })
    expect(set.status).toBe(200)
    expect(set.body.settings.notifications).toEqual({
      forwardReplies: true,
      email: 'team@acme.example',
      webhook: { url: webhook.url, secret: '(set)' },
    })
    expect(JSON.stringify((await api.call('GET', '/v1/settings')).body)).not.toContain(secret)
    expect((await patch({ webhook: { url: 'http://chat.example', secret } })).status).toBe(422)
    expect((await patch({ webhook: null })).body.settings.notifications.webhook).toBeNull()
  })
})
