import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { instant } from '../../src/domain/time.ts'
import { createKey, revokeKey } from '../../src/store/company/api-keys.ts'
import { type ConsoleLab, openConsole, Visitor } from './setup.ts'

let lab: ConsoleLab
let visitor: Visitor

beforeAll(async () => {
  lab = await openConsole()
})
afterAll(() => lab.close())
beforeEach(() => {
  visitor = new Visitor(lab.app)
})

const PAGES = ['/', '/tasks', '/cadences', '/alerts', '/outbox', '/leads/new']

describe('the door of the console', () => {
  it('sends everybody to the log-in, and back to where they wanted to go', async () => {
    for (const path of [...PAGES, '/leads/lead_1', '/outbox/x/html']) {
      const response = await lab.app.request(`http://127.0.0.1:7300${path}`)
      expect(response.status, path).toBe(303)
      expect(response.headers.get('Location')).toMatch(/^\/login/)
    }
    const body = new URLSearchParams({ key: lab.key.key, back: '/cadences' })
    const logIn = await lab.app.request('/login', { method: 'POST', body })
    expect(logIn.headers.get('Location')).toBe('/cadences')
  })

  it('never leads away from here after the log-in', async () => {
    for (const back of ['//evil.example', 'https://evil.example', 'javascript:alert(1)']) {
      const body = new URLSearchParams({ key: lab.key.key, back })
      const response = await lab.app.request('/login', { method: 'POST', body })
      expect(response.headers.get('Location')).toBe('/')
    }
  })

  it('lets nobody in with a wrong key, and gives up on those who guess', async () => {
    let minute = 0
    const guarded = await openConsole({ now: () => instant(minute * 60_000) })
    const guesser = new Visitor(guarded.app)
    expect((await guesser.logIn('rk_wrong')).status).toBe(401)
    expect((await guesser.logIn('')).status).toBe(401)
    for (let guess = 0; guess < 18; guess += 1) await guesser.logIn(`rk_${guess}`)
    expect((await guesser.logIn(guarded.key.key)).status).toBe(429)
    minute = 1
    expect((await guesser.logIn(guarded.key.key)).status).toBe(303)
    await guarded.close()
  })

  it('keeps its cookie from scripts and from other sites', async () => {
    const response = await visitor.logIn(lab.key.key)
    const [cookie = ''] = response.headers.getSetCookie()
    expect(cookie).toContain('HttpOnly')
    expect(cookie).toContain('SameSite=Strict')
    expect(cookie).not.toContain(lab.key.key)
  })

  it('closes at log-out, also for a copy of the cookie', async () => {
    await visitor.logIn(lab.key.key)
    const thief = new Visitor(lab.app)
    thief.setCookie('rekindle_session', visitor.cookie('rekindle_session') ?? '')
    expect(await (await thief.get('/')).text()).toContain('Log out')
    await visitor.post('/logout', {})
    for (const each of [visitor, thief]) {
      expect(await (await each.get('/')).text()).toContain('API key')
    }
  })

  it('closes when the key is revoked', async () => {
    const { id, key } = await createKey(lab.store.db, 'for a week', 'api', instant(Date.now()))
    await visitor.logIn(key)
    expect(await (await visitor.get('/')).text()).toContain('Log out')
    await revokeKey(lab.store.db, id, instant(Date.now()))
    expect(await (await visitor.get('/')).text()).toContain('API key')
  })
})

describe('every page', () => {
  beforeEach(async () => {
    await visitor.logIn(lab.key.key)
  })

  it('says what may leave the machine, and carries the headers that keep it safe', async () => {
    for (const path of PAGES) {
      const response = await visitor.get(path)
      expect(response.status, path).toBe(200)
      expect(await response.text()).toContain('nothing leaves this machine')
      expect(response.headers.get('Content-Security-Policy')).toContain("default-src 'none'")
      expect(response.headers.get('Cache-Control')).toBe('no-store')
      expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff')
    }
  })

  it('is drawn with stylesheets from here, and without any script', async () => {
    const page = await (await visitor.get('/')).text()
    expect(page).not.toMatch(/<script|https?:\/\/(?!127\.0\.0\.1)|\son\w+=/i)
    const sheets = [...page.matchAll(/<link rel="stylesheet" href="([^"]+)"/g)].map((m) => m[1])
    expect(sheets).toHaveLength(2)
    for (const path of sheets) {
      const sheet = await lab.app.request(`http://127.0.0.1:7300${path}`)
      expect(sheet.headers.get('Content-Type')).toContain('text/css')
      expect((await sheet.text()).length).toBeGreaterThan(1_000)
    }
  })

  it('refuses a form without the token of its session', async () => {
    const leadId = await lab.addLead({ email: 'ada@example.com' })
    const other = new Visitor(lab.app)
    await other.logIn(lab.key.key)
    for (const token of ['', 'forged', await other.token()]) {
      const response = await visitor.post(`/leads/${leadId}/act`, { kind: 'pause' }, token)
      expect(response.status).toBe(403)
    }
    expect(await (await visitor.get(`/leads/${leadId}`)).text()).not.toContain('>held<')
  })

  it('is 404 where there is nothing', async () => {
    for (const path of ['/nowhere', '/leads/lead_none', '/outbox/none', '/outbox/none/html']) {
      expect((await visitor.get(path)).status, path).toBe(404)
    }
  })
})

describe('the cadences', () => {
  it('are told step by step in words', async () => {
    await visitor.logIn(lab.key.key)
    const page = await (await visitor.get('/cadences')).text()
    expect(page).toContain('New lead')
    expect(page).toContain('5 to 15 minutes later')
    expect(page).toContain('Without an answer: dead, unresponsive')
    expect(page).toContain('Call and ask what they hope to solve')
  })
})

describe('the alerts', () => {
  it('say what is broken and what mends it', async () => {
    await lab.store.db
      .insertInto('alerts')
      .values({
        id: 'alert_1',
        kind: 'sender_halted',
        lead_id: null,
        because: 'The provider refuses our number.',
        fix: 'Register the number.',
        at: instant(Date.now()),
        resolved_at: null,
      })
      .execute()
    await visitor.logIn(lab.key.key)
    const page = await (await visitor.get('/alerts')).text()
    expect(page).toContain('sender halted')
    expect(page).toContain('The provider refuses our number.')
    expect(page).toContain('Register the number.')
  })
})
