import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LocalTools } from '../../src/api/deps.ts'
import { addressOf } from '../../src/api/guards.ts'
import { createPrivateApp } from '../../src/api/private.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import { takeRawMail } from '../../src/leads/mail/take-raw-mail.ts'
import { type Harness, HOST, leadRow, startHarness } from './harness.ts'

let api: Harness
beforeAll(async () => {
  api = await startHarness()
})
afterAll(() => api.close())

describe('an address', () => {
  const ask = async (trustedProxies: number, forwarded: string) => {
    const app = new Hono()
    app.get('/', (c) => c.text(addressOf(c, trustedProxies)))
    const answer = await app.request('/', { headers: { 'X-Forwarded-For': forwarded } })
    return answer.text()
  }

  it('is the connection’s, unless proxies of ours are vouched for', async () => {
    expect(await ask(0, '203.0.113.9')).toBe('unknown')
    expect(await ask(1, '198.51.100.1, 203.0.113.9')).toBe('203.0.113.9')
    expect(await ask(2, '198.51.100.1, 203.0.113.9, 10.0.0.1')).toBe('203.0.113.9')
  })
})

describe('what goes wrong', () => {
  it('is a problem with a request id, and tells nothing of its cause', async () => {
    const broken = await startHarness()
    await broken.store.close()
    const { status, body, response } = await broken.call('GET', '/v1/leads?q=ada@example.com')
    expect(status).toBe(500)
    expect(body).toMatchObject({ code: 'internal', fix: expect.stringContaining('X-Request-Id') })
    expect(response.headers.get('X-Request-Id')).toMatch(/^[\w-]{8,64}$/)
    expect(broken.logged()).toContain(response.headers.get('X-Request-Id') ?? 'none')
    expect(broken.logged()).not.toContain('ada@example.com')
    expect((await broken.publicApp.request('http://127.0.0.1:7400/readyz')).status).toBe(503)
  })

  it('is a 413 for a body beyond the limit, and a 404 where nothing is', async () => {
    const large = await api.call('POST', '/v1/leads', {
      lead: { firstName: 'x'.repeat(6_000_000) },
    })
    expect(large.status).toBe(413)
    expect((await api.call('GET', '/v1/nothing')).body.code).toBe('no_such_route')
  })

  it('is a 404 for a caller of the api, also where the console answers everything else', async () => {
    const console = new Hono().all('*', (c) => c.redirect('/login', 303))
    const app = createPrivateApp({ ...api.deps, console })
    const ask = (method: string, path: string) =>
      app.request(`http://${HOST}${path}`, { method, headers: { 'X-API-Key': api.apiKey } })
    for (const [method, path] of [
      ['GET', '/v1/nothing'],
      ['DELETE', '/v1/leads'],
      ['GET', '/dev/nothing'],
    ] as const) {
      const answer = await ask(method, path)
      expect(answer.status).toBe(404)
      expect(answer.headers.get('Content-Type')).toBe('application/problem+json')
    }
    expect((await ask('GET', '/tasks')).status).toBe(303)
  })
})

describe('the tools of the embedded mode', () => {
  const asked: unknown[] = []
  const local: LocalTools = {
    routes: new Hono().get('/outbox', (c) => c.json({ items: [] })),
    fastForward: async (leadId, by) => {
      asked.push([leadId, by])
      return { kind: 'done' }
    },
    uiUrl: null,
  }
  const request = (
    outbound: 'catch' | 'live',
    path: string,
    init: RequestInit = {},
    key = api.apiKey,
  ) =>
    createPrivateApp({ ...api.deps, local, config: { ...api.deps.config, outbound } }).request(
      `http://${HOST}${path}`,
      { ...init, headers: { 'X-API-Key': key, 'Content-Type': 'application/json' } },
    )

  it('are there while nothing leaves, behind the key, and gone otherwise', async () => {
    expect((await request('catch', '/dev/outbox')).status).toBe(200)
    expect((await request('catch', '/dev/outbox', {}, 'rk_wrong')).status).toBe(401)
    expect((await request('live', '/dev/outbox')).status).toBe(404)
  })

  it('let time pass for one lead', async () => {
    const { body } = await api.call('POST', '/v1/leads', { lead: { email: 'time@example.com' } })
    const path = `/dev/leads/${body.lead.id}/fast-forward`
    const post = (by: string) =>
      request('catch', path, { method: 'POST', body: JSON.stringify({ by }) })
    expect((await post('30d')).status).toBe(200)
    expect((await post('next-touch')).status).toBe(200)
    expect((await post('soon')).status).toBe(422)
    expect(asked).toEqual([
      [body.lead.id, { ms: 30 * 86_400_000 }],
      [body.lead.id, 'next-touch'],
    ])
  })
})

describe('an answer by email', () => {
  const email = (from: string) =>
    `From: ${from}\nTo: hello@acme.example\nSubject: Re: Hello\nMessage-ID: <1.${from}>\n\nCall me, please.\n`

  it('hands whoever has the address to a person, once, and nobody else', async () => {
    const { body } = await api.call('POST', '/v1/leads', { lead: { email: 'writer@example.com' } })
    const leadId: LeadId = body.lead.id
    const take = (from: string) => takeRawMail(api.deps, 'test', email(from))
    expect((await take('Writer@Example.com')).kind).toBe('acted')
    expect((await take('Writer@Example.com')).kind).toBe('repeated')
    expect((await leadRow(api.store, leadId)).status).toBe('engaged')
    const replies = await api.store.db
      .selectFrom('signals')
      .select('id')
      .where('lead_id', '=', leadId)
      .where('kind', '=', 'reply')
      .execute()
    expect(replies).toHaveLength(1)
    expect((await take('nobody@example.com')).kind).toBe('kept')
  })
})
