import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Harness, leadRow, startHarness } from './harness.ts'

let api: Harness
beforeAll(async () => {
  api = await startHarness()
})
afterAll(() => api.close())
beforeEach(() => {
  api.doorbell.rings.length = 0
  api.doorbell.healthy = true
})

let serial = 0
/** A person nobody posted before; the numbers are kept for fiction. */
function person(more: Record<string, unknown> = {}) {
  serial += 1
  return {
    firstName: 'Ada',
    email: `ada${serial}@example.com`,
    phone: `+1212555${String(100 + (serial % 100)).padStart(4, '0')}`,
    state: 'NY',
    source: 'webform',
    ...more,
  }
}
const alone = (more: Record<string, unknown> = {}) => ({ ...person(more), phone: undefined })

describe('posting a new lead', () => {
  it('enrols it in the default cadence and rings once, at the highest priority', async () => {
    const { status, body } = await api.call('POST', '/v1/leads', { lead: alone() })
    expect(status).toBe(201)
    expect(body.enrollment).toEqual({ status: 'started' })
    expect(body.lead.status).toBe('nurturing')
    expect(body.channels.email).toEqual({ allowed: true })
    expect(body.channels.sms).toMatchObject({ allowed: false, rule: expect.any(String) })
    expect(api.doorbell.rings).toEqual([
      { leadId: body.lead.id, seq: 1, kind: 'enroll', priority: 1 },
    ])
    await api.absorb(body.lead.id)
    const after = await api.call('GET', `/v1/leads/${body.lead.id}`)
    expect(after.body.lead.cadence.name).toBe('new-lead')
  })

  it('is held when it is posted with no cadence, and goes on once it is enrolled', async () => {
    const { body } = await api.call('POST', '/v1/leads', { lead: alone(), cadence: null })
    expect(body.enrollment.status).toBe('refused')
    expect(body.lead).toMatchObject({ status: 'held', holds: [{ kind: 'no_cadence' }] })
    await api.call('POST', `/v1/leads/${body.lead.id}/resume`, {})
    await api.call('POST', `/v1/leads/${body.lead.id}/enroll`, { cadence: 'new-lead' })
    await api.absorb(body.lead.id)
    const after = await api.call('GET', `/v1/leads/${body.lead.id}`)
    expect(after.body.lead).toMatchObject({ status: 'nurturing', holds: [] })
  })

  it('names the field and the known cadences when the cadence is not published', async () => {
    const { status, body } = await api.call('POST', '/v1/leads', {
      lead: alone(),
      cadence: 'new-leed',
    })
    expect(status).toBe(422)
    expect(body.errors).toEqual([
      { field: 'cadence', message: expect.any(String), fix: 'Did you mean "new-lead"?' },
    ])
  })

  it('opens texts for a lead that gave written consent, and records who gave it', async () => {
    const consent = {
      channel: 'sms',
      basis: 'express_written',
      disclosure: 'web-1',
      source: 'https://acme.example/quote',
    }
    const { body } = await api.call('POST', '/v1/leads', {
      lead: person(),
      consents: [consent],
      event: 'form',
    })
    expect(body.channels.sms).toEqual({ allowed: true })
    const rows = await api.store.db
      .selectFrom('consents')
      .selectAll()
      .where('lead_id', '=', body.lead.id)
      .execute()
    expect(rows).toMatchObject([{ by_lead: true, basis: 'express_written' }])
    const synced = await api.call('POST', '/v1/leads', { lead: person(), consents: [consent] })
    const others = await api.store.db
      .selectFrom('consents')
      .select('by_lead')
      .where('lead_id', '=', synced.body.lead.id)
      .execute()
    expect(others).toEqual([{ by_lead: false }])
  })

  it('counts a consent from the future from now on, and says so', async () => {
    const { body } = await api.call('POST', '/v1/leads', {
      lead: person(),
      consents: [{ channel: 'sms', basis: 'express', at: '2099-01-01T00:00:00Z', source: 'form' }],
    })
    expect(body.warnings).toMatchObject([{ field: 'consents.0.at' }])
    const row = await api.store.db
      .selectFrom('consents')
      .select('at')
      .where('lead_id', '=', body.lead.id)
      .executeTakeFirstOrThrow()
    expect(row.at).toBe(api.clock.now)
  })

  it('warns of a phone that is never texted and of a zone that is none', async () => {
    const { body } = await api.call('POST', '/v1/leads', {
      lead: { email: 'zone@example.com', phone: '+442079460018', timezone: 'Mars/Olympus' },
    })
    expect(body.warnings.map(({ field }: { field: string }) => field).sort()).toEqual([
      'lead.phone',
      'lead.timezone',
    ])
  })

  it('answers 202 and queued while Temporal is away', async () => {
    api.doorbell.healthy = false
    const { status, body } = await api.call('POST', '/v1/leads', { lead: alone() })
    expect(status).toBe(202)
    expect(body.enrollment.status).toBe('queued')
  })

  it('refuses one that nobody could reach', async () => {
    const { status, body } = await api.call('POST', '/v1/leads', { lead: { firstName: 'Ada' } })
    expect(status).toBe(422)
    expect(body.errors[0].field).toBe('lead.email')
  })
})

describe('a body that is wrong', () => {
  it.each([
    [{ lead: { emial: 'a@example.com' } }, 'lead.emial', 'Did you mean "email"?'],
    [{ lead: { email: 'not an address' } }, 'lead.email', expect.any(String)],
    [{ lead: { email: 'a@example.com', phone: '12' } }, 'lead.phone', expect.any(String)],
    [
      { lead: { email: 'a@example.com', cost: { amount: 12, currency: 'USD' } } },
      'lead.cost.amount',
      expect.any(String),
    ],
    [{ lead: { email: 'a@example.com' }, event: 'from' }, 'event', 'Did you mean "form"?'],
    [{ lead: { email: 'a@example.com' }, cadance: 'x' }, 'cadance', 'Did you mean "cadence"?'],
    [{}, 'lead', expect.any(String)],
    [
      {
        lead: { email: 'a@example.com' },
        consents: [{ channel: 'sms', basis: 'express', at: 'yesterday', source: 'x' }],
      },
      'consents.0.at',
      expect.stringContaining('2026-11-22T15:04:05Z'),
    ],
    [
      { lead: { email: 'a@example.com' }, dead: { reason: 'lazy' } },
      'dead.reason',
      expect.any(String),
    ],
  ])('%j names %s and what to write', async (body, field, fix) => {
    const answer = await api.call('POST', '/v1/leads', body)
    expect(answer.status).toBe(422)
    expect(answer.response.headers.get('Content-Type')).toBe('application/problem+json')
    expect(answer.body.errors).toContainEqual({ field, message: expect.any(String), fix })
    expect(answer.body).toMatchObject({
      status: 422,
      code: expect.any(String),
      fix: expect.any(String),
    })
  })

  it('is told when it is no JSON at all, or not declared as such', async () => {
    expect((await api.call('POST', '/v1/leads', '{"lead":')).body.code).toBe('malformed_json')
    const plain = await api.call('POST', '/v1/leads', '{}', { 'Content-Type': 'text/plain' })
    expect(plain.status).toBe(415)
  })
})

describe('matching', () => {
  it('goes by external id, then email, then phone', async () => {
    const first = person({ externalId: 'crm-match' })
    const { body: made } = await api.call('POST', '/v1/leads', { lead: first })
    const by = async (lead: object) => (await api.call('POST', '/v1/leads', { lead })).body.lead.id
    expect(await by({ externalId: 'crm-match', firstName: 'Eve' })).toBe(made.lead.id)
    expect(await by({ email: first.email.toUpperCase() })).toBe(made.lead.id)
    expect(await by({ phone: first.phone })).toBe(made.lead.id)
    const { body } = await api.call('GET', `/v1/leads/${made.lead.id}`)
    expect(body.lead.firstName).toBe('Eve')
  })

  it('never merges people with different emails by their phone', async () => {
    const phone = '+13105550111'
    const a = await api.call('POST', '/v1/leads', { lead: { email: 'house-a@example.com', phone } })
    const b = await api.call('POST', '/v1/leads', { lead: { email: 'house-b@example.com', phone } })
    expect(b.status).toBe(201)
    expect(b.body.lead.id).not.toBe(a.body.lead.id)
    const again = await api.call('POST', '/v1/leads', {
      lead: { email: 'house-b@example.com', phone },
    })
    expect(again.body.lead.id).toBe(b.body.lead.id)
    expect((await api.call('POST', '/v1/leads', { lead: { phone } })).status).toBe(409)
  })

  it('refuses the email of one with the phone of another, naming both', async () => {
    const one = await api.call('POST', '/v1/leads', {
      lead: { email: 'one@example.com', phone: '+13105550112' },
    })
    const two = await api.call('POST', '/v1/leads', {
      lead: { email: 'two@example.com', phone: '+13105550113' },
    })
    const mixed = await api.call('POST', '/v1/leads', {
      lead: { email: 'one@example.com', phone: '+13105550113' },
    })
    expect(mixed.status).toBe(409)
    expect(mixed.body.leadIds).toEqual([one.body.lead.id, two.body.lead.id])
  })

  it('gives a lead that was known by phone alone its email', async () => {
    const phone = '+13105550114'
    const known = await api.call('POST', '/v1/leads', { lead: { phone } })
    const named = await api.call('POST', '/v1/leads', {
      lead: { phone, email: 'named@example.com' },
    })
    expect(named.body.lead).toMatchObject({ id: known.body.lead.id, email: 'named@example.com' })
  })

  it('makes one lead of two posts at once', async () => {
    const lead = person({ externalId: 'crm-race' })
    const posts = await Promise.all(
      Array.from({ length: 6 }, () => api.call('POST', '/v1/leads', { lead })),
    )
    expect(new Set(posts.map(({ body }) => body.lead.id)).size).toBe(1)
    expect(posts.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200, 200, 200, 200, 200, 201,
    ])
  })
})

describe('an Idempotency-Key', () => {
  const counts = async (leadId: string) =>
    (
      await api.store.db
        .selectFrom('signals')
        .select('id')
        .where('lead_id', '=', leadId as never)
        .execute()
    ).length

  it('makes the same post one post, with the same answer', async () => {
    const post = { lead: alone(), event: 'form' }
    const headers = { 'Idempotency-Key': 'key-1' }
    const first = await api.call('POST', '/v1/leads', post, headers)
    const second = await api.call('POST', '/v1/leads', post, headers)
    expect(second.body).toEqual(first.body)
    expect(await counts(first.body.lead.id)).toBe(1)
    expect(api.doorbell.rings).toHaveLength(1)
  })

  it('refuses another body', async () => {
    const headers = { 'Idempotency-Key': 'key-2' }
    await api.call('POST', '/v1/leads', { lead: alone() }, headers)
    const other = await api.call('POST', '/v1/leads', { lead: alone() }, headers)
    expect(other.status).toBe(422)
    expect(other.body.code).toBe('idempotency_key_reused')
  })

  it('holds when both come at once', async () => {
    const post = { lead: alone(), event: 'form' }
    const headers = { 'Idempotency-Key': 'key-3' }
    const [a, b] = await Promise.all([
      api.call('POST', '/v1/leads', post, headers),
      api.call('POST', '/v1/leads', post, headers),
    ])
    expect(a?.body).toEqual(b?.body)
    expect(await counts(a?.body.lead.id)).toBe(1)
  })

  it('is free again when the request was refused', async () => {
    const headers = { 'Idempotency-Key': 'key-4' }
    const lead = alone()
    const wrong = await api.call('POST', '/v1/leads', { lead, cadence: 'none-such' }, headers)
    expect(wrong.status).toBe(422)
    expect((await api.call('POST', '/v1/leads', { lead }, headers)).status).toBe(201)
  })
})

describe('posting a lead that is known', () => {
  const makeDead = async (lead: object, dead: object = { reason: 'unresponsive' }) =>
    (await api.call('POST', '/v1/leads', { lead, dead })).body.lead.id

  it('says "already" for the same cadence, and moves it up only', async () => {
    const lead = alone()
    const { body } = await api.call('POST', '/v1/leads', { lead, cadence: 'welcome-back' })
    await api.absorb(body.lead.id)
    const post = async (more: object) =>
      (await api.call('POST', '/v1/leads', { lead, ...more })).body.enrollment
    expect(await post({})).toEqual({ status: 'already' })
    expect(await post({ cadence: 'welcome-back' })).toEqual({ status: 'already' })
    expect(await post({ cadence: 'new-lead' })).toEqual({ status: 'replaced' })
    await api.absorb(body.lead.id)
    expect(await post({ cadence: 'welcome-back' })).toMatchObject({
      status: 'refused',
      reason: expect.stringContaining('priority'),
    })
  })

  it('does not enrol twice what the planner has not seen yet', async () => {
    const lead = alone()
    await api.call('POST', '/v1/leads', { lead })
    const again = await api.call('POST', '/v1/leads', { lead, cadence: 'new-lead' })
    expect(again.body.enrollment).toEqual({ status: 'already' })
  })

  it('revives a dead lead by its form, and by a sync never', async () => {
    const lead = alone({ externalId: 'crm-dead' })
    const leadId = await makeDead(lead)
    const sync = await api.call('POST', '/v1/leads', { lead: { ...lead, phone: '+12125550177' } })
    expect(sync.body.enrollment.status).toBe('refused')
    expect(sync.body.lead.phone).toBe('+12125550177')
    await api.absorb(leadId)
    expect((await leadRow(api.store, leadId)).status).toBe('dead')
    const form = await api.call('POST', '/v1/leads', { lead, event: 'form' })
    expect(form.body.enrollment).toEqual({ status: 'started' })
    await api.absorb(leadId)
    expect((await leadRow(api.store, leadId)).status).toBe('nurturing')
  })

  it('revives who opted out only with a fresh consent of their own', async () => {
    const lead = alone()
    const leadId = await makeDead(lead, { reason: 'opted_out', at: '2026-01-01' })
    const without = await api.call('POST', '/v1/leads', { lead, event: 'form' })
    expect(without.body.enrollment.status).toBe('refused')
    expect(without.body.channels.email).toMatchObject({ allowed: false, rule: 'suppression' })
    const consents = [{ channel: 'email', basis: 'express', source: 'https://acme.example/back' }]
    const sync = await api.call('POST', '/v1/leads', { lead, consents })
    expect(sync.body.channels.email.allowed).toBe(false)
    const form = await api.call('POST', '/v1/leads', { lead, consents, event: 'form' })
    expect(form.body.enrollment).toEqual({ status: 'started' })
    expect(form.body.channels.email).toEqual({ allowed: true })
    await api.absorb(leadId)
    expect((await leadRow(api.store, leadId)).status).toBe('nurturing')
  })

  it('makes its plan stale when it may be elsewhere, and leaves it when nothing changed', async () => {
    const lead = alone()
    const { body } = await api.call('POST', '/v1/leads', { lead })
    await api.absorb(body.lead.id)
    const before = await leadRow(api.store, body.lead.id)
    await api.call('POST', '/v1/leads', { lead })
    expect((await leadRow(api.store, body.lead.id)).revision).toBe(before.revision)
    await api.call('POST', '/v1/leads', { lead: { ...lead, state: 'CA' } })
    expect((await leadRow(api.store, body.lead.id)).revision).toBe(before.revision + 1)
  })

  it('keeps a suppression over a lead that is erased and comes again', async () => {
    const lead = alone()
    const { body } = await api.call('POST', '/v1/leads', { lead }, { 'Idempotency-Key': 'gone-1' })
    const erased = await api.call('DELETE', `/v1/leads/${body.lead.id}`)
    expect(erased.body.lead).toMatchObject({ status: 'erased', email: null, firstName: null })
    const again = await api.call('POST', '/v1/leads', { lead })
    expect(again.status).toBe(201)
    expect(again.body.channels.email).toMatchObject({ allowed: false, rule: 'suppression' })
    const replay = await api.call('POST', '/v1/leads', { lead }, { 'Idempotency-Key': 'gone-1' })
    expect(JSON.stringify(replay.body)).not.toContain(lead.email)
  })
})

describe('an old dead lead', () => {
  it('is loaded with its reason, and its overdue check-in is spread out', async () => {
    const days: number[] = []
    for (let index = 0; index < 8; index += 1) {
      const { body } = await api.call('POST', '/v1/leads', {
        lead: alone(),
        dead: {
          reason: 'competitor',
          competitor: 'Other',
          contractEnds: '2025-01-01',
          at: '2024-03-01',
        },
      })
      expect(body.lead).toMatchObject({
        status: 'dead',
        dead: {
          reason: 'competitor',
          since: '2024-03-01T00:00:00Z',
          details: { competitor: 'Other' },
        },
      })
      const row = await leadRow(api.store, body.lead.id)
      const wait = (row.check_in_at ?? 0) - api.clock.now
      expect(wait).toBeGreaterThan(0)
      days.push(Math.floor(wait / 86_400_000))
    }
    expect(new Set(days).size).toBeGreaterThan(3)
  })

  it('starts no workflow when nothing of ours would wake it', async () => {
    const { body } = await api.call('POST', '/v1/leads', {
      lead: alone(),
      dead: { reason: 'hostile', words: 'leave me alone' },
    })
    expect(api.doorbell.rings).toEqual([])
    expect((await leadRow(api.store, body.lead.id)).next_kind).toBe('done')
  })
})
