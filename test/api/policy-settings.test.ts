import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Harness, startHarness } from './harness.ts'

let api: Harness
beforeAll(async () => {
  api = await startHarness()
})
afterAll(() => api.close())

const patch = (body: object) => api.call('PATCH', '/v1/settings', body)
const problemOf = async (body: object) => {
  const { status, body: answer } = await patch(body)
  return [status, ...answer.errors.map(({ field }: { field: string }) => field)]
}

describe('the settings of the calling hours', () => {
  it('close days, open a country, and are told as they can be sent back', async () => {
    const closedDays = [
      { date: '2026-12-24', states: ['LA'], note: 'proclaimed' },
      { date: '2026-12-31' },
    ]
    const { status, body } = await patch({ closedDays, countryPacks: ['CA'] })
    expect(status).toBe(200)
    expect(body.settings).toMatchObject({
      closedDays: [closedDays[0], { date: '2026-12-31', states: null, note: null }],
      countryPacks: ['CA'],
      overrides: [],
    })
    expect((await patch(body.settings)).body).toEqual(body)
    await patch({ closedDays: [], countryPacks: [] })
  })

  it('refuse what no rule could use, naming the field', async () => {
    expect(await problemOf({ closedDays: [{ date: '2026-02-30' }] })).toEqual([
      422,
      'closedDays.0.date',
    ])
    expect(
      await problemOf({ closedDays: [{ date: '2026-12-24', states: ['Louisiana'] }] }),
    ).toEqual([422, 'closedDays.0.states.0'])
    expect(await problemOf({ closedDays: [{ date: '2026-12-24', states: [] }] })).toEqual([
      422,
      'closedDays.0.states',
    ])
    expect(await problemOf({ countryPacks: ['MX'] })).toEqual([422, 'countryPacks.0'])
    expect(await problemOf({ overrides: [{ name: 'any-hour', why: 'we like it' }] })).toEqual([
      422,
      'overrides.0.name',
    ])
    const nameless = { name: 'address-over-area-code', why: ' ' }
    expect(await problemOf({ overrides: [nameless] })).toEqual([422, 'overrides.0.why'])
    const twice = { name: 'address-over-area-code', why: 'counsel, 12 Nov' }
    expect(await problemOf({ overrides: [twice, twice] })).toEqual([422, 'overrides'])
  })

  it('take an override with who, why and when, keep them, and write the audit log', async () => {
    const one = { name: 'address-over-area-code', why: 'our addresses are verified' }
    const taken = (await patch({ overrides: [one] })).body.settings.overrides
    expect(taken).toEqual([
      { ...one, by: expect.stringMatching(/^api:/), at: expect.stringMatching(/Z$/) },
    ])
    api.clock.now = (api.clock.now + 60_000) as typeof api.clock.now
    // Sent back with other words about who and when, it stays whose it was.
    const again = await patch({ overrides: [{ ...taken[0], by: 'api:mallory' }] })
    expect(again.body.settings.overrides).toEqual(taken)
    await patch({ overrides: [] })
    const rows = await api.store.db
      .selectFrom('audit_log')
      .select(['who', 'details'])
      .where('action', '=', 'settings')
      .orderBy('id')
      .execute()
    const told = rows.map(({ details }) => details)
    expect(told).toContainEqual({
      fields: ['overrides'],
      overridesTaken: [one],
      overridesLifted: [],
    })
    expect(told).toContainEqual({
      fields: ['overrides'],
      overridesTaken: [],
      overridesLifted: ['address-over-area-code'],
    })
  })

  it('are shown in the decisions of a lead, with the hours that are open', async () => {
    const { body } = await api.call('POST', '/v1/leads', {
      lead: { email: 'moved@example.com', phone: '+18085550142', state: 'NY' },
      consents: [{ channel: 'sms', basis: 'express_written', disclosure: 'w1', source: 'form' }],
    })
    const explain = async () => (await api.call('GET', `/v1/leads/${body.lead.id}/explain`)).body
    expect((await explain()).where.textHours.words).toMatch(
      /^Texts are legal \d+ h of an ordinary week\. The area code on file costs (35|42) h\. The state/,
    )
    await patch({ overrides: [{ name: 'address-over-area-code', why: 'verified' }] })
    const { where, channels } = await explain()
    expect(where).toMatchObject({ states: ['NY'], zones: ['America/New_York'] })
    expect(where.textHours.perWeek).toBe(91)
    const rule = channels.sms.rules.find((each: { rule: string }) => each.rule === 'calling_window')
    expect(rule.because).toContain("The company's override address-over-area-code was used.")
    await patch({ overrides: [] })
  })
})
