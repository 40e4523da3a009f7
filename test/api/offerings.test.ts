import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { instant } from '../../src/domain/time.ts'
import { tellOfOfferings } from '../../src/leads/offerings.ts'
import { type Harness, startHarness } from './harness.ts'

let api: Harness
beforeAll(async () => {
  api = await startHarness()
})
afterAll(() => api.close())

const NOW = instant(Date.parse('2026-11-26T12:00:00Z'))
const FAMILY = { name: 'Family plan', words: ['several people'], tags: ['wants-family'] }

let people = 0
const lost = async (wanted: string | null, tags: readonly string[] = []) => {
  people += 1
  const { body } = await api.call('POST', '/v1/leads', {
    lead: { email: `lost${people}@example.com`, tags },
    dead: { reason: 'no_matching_offering', wanted, at: '2026-01-10T00:00:00Z' },
  })
  return String(body.lead.id)
}
const tell = (limit: number) =>
  api.store.transaction((trx) => tellOfOfferings(trx, { limit, now: NOW }))
const signalsOf = (leadId: string) =>
  api.store.db
    .selectFrom('signals')
    .select(['kind', 'payload'])
    .where('lead_id', '=', leadId as never)
    .execute()
const listed = async (name: string) => {
  const { body } = await api.call('GET', '/v1/offerings')
  return body.items.find((each: { name: string }) => each.name === name)
}

describe('the catalogue of offerings', () => {
  it('tells lost leads that wanted it, a few at a time and each once', async () => {
    const byWords = await lost('something for several people')
    const byTag = await lost(null, ['wants-family'])
    const other = await lost('a boat')
    const { body } = await api.call(
      'GET',
      '/v1/offerings/matches?name=Family%20plan&words=several%20people&tags=wants-family',
    )
    expect(body).toEqual({ leads: 2 })

    const added = await api.call('POST', '/v1/offerings', FAMILY)
    expect(added.status).toBe(201)
    expect(await listed('Family plan')).toMatchObject({
      leads: { waiting: 2, told: 0, passed: 0 },
    })
    expect(await tell(1)).toHaveLength(1)
    expect(await listed('Family plan')).toMatchObject({ leads: { waiting: 1, told: 1 } })
    expect(await tell(10)).toHaveLength(1)
    expect(await tell(10)).toEqual([])
    for (const leadId of [byWords, byTag]) {
      expect(await signalsOf(leadId)).toEqual([
        { kind: 'offering_added', payload: { offering: 'Family plan' } },
      ])
    }
    expect(await signalsOf(other)).toEqual([])
  })

  it('is changed: who is found besides is told, who was told is left alone', async () => {
    const { id } = await listed('Family plan')
    const sailor = await lost('a boat for the harbour')
    const changed = await api.call('PATCH', `/v1/offerings/${id}`, { words: ['boat'] })
    expect(changed.body.offering).toMatchObject({ name: 'Family plan', words: ['boat'] })
    const rings = await tell(10)
    expect(rings.map(({ leadId }) => leadId)).toContain(sailor)
    expect(rings.length).toBe(2)
  })

  it('refuses a second one of the same name, and what is not there', async () => {
    expect((await api.call('POST', '/v1/offerings', { name: 'family PLAN' })).status).toBe(409)
    expect((await api.call('PATCH', '/v1/offerings/nowhere', { words: [] })).status).toBe(404)
    expect((await api.call('DELETE', '/v1/offerings/nowhere')).status).toBe(404)
  })

  it('passes over who is no longer lost for that reason, and who waits when it is withdrawn', async () => {
    const found = await lost('a rowing machine')
    const { body } = await api.call('POST', '/v1/offerings', { name: 'Rowing machine' })
    await api.call('POST', `/v1/leads/${found}/mark-dead`, { reason: 'not_interested' })
    expect(await tell(10)).toEqual([])
    const waits = await lost('a rower for two')
    await api.call('PATCH', `/v1/offerings/${body.offering.id}`, { words: ['rower'] })
    await api.call('DELETE', `/v1/offerings/${body.offering.id}`)
    expect(await tell(10)).toEqual([])
    expect(await signalsOf(waits)).toEqual([])
    const all = await api.call('GET', '/v1/offerings?all=true')
    expect(all.body.items).toContainEqual(
      expect.objectContaining({
        name: 'Rowing machine',
        leads: { waiting: 0, told: 0, passed: 2 },
      }),
    )
  })
})
