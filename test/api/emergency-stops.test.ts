import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Harness, startHarness } from './harness.ts'

let api: Harness
beforeAll(async () => {
  api = await startHarness()
})
afterAll(() => api.close())

const PATH = '/v1/emergency-stops'

describe('/v1/emergency-stops', () => {
  it('puts a stop on, tells what it holds, and lifts it', async () => {
    const lead = { email: 'ada@example.com', state: 'LA', source: 'webform' }
    const posted = await api.call('POST', '/v1/leads', { lead, event: 'form' })
    const leadId = posted.body.lead.id
    await api.absorb(leadId)
    const wanted = { scope: 'state', key: 'LA', because: 'hurricane' }
    const on = await api.call('POST', PATH, wanted, { 'Idempotency-Key': 'stop-1' })
    expect(on).toMatchObject({ status: 201, body: { created: true } })
    const { id } = on.body.stop
    expect(on.body.stop).toMatchObject({ stops: 'leads in Louisiana', by: 'api:tests' })
    expect((await api.call('POST', PATH, wanted)).body).toMatchObject({ created: false })

    const listed = await api.call('GET', PATH)
    expect(listed.body.items).toMatchObject([{ id, holds: { leads: 1, next: [{ id: leadId }] } }])
    const leads = await api.call('GET', `${PATH}/${id}/leads`)
    expect(leads.body).toMatchObject({ items: [{ id: leadId }], cursor: null })
    const shown = await api.call('GET', `/v1/leads/${leadId}`)
    expect(shown.body.lead).toMatchObject({ status: 'held', holds: [{ because: 'hurricane' }] })
    const { body } = await api.call('GET', `/v1/leads/${leadId}/explain`)
    expect(body.channels.email.words).toContain('An emergency stop for leads in Louisiana is on')
    expect(body.next.now.why).toBe('held: an emergency stop is on')

    const off = await api.call('DELETE', `${PATH}/${id}`)
    expect(off).toMatchObject({ status: 200, body: { stop: { id } } })
    expect(await api.call('DELETE', `${PATH}/${id}`)).toMatchObject({
      status: 404,
      body: { code: 'no_such_stop' },
    })
    expect((await api.call('GET', PATH)).body.items).toEqual([])
    const all = await api.call('GET', `${PATH}?all=true`)
    expect(all.body.items).toMatchObject([{ id, holds: null, liftedAt: expect.any(String) }])
  })

  it('names the field that is wrong, and what to write', async () => {
    const wrong = await api.call('POST', PATH, { scope: 'state', key: 'XX', because: 'x' })
    expect(wrong).toMatchObject({ status: 422, body: { errors: [{ field: 'key' }] } })
    expect((await api.call('POST', PATH, { scope: 'global' })).status).toBe(422)
    expect((await api.call('GET', `${PATH}/hold_none/leads`)).status).toBe(404)
  })
})
