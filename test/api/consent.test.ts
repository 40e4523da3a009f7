import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Harness, HOST, startHarness } from './harness.ts'

let api: Harness
beforeAll(async () => {
  api = await startHarness()
})
afterAll(() => api.close())

const call = async (path: string, init: RequestInit = {}) =>
  api.privateApp.request(`http://${HOST}${path}`, {
    ...init,
    headers: {
      Host: HOST,
      Authorization: `Bearer ${api.apiKey}`,
      ...(init.body === undefined ? {} : { 'Content-Type': 'text/csv' }),
    },
  })
const lastLine = async (response: Response) => {
  const lines = (await response.text()).trim().split('\n')
  return z.object({ done: z.record(z.string(), z.unknown()) }).parse(JSON.parse(lines.at(-1) ?? ''))
    .done
}
const disclosure = { id: 'web-1', channel: 'sms', text: 'I agree.', since: '2026-01-01T00:00:00Z' }

describe('disclosures and what sources vouch for', () => {
  it('are defined once, and a consent that names one nobody defined is taken with a warning', async () => {
    const post = (phone: string) =>
      api.call('POST', '/v1/leads', {
        lead: { phone },
        consents: [
          { channel: 'sms', basis: 'express_written', disclosure: 'web-1', source: 'form' },
        ],
      })
    const early = await post('+12125550901')
    expect(early.body.warnings).toContainEqual(
      expect.objectContaining({ field: 'consents.0.disclosure' }),
    )
    expect(early.body.channels.sms).toMatchObject({ allowed: expect.any(Boolean) })
    expect((await api.call('POST', '/v1/disclosures', disclosure)).status).toBe(201)
    expect((await api.call('POST', '/v1/disclosures', disclosure)).status).toBe(200)
    const other = await api.call('POST', '/v1/disclosures', { ...disclosure, channel: 'email' })
    expect(other.status).toBe(409)
    const later = await post('+12125550902')
    expect(later.body.warnings ?? []).not.toContainEqual(
      expect.objectContaining({ field: 'consents.0.disclosure' }),
    )
    const { body } = await api.call('GET', '/v1/disclosures')
    expect(body.items).toMatchObject([{ id: 'web-1', version: 1, text: 'I agree.' }])
    const counts = await api.call('GET', '/v1/reports/consents')
    expect(counts.body.byStrength).toEqual([{ label: 'fair', count: 2 }])
  })

  it('are attested, listed and withdrawn, all of it audited', async () => {
    const attestation = {
      source: 'bought',
      channel: 'sms',
      basis: 'express_written',
      disclosure: 'web-1',
      from: '2026-01-01T00:00:00Z',
      because: 'contract',
    }
    const made = await api.call('POST', '/v1/attestations', attestation)
    expect(made.status).toBe(201)
    const unknown = { ...attestation, disclosure: 'nowhere' }
    expect((await api.call('POST', '/v1/attestations', unknown)).status).toBe(422)
    const { id } = z.object({ id: z.string() }).parse(made.body.attestation)
    expect((await api.call('DELETE', `/v1/attestations/${id}`)).status).toBe(200)
    expect((await api.call('DELETE', `/v1/attestations/${id}`)).status).toBe(404)
    const log = await api.store.db.selectFrom('audit_log').select('action').execute()
    expect(log.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['define_disclosure', 'attest_consent', 'withdraw_attestation']),
    )
  })
})

describe('lists of people not to contact', () => {
  it('stream in with a report, and out as hashes', async () => {
    const email = 'listed@example.com'
    const { body } = await api.call('POST', '/v1/leads', { lead: { email } })
    const sent = await call('/v1/suppressions/import', {
      method: 'POST',
      body: `email\n${email}\nno address\nstranger@example.com\n`,
    })
    expect(await lastLine(sent)).toMatchObject({
      rows: 3,
      added: 2,
      rejected: 1,
      leadsStopped: 1,
      errors: [{ line: 3, field: 'email' }],
      problem: null,
    })
    expect(api.doorbell.rings.map(({ leadId }) => leadId)).toContain(body.lead.id)
    const csv = await (await call('/v1/suppressions/export')).text()
    expect(csv).toMatch(/^hash,channel,cause,reason,at,email,phone\n/)
    expect(csv).toContain(email)
    expect(csv).not.toContain('stranger')
  })

  it('tell where a file breaks off, having taken what came before', async () => {
    const sent = await call('/v1/suppressions/import', {
      method: 'POST',
      body: `email\nfine@example.com\n"open quote\n`,
    })
    expect(await lastLine(sent)).toMatchObject({ problem: { code: 'unreadable_csv' } })
  })

  it('refuse a do-not-call list from the future, and what is no CSV', async () => {
    const body = '2125550199\n'
    const ahead = await call('/v1/suppressions/import?list=dnc&asOf=2100-01-01T00:00:00Z', {
      method: 'POST',
      body,
    })
    expect(ahead.status).toBe(422)
    const json = await api.call('POST', '/v1/suppressions/import', {})
    expect(json.status).toBe(415)
  })
})
