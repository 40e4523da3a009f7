import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Ajv from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ensureFirstKeys, keyFileIn, workingKeys } from '../../src/api/first-keys.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import { findKey } from '../../src/store/company/api-keys.ts'
import { openMemoryStore } from '../support/stores.ts'
import { type Harness, HOST, type Loose, leadRow, startHarness } from './harness.ts'

let api: Harness
beforeAll(async () => {
  api = await startHarness()
})
afterAll(() => api.close())
beforeEach(() => {
  api.doorbell.rings.length = 0
  api.doorbell.healthy = true
})

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
let serial = 0
async function newLead(more: Record<string, unknown> = {}): Promise<LeadId> {
  serial += 1
  const lead = { email: `priv${serial}@example.com`, firstName: 'Ada', ...more }
  const { body } = await api.call('POST', '/v1/leads', { lead })
  await api.absorb(body.lead.id)
  api.doorbell.rings.length = 0
  return body.lead.id
}
const act = (leadId: LeadId, name: string, body: unknown = {}) =>
  api.call('POST', `/v1/leads/${leadId}/${name}`, body)

describe('who may call', () => {
  const ask = (headers: Record<string, string>, path = '/v1/leads') =>
    api.privateApp.request(`http://${HOST}${path}`, { headers })

  it('wants an api key, in either header, and no other kind', async () => {
    expect((await ask({ 'X-API-Key': api.apiKey })).status).toBe(200)
    for (const headers of [
      {},
      { Authorization: 'Bearer rk_wrong' },
      { Authorization: `Bearer ${api.writeKey}` },
      { Authorization: `Basic ${api.apiKey}` },
    ]) {
      const answer = await ask(headers)
      expect(answer.status).toBe(401)
      expect(await answer.json()).toMatchObject({ code: 'api_key_needed', fix: expect.any(String) })
    }
  })

  it('answers to its own hosts only, and to no page of another site', async () => {
    const key = { 'X-API-Key': api.apiKey }
    const rebound = await api.privateApp.request('http://rebound.example/v1/leads', {
      headers: key,
    })
    expect(rebound.status).toBe(403)
    expect((await ask({ ...key, Host: 'evil.example' })).status).toBe(403)
    expect((await ask({ ...key, Origin: 'https://evil.example' })).status).toBe(403)
    expect((await ask({ ...key, Origin: 'null' })).status).toBe(403)
    expect((await ask({ ...key, Origin: `http://${HOST}` })).status).toBe(200)
  })

  it('makes two keys at the first start, in a file for its user alone, and none at the second', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rekindle-keys-'))
    const store = await openMemoryStore()
    const first = await ensureFirstKeys(store, folder, api.clock.now)
    expect(await ensureFirstKeys(store, folder, api.clock.now)).toBeNull()
    expect(statSync(keyFileIn(folder)).mode & 0o777).toBe(0o600)
    expect(await workingKeys(store, folder)).toEqual(first)
    expect(await findKey(store.db, first?.api ?? '', 'api')).not.toBeNull()
    expect(await findKey(store.db, first?.api ?? '', 'write')).toBeNull()
    await store.close()
    rmSync(folder, { recursive: true })
  })

  it('takes a key that was made, until it is revoked', async () => {
    const made = await api.call('POST', '/v1/keys', { name: 'crm', purpose: 'api' })
    expect(made.status).toBe(201)
    const headers = { Authorization: `Bearer ${made.body.key}` }
    expect((await api.call('GET', '/v1/tasks', undefined, headers)).status).toBe(200)
    await api.call('DELETE', `/v1/keys/${made.body.id}`)
    expect((await api.call('GET', '/v1/tasks', undefined, headers)).status).toBe(401)
    const { body } = await api.call('GET', '/v1/keys')
    expect(JSON.stringify(body)).not.toContain(made.body.key)
  })
})

describe('the docs', () => {
  it('describe every body with an example that the body’s own schema takes', async () => {
    const response = await api.privateApp.request(`http://${HOST}/openapi.json`)
    const document: Loose = await response.json()
    expect(document.openapi).toBe('3.1.0')
    const ajv = new Ajv.default({ strict: false })
    addFormats.default(ajv)
    ajv.addFormat('ip', true)
    let bodies = 0
    for (const [path, operations] of Object.entries<Loose>(document.paths)) {
      for (const [method, operation] of Object.entries<Loose>(operations)) {
        const content = operation.requestBody?.content?.['application/json']
        if (content === undefined) continue
        bodies += 1
        expect(content.example, `${method} ${path}`).toBeDefined()
        const valid = ajv.compile({ ...content.schema, components: document.components })
        expect(valid(content.example), `${method} ${path}: ${ajv.errorsText(valid.errors)}`).toBe(
          true,
        )
      }
    }
    expect(bodies).toBeGreaterThan(18)
    expect(Object.keys(document.paths)).toContain('/v1/leads/{id}/send-now')
  })

  it('are a page that loads nothing from elsewhere', async () => {
    const page = await (await api.privateApp.request(`http://${HOST}/docs`)).text()
    expect(page).not.toMatch(/https?:\/\//)
    for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js', 'start.js']) {
      expect((await api.privateApp.request(`http://${HOST}/docs/${file}`)).status).toBe(200)
    }
    expect((await api.privateApp.request(`http://${HOST}/docs/package.json`)).status).toBe(404)
  })
})

describe('listing leads', () => {
  it('pages through all of them, each once', async () => {
    for (let index = 0; index < 5; index += 1) await newLead({ lastName: 'Paged' })
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const { body }: Loose = await api.call(
        'GET',
        `/v1/leads?q=Paged&limit=2${cursor === null ? '' : `&cursor=${cursor}`}`,
      )
      seen.push(...body.items.map(({ id }: { id: string }) => id))
      cursor = body.cursor
    } while (cursor !== null)
    expect(seen).toHaveLength(5)
    expect(new Set(seen).size).toBe(5)
  })

  it('refuses a cursor that is of no page, rather than starting over', async () => {
    for (const cursor of ['garbage', Buffer.from('soon lead_1').toString('base64url')]) {
      const { status, body } = await api.call('GET', `/v1/leads?cursor=${cursor}`)
      expect(status).toBe(422)
      expect(body.errors[0].field).toBe('cursor')
    }
  })

  it('finds by name, address and number, and takes % for itself', async () => {
    const leadId = await newLead({ phone: '+12125550181', company: '100% Example' })
    const find = async (q: string) =>
      (await api.call('GET', `/v1/leads?q=${encodeURIComponent(q)}`)).body.items.map(
        ({ id }: { id: string }) => id,
      )
    expect(await find('(212) 555-0181')).toEqual([leadId])
    expect(await find('100% ex')).toEqual([leadId])
    expect(await find('%%%')).toEqual([])
  })

  it('filters by status and reason, and tells of held ones apart', async () => {
    const held = await newLead({ lastName: 'Filter' })
    const dead = await newLead({ lastName: 'Filter' })
    await act(held, 'pause')
    await act(dead, 'mark-dead', { reason: 'competitor', competitor: 'Other' })
    const ids = async (query: string) =>
      (await api.call('GET', `/v1/leads?q=Filter&${query}`)).body.items.map(
        ({ id }: { id: string }) => id,
      )
    expect(await ids('status=held')).toEqual([held])
    expect(await ids('status=nurturing')).toEqual([])
    expect(await ids('status=dead&reason=competitor')).toEqual([dead])
    expect(await ids('status=dead&reason=spam')).toEqual([])
    expect((await api.call('GET', '/v1/leads?status=lost')).status).toBe(422)
    expect((await api.call('GET', '/v1/leads?statu=dead')).body.errors[0].fix).toContain('status')
  })

  it('shows who is stuck: open, heard, and with nothing to come', async () => {
    const leadId = await newLead({ lastName: 'Stuck' })
    const stuck = async () =>
      (await api.call('GET', '/v1/leads?q=Stuck&stuck=true')).body.items.length
    expect(await stuck()).toBe(0)
    await api.store.db
      .updateTable('leads')
      .set({ rung_revision: 99, next_at: null })
      .where('id', '=', leadId)
      .execute()
    expect(await stuck()).toBe(1)
    const metrics = await (await api.privateApp.request(`http://${HOST}/metrics`)).text()
    expect(metrics).toMatch(/^rekindle_leads_stuck 1$/m)
    await act(leadId, 'pause')
    expect(await stuck()).toBe(0)
  })
})

describe('acting on a lead', () => {
  it('pauses and resumes, with 200, and 202 while Temporal is away', async () => {
    const leadId = await newLead()
    const paused = await act(leadId, 'pause', { because: 'Sam calls first' })
    expect(paused.status).toBe(200)
    expect(paused.body.lead).toMatchObject({
      status: 'held',
      holds: [{ because: 'Sam calls first' }],
      // The plan from before holds no more.
      next: { kind: 'unplanned', at: null, words: null },
    })
    api.doorbell.healthy = false
    const resumed = await act(leadId, 'resume')
    expect(resumed.status).toBe(202)
    expect(resumed.body.lead).toMatchObject({ status: 'nurturing', holds: [] })
    expect(api.doorbell.rings.map(({ kind }) => kind)).toEqual(['pause', 'resume'])
  })

  it('takes back what was intended before it answers', async () => {
    const leadId = await newLead()
    const lead = await leadRow(api.store, leadId)
    const { hash } = await api.store.db
      .selectFrom('contact_points')
      .select('hash')
      .where('lead_id', '=', leadId)
      .executeTakeFirstOrThrow()
    await api.store.db
      .insertInto('touches')
      .values({
        id: `touch_${leadId}` as never,
        lead_id: leadId,
        episode_id: lead.episode_id as never,
        step_id: 'first-reply',
        visit: 1,
        attempt: 1,
        channel: 'email',
        class: 'marketing',
        template_version_id: null,
        contact_hash: hash,
        state: 'intent',
        dispatch_token: null,
        message_id: null,
        provider_id: null,
        failure_kind: null,
        failure_code: null,
        because: null,
        evidence: null,
        subject: null,
        text: null,
        html: null,
        intent_at: api.clock.now,
        dispatched_at: null,
        dispatched_wall_at: null,
        settled_at: null,
        delivered_at: null,
        retry_after_ms: null,
      })
      .execute()
    await act(leadId, 'mark-dead', { reason: 'not_interested', words: 'no thanks' })
    const touch = await api.store.db
      .selectFrom('touches')
      .select('state')
      .where('lead_id', '=', leadId)
      .executeTakeFirstOrThrow()
    expect(touch.state).toBe('abandoned')
  })

  it('holds for a while or until an instant, and refuses the past', async () => {
    const leadId = await newLead()
    const held = await act(leadId, 'hold', { for: '7d' })
    expect(Date.parse(held.body.lead.holds[0].until) - api.clock.now).toBe(7 * 86_400_000)
    expect((await act(leadId, 'hold', { until: '2020-01-01T00:00:00Z' })).status).toBe(422)
    expect((await act(leadId, 'hold', {})).body.errors[0].field).toBe('until')
  })

  it('skips, jumps and sends now inside the cadence, and names the steps there are', async () => {
    const leadId = await newLead()
    await act(leadId, 'skip')
    await api.absorb(leadId)
    const step = async () => (await api.call('GET', `/v1/leads/${leadId}`)).body.lead.cadence.step
    expect(await step()).toBe('hello')
    const wrong = await act(leadId, 'jump', { step: 'comon-questions' })
    expect(wrong.body.errors[0].fix).toContain('common-questions')
    await act(leadId, 'jump', { step: 'common-questions' })
    await api.absorb(leadId)
    expect(await step()).toBe('common-questions')
    expect((await act(leadId, 'send-now')).status).toBe(200)
  })

  it('says why not, and what to do, when the lead’s state does not allow it', async () => {
    const leadId = await newLead()
    expect((await act(leadId, 'revive')).body).toMatchObject({
      status: 409,
      code: 'not_in_this_state',
      fix: expect.stringContaining('Enroll'),
    })
    await act(leadId, 'mark-dead', { reason: 'unresponsive' })
    expect((await act(leadId, 'pause')).status).toBe(409)
    expect((await act(leadId, 'skip')).status).toBe(409)
    expect((await act(leadId, 'revive')).status).toBe(200)
    expect((await act('lead_none' as LeadId, 'pause')).status).toBe(404)
  })

  it('moves to a cadence of lower priority only when told twice', async () => {
    const leadId = await newLead()
    expect((await act(leadId, 'enroll', { cadence: 'new-lead' })).body.enrollment.status).toBe(
      'already',
    )
    const lower = await act(leadId, 'enroll', { cadence: 'welcome-back' })
    expect(lower.body).toMatchObject({ status: 409, code: 'cadence_of_lower_priority' })
    const forced = await act(leadId, 'enroll', { cadence: 'welcome-back', replace: true })
    expect(forced.body.enrollment.status).toBe('replaced')
  })

  it('stops a person on every lead of theirs, and keeps it from reviving', async () => {
    const phone = '+12125550191'
    const one = await newLead({ phone })
    const other = await newLead({ phone })
    await act(one, 'opt-out', { channel: 'all', how: 'by letter', words: 'stop it' })
    expect((await leadRow(api.store, one)).dead_reason).toBe('opted_out')
    const { body } = await api.call('GET', `/v1/leads/${other}/explain`)
    expect(body.channels.sms).toMatchObject({ allowed: false })
    expect((await act(one, 'enroll', { cadence: 'new-lead' })).status).toBe(409)
  })

  it('suppresses whom sales says has opted out', async () => {
    const leadId = await newLead()
    const { email } = (await api.call('GET', `/v1/leads/${leadId}`)).body.lead
    await act(leadId, 'disposition', {
      outcome: 'dead',
      dead: { reason: 'opted_out', how: 'on the phone' },
    })
    const { hash } = await api.store.db
      .selectFrom('contact_points')
      .select('hash')
      .where('value', '=', email)
      .executeTakeFirstOrThrow()
    const rows = await api.store.db
      .selectFrom('suppressions')
      .select(['cause', 'channel'])
      .where('contact_hash', '=', hash)
      .execute()
    expect(rows).toEqual([{ cause: 'operator', channel: 'all' }])
  })

  it('asks for what a disposition needs', async () => {
    const leadId = await newLead()
    expect((await act(leadId, 'disposition', { outcome: 'later' })).body.errors[0].field).toBe(
      'until',
    )
    expect((await act(leadId, 'disposition', { outcome: 'dead' })).body.errors[0].field).toBe(
      'dead',
    )
    const ok = await act(leadId, 'disposition', { outcome: 'interested' })
    expect(ok.body.lead.status).toBe('engaged')
  })

  it('writes who did what into the audit log, without words about the person', async () => {
    const leadId = await newLead()
    await act(leadId, 'mark-dead', { reason: 'hostile', words: 'very rude words' })
    const rows = await api.store.db
      .selectFrom('audit_log')
      .selectAll()
      .where('lead_id', '=', leadId)
      .execute()
    expect(rows).toMatchObject([
      { who: 'api:tests', action: 'mark_dead', details: { reason: 'hostile' } },
    ])
    expect(JSON.stringify(rows)).not.toContain('rude')
  })

  it('patches: new contact data revives a lead that could not be reached', async () => {
    const leadId = await newLead()
    await act(leadId, 'mark-dead', {
      reason: 'bad_contact_info',
      contactPoint: 'email',
      how: 'bounced',
    })
    await api.absorb(leadId)
    const patched = await api.call('PATCH', `/v1/leads/${leadId}`, { email: 'new-way@example.com' })
    expect(patched.body.lead.email).toBe('new-way@example.com')
    await api.absorb(leadId)
    expect((await leadRow(api.store, leadId)).status).toBe('nurturing')
    const other = await newLead()
    const taken = await api.call('PATCH', `/v1/leads/${other}`, { email: 'new-way@example.com' })
    expect(taken.body).toMatchObject({ status: 409, leadIds: [other, leadId] })
  })

  it('records consents: only what the lead gave in person lifts a stop', async () => {
    const leadId = await newLead({ phone: '+12125550192' })
    await act(leadId, 'opt-out', { channel: 'sms' })
    api.clock.now = (api.clock.now + 60_000) as never
    const consent = {
      channel: 'sms',
      basis: 'express_written',
      disclosure: 'paper-1',
      source: 'paper form',
    }
    const sms = async () => (await api.call('GET', `/v1/leads/${leadId}/explain`)).body.channels.sms
    await act(leadId, 'consents', { consents: [consent] })
    expect((await sms()).rules.find((rule: Loose) => rule.rule === 'suppression').verdict).toBe(
      'deny',
    )
    await act(leadId, 'consents', { consents: [consent], byLead: true })
    expect((await sms()).rules.find((rule: Loose) => rule.rule === 'suppression').verdict).toBe(
      'allow',
    )
  })
})

describe('what other systems report', () => {
  it('knows the lead by any one name, and an event by its id', async () => {
    const leadId = await newLead({ externalId: 'crm-sig', phone: '+12125550193' })
    const lead = (await api.call('GET', `/v1/leads/${leadId}`)).body.lead
    for (const about of [
      { leadId },
      { externalId: 'crm-sig' },
      { email: lead.email },
      { phone: lead.phone },
    ]) {
      const { body } = await api.call('POST', '/v1/signals', {
        type: 'call',
        outcome: 'no answer',
        ...about,
      })
      expect(body).toMatchObject({ leadId, status: 'accepted' })
    }
    const event = { type: 'visit', leadId, id: 'evt-1', page: 'https://acme.example/a?x=1' }
    expect((await api.call('POST', '/v1/signals', event)).body.status).toBe('accepted')
    expect((await api.call('POST', '/v1/signals', event)).body.status).toBe('repeated')
    const timeline = await api.call('GET', `/v1/leads/${leadId}/timeline`)
    expect(JSON.stringify(timeline.body)).not.toContain('x=1')
  })

  it('wants exactly one name, and one that is known', async () => {
    expect((await api.call('POST', '/v1/signals', { type: 'visit' })).status).toBe(422)
    const both = { type: 'visit', leadId: 'a', email: 'b@example.com' }
    expect((await api.call('POST', '/v1/signals', both)).status).toBe(422)
    const nobody = { type: 'visit', visitorId: 'visitor_none' }
    expect((await api.call('POST', '/v1/signals', nobody)).status).toBe(404)
    const { status, body } = await api.call('POST', '/v1/signals', { type: 'vsit', leadId: 'a' })
    expect(status).toBe(422)
    expect(body.errors).toMatchObject([{ field: 'type', fix: expect.stringContaining('visit') }])
  })

  it('hands a lead that replied to a person', async () => {
    const leadId = await newLead()
    await api.call('POST', '/v1/signals', {
      type: 'reply',
      leadId,
      channel: 'email',
      text: 'Call me',
    })
    expect((await leadRow(api.store, leadId)).status).toBe('engaged')
    const { body } = await api.call('GET', `/v1/tasks?leadId=${leadId}`)
    expect(body.items).toMatchObject([{ kind: 'reply', leadId }])
    await api.call('POST', `/v1/tasks/${body.items[0].id}/done`, {})
    expect((await api.call('GET', `/v1/tasks?leadId=${leadId}`)).body.items).toEqual([])
  })
})

describe('one lead’s story', () => {
  it('is told in order, explained by the rules, and exported whole', async () => {
    const leadId = await newLead({ phone: '+12125550194' })
    await act(leadId, 'pause', { because: 'wait' })
    const { body: timeline } = await api.call('GET', `/v1/leads/${leadId}/timeline`)
    const kinds = timeline.items.map(({ kind }: { kind: string }) => kind)
    expect(kinds).toEqual(expect.arrayContaining(['signal', 'transition', 'episode', 'hold']))
    const times = timeline.items.map(({ at }: { at: string }) => at)
    expect(times).toEqual(times.toSorted(byText))
    const { body: explained } = await api.call('GET', `/v1/leads/${leadId}/explain`)
    expect(explained.summary).toContain('held')
    expect(explained.channels.sms).toMatchObject({
      allowed: false,
      words: expect.stringContaining('consent'),
    })
    expect(explained.holds).toMatchObject([{ kind: 'paused', because: 'wait' }])
    const { body: exported } = await api.call('GET', `/v1/leads/${leadId}/export`)
    expect(exported).toMatchObject({ lead: { id: leadId }, consents: [], visits: [] })
    expect(exported.timeline.length).toBeGreaterThan(3)
  })
})

describe('cadences, suppressions and settings', () => {
  it('publishes a cadence as a new version, keeps it when unchanged, and tells where it is wrong', async () => {
    const text =
      'name: hello\ntitle: Hello\npurpose: nurture\nsteps:\n  - id: first\n    email: new-lead/first-reply\nend: { dead: unresponsive }\n'
    const files = [{ path: 'cadences/hello.yaml', text }]
    const publish = (posted: unknown) => api.call('POST', '/v1/cadences', { files: posted })
    expect((await publish(files)).body).toEqual({
      cadences: [{ name: 'hello', version: 1, changed: true }],
      templates: [],
      publications: [expect.objectContaining({ policy: 'pin', state: 'done', leads: 0 })],
      texts: [],
      warnings: [expect.objectContaining({ code: 'company_sample' })],
    })
    expect((await publish(files)).body.cadences[0].changed).toBe(false)
    const withText = [
      {
        path: 'cadences/hello.yaml',
        text: `${text.replace('email: new-lead/first-reply', 'sms: hello/hi')}`,
      },
      { path: 'templates/hello/hi.sms.txt', text: 'Hi {{ lead.firstName }} 👍' },
    ]
    expect((await publish(withText)).body.texts).toMatchObject([
      { template: 'hello/hi', variant: null, first: { encoding: 'UCS-2', segments: 1 } },
    ])
    await publish(files)
    const wrong = await publish([
      { path: 'cadences/hello.yaml', text: text.replace('email:', 'emial:') },
    ])
    expect(wrong.status).toBe(422)
    expect(wrong.body.errors[0]).toMatchObject({
      field: expect.stringMatching(/^cadences\/hello\.yaml:\d+:\d+$/),
    })
    const pulled = await api.call('GET', '/v1/files?cadence=hello')
    expect(pulled.body.files.map(({ path }: { path: string }) => path)).toEqual([
      'cadences/hello.yaml',
      'templates/new-lead/first-reply.md',
    ])
    expect((await publish(pulled.body.files)).body.cadences[0].changed).toBe(false)
    expect((await api.call('GET', '/v1/cadences/helo')).body.fix).toContain('hello')
    expect((await api.call('GET', '/v1/cadences/hello?version=1')).body.source).toBe(text)
  })

  it('suppresses an address for leads that come later', async () => {
    await api.call('POST', '/v1/suppressions', { email: 'Never@Example.com' })
    const { body } = await api.call('POST', '/v1/leads', { lead: { email: 'never@example.com' } })
    expect(body.channels.email).toMatchObject({ allowed: false, rule: 'suppression' })
    const counts = await api.call('GET', '/v1/suppressions')
    expect(counts.body.items.some(({ channel }: { channel: string }) => channel === 'email')).toBe(
      true,
    )
    expect((await api.call('POST', '/v1/suppressions', {})).status).toBe(422)
  })

  it('lays what is given over the settings, and shows what can be sent back', async () => {
    const before = (await api.call('GET', '/v1/settings')).body
    expect(before.sample).toContain('postalAddress')
    const { body } = await api.call('PATCH', '/v1/settings', {
      company: { brand: 'Birch' },
      revival: { byReason: { competitor: { quiet: '120d' } } },
      preferredHours: { from: '10:00', to: '18:00' },
    })
    expect(body.settings.company).toMatchObject({
      brand: 'Birch',
      name: before.settings.company.name,
    })
    expect(body.settings.revival.byReason.competitor).toMatchObject({
      quiet: '120d',
      cadence: 'welcome-back',
    })
    expect(body.settings.revival.byReason.unresponsive.quiet).toBe('30d')
    expect((await api.call('PATCH', '/v1/settings', body.settings)).body).toEqual(body)
  })

  it.each([
    [{ company: { timezone: 'EST5' } }, 'company.timezone'],
    [{ trackerOrigins: ['https://acme.example/path'] }, 'trackerOrigins.0'],
    [{ preferredHours: { from: '19:00', to: '09:00' } }, 'preferredHours'],
    [
      { revival: { byReason: { competitor: { quiet: 'long' } } } },
      'revival.byReason.competitor.quiet',
    ],
    [{ defaultCadence: 'none-such' }, 'defaultCadence'],
    [{ company: { form: {} } }, 'company.form'],
  ])('refuses %j by its field', async (body, field) => {
    const answer = await api.call('PATCH', '/v1/settings', body)
    expect(answer.status).toBe(422)
    expect(answer.body.errors[0].field).toBe(field)
  })

  it('counts leads by status, reason and source', async () => {
    const { body } = await api.call('GET', '/v1/reports/overview')
    const total = (rows: { leads: number }[]) => rows.reduce((sum, { leads }) => sum + leads, 0)
    expect(total(body.byStatus)).toBeGreaterThan(10)
    expect(total(body.byDeadReason)).toBe(
      body.byStatus.find(({ status }: { status: string }) => status === 'dead').leads,
    )
  })
})
