import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Harness, startHarness } from './harness.ts'

let api: Harness
beforeAll(async () => {
  api = await startHarness()
})
afterAll(() => api.close())

const PATH = '/v1/cadences/new-lead/test-send'
const BODY = { step: 'first-reply', to: 'me@acme.example', mine: true }

describe('a test to oneself by the API', () => {
  it('is written down and can be followed', async () => {
    const lead = { firstName: 'Grace' }
    const { status, body } = await api.call('POST', PATH, { ...BODY, lead })
    expect(status).toBe(202)
    expect(body.test).toMatchObject({ channel: 'email', state: 'due', cadence: 'new-lead' })
    expect(body.test.subject).toMatch(/^\[Test\] /)
    expect(body.test.text).toContain('Grace')
    const seen = await api.call('GET', `/v1/test-sends/${body.test.id}`)
    expect(seen.body).toEqual(body)
    expect(await api.call('GET', '/v1/test-sends/test_none')).toMatchObject({ status: 404 })
  })

  it('is sent to nobody who is not said to be oneself, and says what is wrong', async () => {
    const { mine, ...others } = BODY
    expect(mine).toBe(true)
    expect(await api.call('POST', PATH, others)).toMatchObject({ status: 422 })
    const unknown = await api.call('POST', '/v1/cadences/nwe-lead/test-send', BODY)
    expect(unknown).toMatchObject({ status: 404, body: { code: 'no_such_cadence' } })
    expect(unknown.body.fix).toContain('new-lead')
    const call = await api.call('POST', PATH, { ...BODY, step: 'first-call' })
    expect(call).toMatchObject({ status: 422, body: { code: 'invalid_field' } })
  })
})
