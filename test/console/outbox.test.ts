import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ReadMail, readMail } from '../../src/channels/email/read-mail.ts'
import { instant } from '../../src/domain/time.ts'
import type { OutboxItem } from '../../src/local/outbox.ts'
import { type ConsoleLab, openConsole, Visitor } from './setup.ts'

let lab: ConsoleLab
let visitor: Visitor

beforeAll(async () => {
  lab = await openConsole()
})
afterAll(() => lab.close())
beforeEach(async () => {
  visitor = new Visitor(lab.app)
  await visitor.logIn(lab.key.key)
})

const email: Omit<OutboxItem, 'id'> = {
  channel: 'email',
  to: 'ada@example.com',
  at: instant(Date.parse('2026-11-22T15:00:00Z')),
  subject: 'Hello <Ada>',
  text: 'Hi Ada',
  html: '<html><head><title>x</title></head><body><script>alert(1)</script>Hi <a href="https://acme.example/?a=1&amp;b=2">Book</a> <a href="javascript:alert(1)">bad</a></body></html>',
  headers: { 'Message-ID': '<m1@rekindle.invalid>' },
  touch: null,
}

const text = async (path: string) => (await visitor.get(path)).text()

describe('the outbox', () => {
  it('lists the newest first, and those of one recipient', async () => {
    lab.catchers.outbox.add(email)
    lab.catchers.outbox.add({ ...email, to: 'grace@example.com', subject: 'Second' })
    const all = await text('/outbox')
    expect(all.indexOf('Second')).toBeLessThan(all.indexOf('Hello &lt;Ada&gt;'))
    expect(await text('/outbox?to=ada%40example.com')).not.toContain('Second')
    expect(await text('/outbox?to=nobody%40example.com')).toContain('Nothing was sent to this')
  })

  it('shows a stranger’s email where it can run and reach nothing', async () => {
    const { id } = lab.catchers.outbox.add(email)
    const page = await text(`/outbox/${id}`)
    expect(page).toContain(`src="/outbox/${id}/html"`)
    expect(page).toMatch(/<iframe[^>]*sandbox="allow-popups allow-popups-to-escape-sandbox"/)
    expect(page).not.toContain('<script')
    const framed = await visitor.get(`/outbox/${id}/html`)
    const policy = framed.headers.get('Content-Security-Policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toMatch(/sandbox (?!.*allow-scripts)(?!.*allow-same-origin)/)
    expect(await framed.text()).toContain('<base target="_blank">')
  })

  it('lists the links one may click as the lead, and none that runs', async () => {
    const { id } = lab.catchers.outbox.add(email)
    const page = await text(`/outbox/${id}`)
    expect(page).toContain('href="https://acme.example/?a=1&amp;b=2"')
    expect(page).not.toContain('href="javascript')
  })

  it('answers an email as the lead', async () => {
    const taken: ReadMail[] = []
    lab.catchers.route({ onEmailReply: async (raw) => void taken.push(await readMail(raw)) })
    const { id } = lab.catchers.outbox.add(email)
    await visitor.post(`/outbox/${id}/reply`, { text: 'Yes, tell me more' })
    expect(taken).toHaveLength(1)
    expect(taken[0]?.from).toBe('ada@example.com')
    expect(taken[0]?.text).toContain('Yes, tell me more')
    expect(await text(`/outbox/${id}`)).toContain('The answer has arrived.')
  })

  it('says when an answer was not taken', async () => {
    const { id } = lab.catchers.outbox.add({ ...email, channel: 'sms', to: '+12125550142' })
    await visitor.post(`/outbox/${id}/reply`, { text: 'STOP' })
    expect(await text(`/outbox/${id}`)).toContain('The answer was not taken.')
    await visitor.post(`/outbox/${id}/reply`, { text: '  ' })
    expect(await text(`/outbox/${id}`)).toContain('There is nothing to send.')
  })

  it('is not there where messages really leave', async () => {
    const live = await openConsole({ catchers: null })
    const other = new Visitor(live.app)
    await other.logIn(live.key.key)
    expect((await other.get('/outbox')).status).toBe(404)
    expect(await (await other.get('/')).text()).not.toContain('href="/outbox"')
    await live.close()
  })
})
