import { beforeAll, describe, expect, it } from 'vitest'
import { type Harness, startHarness } from './harness.ts'

let api: Harness
beforeAll(async () => {
  api = await startHarness()
})

let people = 0
const answered = async (text: string, channel: 'email' | 'sms' = 'email') => {
  const lead = { email: `r${++people}@example.com` }
  const posted = await api.call('POST', '/v1/leads', { lead, event: 'form' })
  const leadId: string = posted.body.lead.id
  const { body } = await api.call('POST', '/v1/signals', { type: 'reply', leadId, channel, text })
  return { leadId, signal: body }
}

describe('an answer that another system reports', () => {
  it('is understood, and the answer says as what', async () => {
    const { leadId, signal } = await answered('We went with HubSpot')
    expect(signal).toMatchObject({
      status: 'accepted',
      understood: { intent: 'competitor', detail: 'HubSpot' },
    })
    const { body } = await api.call('GET', `/v1/leads/${leadId}`)
    expect(body.lead).toMatchObject({ status: 'dead', dead: { reason: 'competitor' } })
  })

  it('is shown with its verdict, corrected in one call, and undone in another', async () => {
    const { leadId, signal } = await answered('Not interested')
    const at = `/v1/leads/${leadId}/replies/${signal.signalId}`
    const corrected = await api.call('POST', `${at}/correct`, {
      intent: 'competitor',
      detail: 'Other Example',
    })
    expect(corrected.body.lead).toMatchObject({
      dead: { reason: 'competitor', details: { competitor: 'Other Example' } },
    })
    const undone = await api.call('POST', `${at}/undo`, {})
    expect(undone.body.lead).toMatchObject({ status: 'nurturing', dead: null })
    const { body } = await api.call('GET', `/v1/leads/${leadId}/timeline`)
    const told = body.items.find((entry: { details: { id?: string } }) => {
      return entry.details.id === signal.signalId
    })
    expect(told.details.verdicts).toMatchObject([
      { intent: 'not_interested', by: 'rules', undoneBy: expect.stringContaining('api:') },
      { intent: 'competitor', by: expect.stringContaining('api:') },
    ])
  })

  it.each(['soon', '2020-01-01', '2099-01-01'])(
    'is not corrected to a day that nobody could keep: %j',
    async (detail) => {
      const { leadId, signal } = await answered('Not interested')
      const at = `/v1/leads/${leadId}/replies/${signal.signalId}/correct`
      const { status, body } = await api.call('POST', at, { intent: 'postpone', detail })
      expect([status, body.errors[0].field]).toEqual([422, 'detail'])
      const { body: after } = await api.call('GET', `/v1/leads/${leadId}`)
      expect(after.lead.dead.reason).toBe('not_interested')
    },
  )

  it('that was read as a stop needs a reason to be undone; a literal one never is', async () => {
    const { leadId, signal } = await answered('please leave me alone')
    const at = `/v1/leads/${leadId}/replies/${signal.signalId}/undo`
    expect((await api.call('POST', at, {})).status).toBe(422)
    expect((await api.call('POST', at, { because: 'it was a joke' })).status).toBe(200)
    const unknown = await api.call('POST', `/v1/leads/${leadId}/replies/nothing/undo`, {})
    expect(unknown.status).toBe(404)
  })
})

describe('the rules', () => {
  const files = [
    {
      path: 'rules/acme.yaml',
      text: 'rules:\n  - id: wants-a-sample\n    intent: interested\n    says: ["send [me] (a|the) sample"]\n    examples: [Please send me a sample]\n',
    },
  ]

  it('are published, used, shown, and taken out again', async () => {
    const { status, body } = await api.call('POST', '/v1/reply-rules', { files })
    expect([status, body.rulesVersion]).toEqual([200, expect.stringContaining('+')])
    const { signal } = await answered('send me a sample, not interested in more')
    expect(signal.understood).toMatchObject({ intent: 'interested', rule: 'wants-a-sample' })
    expect((await api.call('GET', '/v1/reply-rules')).body).toMatchObject({ own: files })
    await api.call('POST', '/v1/reply-rules', { files: [] })
    expect((await api.call('GET', '/v1/reply-rules')).body.own).toEqual([])
  })

  it('with a mistake are refused by line, and nothing is published', async () => {
    const wrong = [{ path: 'rules/acme.yaml', text: 'rules:\n  - id: x\n    intent: intrested\n' }]
    const { status, body } = await api.call('POST', '/v1/reply-rules', { files: wrong })
    expect(status).toBe(422)
    expect(body.errors.map(({ field }: { field: string }) => field)).toContain(
      'rules/acme.yaml:3:13',
    )
    expect((await api.call('GET', '/v1/reply-rules')).body.own).toEqual([])
  })
})
