import { createHmac } from 'node:crypto'
import twilio from 'twilio'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TRY_HEADER } from '../../src/channels/sms/signature.ts'
import type { EpisodeId, LeadId, TouchId } from '../../src/domain/ids.ts'
import { decide, defaultRules } from '../../src/domain/policy/index.ts'
import { DAY_MS, HOUR_MS, instant, plus } from '../../src/domain/time.ts'
import { loadPerson } from '../../src/leads/people.ts'
import { takeText } from '../../src/leads/replies/inbound-texts.ts'
import { mintToken, type TokenPurpose, visitorTokenOf } from '../../src/leads/web/tokens.ts'
import { newVisitorId, takeVisit } from '../../src/leads/web/visits.ts'
import { candidateHashes } from '../../src/store/hash-key.ts'
import { newId } from '../../src/store/new-id.ts'
import { forgetStrangers } from '../../src/store/people/visitors.ts'
import type { TouchState } from '../../src/store/schema.ts'
import {
  type Harness,
  HOST,
  IDENTIFY_SECRET,
  leadRow,
  PUBLIC_URL,
  startHarness,
  TWILIO_TOKEN,
} from './harness.ts'

let api: Harness
beforeAll(async () => {
  api = await startHarness()
})
afterAll(() => api.close())
beforeEach(() => {
  api.doorbell.rings.length = 0
})

let serial = 0
async function newLead(more: Record<string, unknown> = {}) {
  serial += 1
  const email = `pub${serial}@example.com`
  const phone = `+1415555${String(100 + serial).padStart(4, '0')}`
  const { body } = await api.call('POST', '/v1/leads', {
    lead: { email, phone, state: 'CA', externalId: `pub-${serial}` },
    consents: [{ channel: 'sms', basis: 'express_written', disclosure: 'w1', source: 'form' }],
    event: 'form',
    ...more,
  })
  const leadId: LeadId = body.lead.id
  await api.absorb(leadId)
  api.doorbell.rings.length = 0
  return { leadId, email, phone, externalId: `pub-${serial}` }
}

async function addTouch(
  leadId: LeadId,
  kind: 'email' | 'phone',
  state: TouchState,
): Promise<TouchId> {
  const lead = await leadRow(api.store, leadId)
  const point = await api.store.db
    .selectFrom('contact_points')
    .select('hash')
    .where('lead_id', '=', leadId)
    .where('kind', '=', kind)
    .executeTakeFirstOrThrow()
  const id = newId<TouchId>('touch')
  await api.store.db
    .insertInto('touches')
    .values({
      id,
      lead_id: leadId,
      episode_id: lead.episode_id as EpisodeId,
      step_id: 'hello',
      visit: 1,
      attempt: (serial += 1),
      channel: kind === 'email' ? 'email' : 'sms',
      class: 'marketing',
      template_version_id: null,
      contact_hash: point.hash,
      state,
      dispatch_token: null,
      message_id: null,
      provider_id: null,
      failure_kind: null,
      failure_code: null,
      because: null,
      evidence: null,
      subject: null,
      text: 'hello',
      html: null,
      intent_at: api.clock.now,
      dispatched_at: api.clock.now,
      dispatched_wall_at: api.clock.now,
      settled_at: null,
      delivered_at: null,
      retry_after_ms: null,
    })
    .execute()
  return id
}

const touchRow = (id: TouchId) =>
  api.store.db.selectFrom('touches').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const signalsOf = (leadId: LeadId) =>
  api.store.db
    .selectFrom('signals')
    .selectAll()
    .where('lead_id', '=', leadId)
    .orderBy('seq')
    .execute()
const mint = (leadId: LeadId, purpose: TokenPurpose, more: object = {}) =>
  api.store.transaction((trx) =>
    mintToken(trx, { purpose, leadId, touchId: null, target: null, ...more }, api.clock.now),
  )
const visit = (path: string, init: RequestInit = {}) =>
  api.publicApp.request(`${PUBLIC_URL}${path}`, init)

async function channelOpen(leadId: LeadId, channel: 'email' | 'sms') {
  const { policy } = await loadPerson(api.store.db, await leadRow(api.store, leadId), api.clock.now)
  const rules = defaultRules('America/New_York')
  const decision = decide(policy, channel, 'marketing', plus(api.clock.now, 1_000), rules)
  return decision.allowed || decision.nextAllowedAt !== null
}

const ONE_CLICK = 'List-Unsubscribe=One-Click'
const press = (token: string, body = ONE_CLICK, headers: Record<string, string> = {}) =>
  visit(`/u/${token}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
    body,
  })

describe('unsubscribing', () => {
  it('shows a button on GET and changes nothing', async () => {
    const { leadId } = await newLead()
    const token = await mint(leadId, 'unsubscribe')
    const page = await visit(`/u/${token}`)
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('Unsubscribe from all emails</button>')
    await visit(`/u/${token}`, { method: 'HEAD' })
    expect(await channelOpen(leadId, 'email')).toBe(true)
    expect((await signalsOf(leadId)).map(({ kind }) => kind)).toEqual(['form'])
  })

  it.each([
    ['the button', 'action=unsubscribe'],
    ['a mail program', 'List-Unsubscribe=One-Click'],
  ])('acts on a POST by %s, once, and leaves texts alone', async (_, body) => {
    const { leadId } = await newLead()
    const token = await mint(leadId, 'unsubscribe')
    const post = () =>
      visit(`/u/${token}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body,
      })
    expect((await post()).status).toBe(200)
    expect((await post()).status).toBe(200)
    expect(await channelOpen(leadId, 'email')).toBe(false)
    expect(await channelOpen(leadId, 'sms')).toBe(true)
    expect((await signalsOf(leadId)).filter(({ kind }) => kind === 'opt_out')).toHaveLength(1)
    expect(api.doorbell.rings).toMatchObject([{ leadId, kind: 'opt_out' }])
  })

  it('takes the one click as a multipart form too, and nothing that only looks like it', async () => {
    const { leadId } = await newLead()
    const token = await mint(leadId, 'unsubscribe')
    for (const body of [
      '',
      'List-Unsubscribe=Yes',
      `${ONE_CLICK}&more=1`,
      'One-Click',
      'action=x',
    ]) {
      const answer = await press(token, body)
      expect([body, answer.status]).toEqual([body, 400])
      expect(await answer.text()).toContain('Nothing was changed')
    }
    const foreign = { 'Sec-Fetch-Site': 'cross-site' }
    expect((await press(token, 'action=unsubscribe', foreign)).status).toBe(400)
    expect(await channelOpen(leadId, 'email')).toBe(true)
    const body = new FormData()
    body.set('List-Unsubscribe', 'One-Click')
    expect((await visit(`/u/${token}`, { method: 'POST', body })).status).toBe(200)
    expect(await channelOpen(leadId, 'email')).toBe(false)
  })

  it('works years after the message, and speaks the language of the browser', async () => {
    const { leadId } = await newLead()
    const token = await mint(leadId, 'unsubscribe')
    const before = api.clock.now
    api.clock.now = plus(before, 900 * DAY_MS)
    const page = await visit(`/u/${token}`, { headers: { 'Accept-Language': 'es-MX,es;q=0.9' } })
    expect(page.headers.get('Content-Language')).toBe('es')
    expect(await page.text()).toContain('Cancelar todos los correos')
    expect((await press(token)).status).toBe(200)
    api.clock.now = before
    expect(await channelOpen(leadId, 'email')).toBe(false)
  })

  it('stops again who had come back in the meantime', async () => {
    const { leadId, email } = await newLead()
    const token = await mint(leadId, 'unsubscribe')
    await press(token)
    api.clock.now = plus(api.clock.now, DAY_MS)
    await api.call('POST', '/v1/leads', {
      lead: { email },
      consents: [{ channel: 'email', basis: 'express', source: 'form' }],
      event: 'form',
    })
    expect(await channelOpen(leadId, 'email')).toBe(true)
    api.clock.now = plus(api.clock.now, DAY_MS)
    await press(token)
    expect(await channelOpen(leadId, 'email')).toBe(false)
  })

  it('helps whoever has a link that is not known, and does nothing', async () => {
    for (const token of ['nonsense', 'x'.repeat(40)]) {
      const page = await visit(`/u/${token}`, { method: 'POST' })
      expect(page.status).toBe(404)
      expect(await page.text()).toContain('unsubscribe')
    }
    const { leadId } = await newLead()
    const other = await mint(leadId, 'visitor')
    expect((await visit(`/u/${other}`, { method: 'POST' })).status).toBe(404)
  })
})

describe('a link in a message', () => {
  const target = 'https://acme.example/pricing?plan=pro'
  const readingTakes = (ms: number) => {
    api.clock.now = plus(api.clock.now, ms)
  }
  const browser = {
    'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0',
  }

  it('leads to its stored target, with a visitor token, and records a click only', async () => {
    const { leadId } = await newLead()
    const token = await mint(leadId, 'redirect', { target })
    readingTakes(10_000)
    const before = await leadRow(api.store, leadId)
    const answer = await visit(`/r/${token}`, { headers: browser })
    expect(answer.status).toBe(302)
    const location = new URL(answer.headers.get('Location') ?? '')
    expect(location.searchParams.get('plan')).toBe('pro')
    expect(location.searchParams.get('rk')).toBe(visitorTokenOf(token))
    const clicks = (await signalsOf(leadId)).filter(({ kind }) => kind === 'click')
    expect(clicks).toMatchObject([{ payload: { target: 'https://acme.example/pricing' } }])
    expect(await leadRow(api.store, leadId)).toMatchObject({
      status: before.status,
      revision: before.revision,
    })
    expect(api.doorbell.rings).toEqual([])
  })

  it('tells other sites no token, and bots leave no click', async () => {
    const { leadId } = await newLead()
    const token = await mint(leadId, 'redirect', { target: 'https://elsewhere.example/page' })
    const answer = await visit(`/r/${token}`, { headers: { 'User-Agent': 'Googlebot/2.1' } })
    expect(answer.headers.get('Location')).toBe('https://elsewhere.example/page')
    expect((await signalsOf(leadId)).some(({ kind }) => kind === 'click')).toBe(false)
  })

  it('is no click by whoever is a machine, and takes no visitor token along', async () => {
    const { leadId } = await newLead()
    const machines: [string, RequestInit, number][] = [
      ['too soon', { headers: browser }, 1_000],
      ['by HEAD', { headers: browser, method: 'HEAD' }, 60_000],
      ['ahead', { headers: { ...browser, 'Sec-Purpose': 'prefetch' } }, 60_000],
      ['by a mail scanner', { headers: { 'User-Agent': 'BarracudaCentral/1.0' } }, 60_000],
      ['without a name', {}, 60_000],
    ]
    for (const [what, init, later] of machines) {
      const token = await mint(leadId, 'redirect', { target })
      readingTakes(later)
      const answer = await visit(`/r/${token}`, init)
      expect([what, answer.headers.get('Location')]).toEqual([what, target])
    }
    expect((await signalsOf(leadId)).some(({ kind }) => kind === 'click')).toBe(false)
  })

  it('is doubted when all links of its message are followed at once, and so is the visit', async () => {
    const { leadId } = await newLead()
    const touchId = await addTouch(leadId, 'email', 'sent')
    const links = [
      await mint(leadId, 'redirect', { target, touchId }),
      await mint(leadId, 'redirect', { target, touchId }),
      await mint(leadId, 'redirect', { target, touchId }),
    ]
    readingTakes(60_000)
    const locations: (string | null)[] = []
    for (const token of links) {
      readingTakes(1_000)
      locations.push((await visit(`/r/${token}`, { headers: browser })).headers.get('Location'))
    }
    expect(locations.map((each) => each === target)).toEqual([false, false, true])
    const clicks = (await signalsOf(leadId)).filter(({ kind }) => kind === 'click')
    expect(clicks).toHaveLength(2)
    for (const { payload, effect } of clicks) {
      expect(payload.doubt).toContain('all links')
      expect(effect).toContain('mail scanners')
    }
    // The scanner's browser runs the page, and even moves about in it.
    const seen = { page: target, token: visitorTokenOf(links[0] ?? ''), visitorId: newVisitorId() }
    for (const kind of ['page', 'interaction'] as const) {
      await api.store.transaction((trx) =>
        takeVisit(trx, { ...seen, kind, identifiedAs: null, at: api.clock.now }),
      )
    }
    const visits = (await signalsOf(leadId)).filter(({ kind }) => kind === 'visit')
    expect(visits).toMatchObject([{ payload: { byLink: true, interacted: false } }])
    expect((await touchRow(touchId)).scanned_at).not.toBeNull()
  })

  it.each(['unsubscribe', 'why'] as const)(
    'is doubted when it is the only one, and the page to %s is opened at once with it',
    async (purpose) => {
      const { leadId } = await newLead()
      const touchId = await addTouch(leadId, 'email', 'sent')
      const link = await mint(leadId, 'redirect', { target, touchId })
      const page = await mint(leadId, purpose, { touchId })
      readingTakes(60_000)
      await visit(`/r/${link}`, { headers: browser })
      readingTakes(1_000)
      const path = purpose === 'why' ? `/why/${page}` : `/u/${page}`
      expect((await visit(path, { headers: browser })).status).toBe(200)
      const clicks = (await signalsOf(leadId)).filter(({ kind }) => kind === 'click')
      expect(clicks.map(({ payload }) => payload.doubt)).toEqual([
        expect.stringContaining('all links'),
      ])
      expect((await touchRow(touchId)).scanned_at).toBe(api.clock.now)
      // The page first, and then the link, is the same scanner.
      readingTakes(3_600_000)
      await visit(path, { headers: browser })
      readingTakes(1_000)
      const answer = await visit(`/r/${link}`, { headers: browser })
      expect(answer.headers.get('Location')).toBe(target)
    },
  )

  it('is clicked by the person who comes after a scanner, once an hour', async () => {
    const { leadId } = await newLead()
    const touchId = await addTouch(leadId, 'email', 'sent')
    const link = await mint(leadId, 'redirect', { target, touchId })
    const page = await mint(leadId, 'unsubscribe', { touchId })
    const follow = () => visit(`/r/${link}`, { headers: browser })
    api.clock.now = instant(Math.ceil((api.clock.now + 60_000) / HOUR_MS) * HOUR_MS)
    await follow()
    await visit(`/u/${page}`, { headers: browser })
    for (let press = 0; press < 2; press += 1) {
      readingTakes(5 * 60_000)
      await follow()
    }
    const clicks = (await signalsOf(leadId)).filter(({ kind }) => kind === 'click')
    expect(clicks.map(({ payload }) => typeof payload.doubt)).toEqual(['string', 'undefined'])
  })

  it('of a person who takes their time is a click, whatever they have followed before', async () => {
    const { leadId } = await newLead()
    const touchId = await addTouch(leadId, 'email', 'sent')
    for (let count = 0; count < 3; count += 1) {
      const token = await mint(leadId, 'redirect', { target, touchId })
      readingTakes(30_000)
      const answer = await visit(`/r/${token}`, { headers: browser })
      expect(answer.headers.get('Location')).not.toBe(target)
    }
    const clicks = (await signalsOf(leadId)).filter(({ kind }) => kind === 'click')
    expect(clicks.map(({ payload }) => payload.doubt)).toEqual([undefined, undefined, undefined])
  })

  it('leads nowhere but to what we stored', async () => {
    expect((await visit(`/r/${'x'.repeat(40)}?to=https://evil.example`)).status).toBe(404)
    const { leadId } = await newLead()
    const script = await mint(leadId, 'redirect', { target: 'javascript:alert(1)' })
    expect((await visit(`/r/${script}`)).status).toBe(404)
  })
})

describe('the picture of an email', () => {
  const load = (token: string, userAgent: string) =>
    visit(`/o/${token}.gif`, { headers: { 'User-Agent': userAgent } })
  const GMAIL =
    'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)'

  it('tells when a person opened it, once, and never a scanner; it is always the same', async () => {
    const { leadId } = await newLead()
    const touchId = await addTouch(leadId, 'email', 'sent')
    const token = await mint(leadId, 'open', { touchId })
    const before = await leadRow(api.store, leadId)
    await load(token, GMAIL)
    api.clock.now = plus(api.clock.now, 60_000)
    await load(token, 'Mozilla/5.0')
    expect((await touchRow(touchId)).opened_at).toBeNull()
    const opened = api.clock.now
    const answer = await load(token, GMAIL)
    expect(answer.headers.get('Content-Type')).toBe('image/gif')
    api.clock.now = plus(api.clock.now, 60_000)
    await load(token, GMAIL)
    expect((await touchRow(touchId)).opened_at).toBe(opened)
    expect(await leadRow(api.store, leadId)).toEqual(before)
    expect(api.doorbell.rings).toEqual([])
    const unknown = await load('x'.repeat(32), GMAIL)
    expect(Buffer.from(await unknown.arrayBuffer())).toEqual(
      Buffer.from(await answer.arrayBuffer()),
    )
  })
})

async function hook(
  path: string,
  form: Record<string, string>,
  signature?: string,
  headers: Record<string, string> = {},
) {
  const signed = twilio.getExpectedTwilioSignature(TWILIO_TOKEN, `${PUBLIC_URL}${path}`, form)
  const answer = await visit(path, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded',
      'X-Twilio-Signature': signature ?? signed,
      ...headers,
    },
    body: new URLSearchParams(form).toString(),
  })
  return { status: answer.status, text: await answer.text() }
}

const sid = () => `SM${String((serial += 1)).padStart(32, '0')}`
const text = (from: string, body: string, more: Record<string, string> = {}) => ({
  MessageSid: sid(),
  From: from,
  To: '+15005550006',
  Body: body,
  ...more,
})

/** The answers that are owed to a number, in order. */
async function answersTo(phone: string) {
  const hashes = candidateHashes(api.deps.hashKeys, 'phone', phone)
  const rows = await api.store.db
    .selectFrom('messages')
    .select('answer')
    .where('contact_hash', 'in', [...hashes])
    .orderBy('requested_at')
    .execute()
  return rows.map(({ answer }) => answer)
}

describe('a text that comes in', () => {
  it('is refused unless Twilio signed it, and changes nothing', async () => {
    const { leadId, phone } = await newLead()
    for (const signature of ['forged', '']) {
      const answer = await hook('/hooks/twilio/inbound', text(phone, 'STOP'), signature)
      expect(answer.status).toBe(403)
    }
    expect(await channelOpen(leadId, 'sms')).toBe(true)
  })

  it('stops texts to the person on STOP, whatever lead they are, and answers once', async () => {
    const { leadId, phone } = await newLead()
    serial += 1
    const { body } = await api.call('POST', '/v1/leads', {
      lead: { email: `spouse${serial}@example.com`, phone },
    })
    const form = text(phone, ' Stop! ')
    for (const each of [form, form]) {
      expect((await hook('/hooks/twilio/inbound', each)).text).not.toContain('<Message>')
    }
    expect(await answersTo(phone)).toEqual(['stop'])
    for (const each of [leadId, body.lead.id as LeadId]) {
      expect(await channelOpen(each, 'sms')).toBe(false)
      expect(await channelOpen(each, 'email')).toBe(true)
      expect((await signalsOf(each)).filter(({ kind }) => kind === 'opt_out')).toHaveLength(1)
    }
    await hook('/hooks/twilio/inbound', text(phone, 'stop'))
    expect(await answersTo(phone)).toEqual(['stop'])
  })

  it('stays silent when Twilio has answered by itself', async () => {
    const { leadId, phone } = await newLead()
    const form = text(phone, 'STOP', { OptOutType: 'STOP' })
    expect((await hook('/hooks/twilio/inbound', form)).text).not.toContain('<Message>')
    expect(await answersTo(phone)).toEqual([])
    expect(await channelOpen(leadId, 'sms')).toBe(false)
  })

  it('suppresses a number that no lead has yet', async () => {
    const from = '+16505550199'
    const first = await hook('/hooks/twilio/inbound', text(from, 'unsubscribe'))
    expect(first.text).toContain('<Message>')
    const again = await hook('/hooks/twilio/inbound', text(from, 'unsubscribe'))
    expect(again.text).not.toContain('<Message>')
    const { body } = await api.call('POST', '/v1/leads', {
      lead: { email: 'later@example.com', phone: from },
      consents: [{ channel: 'sms', basis: 'express_written', source: 'list' }],
    })
    expect(body.channels.sms).toMatchObject({ allowed: false, rule: 'suppression' })
  })

  it('brings back on START the consent that there was, and makes none up', async () => {
    const withConsent = await newLead()
    const without = await newLead({ consents: [] })
    for (const { phone } of [withConsent, without]) {
      await hook('/hooks/twilio/inbound', text(phone, 'STOP'))
    }
    api.clock.now = plus(api.clock.now, 60_000)
    for (const { phone } of [withConsent, without]) {
      await hook('/hooks/twilio/inbound', text(phone, 'START'))
    }
    expect(await channelOpen(withConsent.leadId, 'sms')).toBe(true)
    expect(await channelOpen(without.leadId, 'sms')).toBe(false)
    const [hash] = candidateHashes(api.deps.hashKeys, 'phone', without.phone)
    const rows = await api.store.db
      .selectFrom('consents')
      .select(['basis', 'by_lead'])
      .where('contact_hash', '=', hash ?? '')
      .execute()
    expect(rows).toEqual([{ basis: 'express', by_lead: true }])
  })

  it('answers HELP and holds nothing', async () => {
    const { leadId, phone } = await newLead()
    await hook('/hooks/twilio/inbound', text(phone, 'help'))
    expect(await answersTo(phone)).toEqual(['help'])
    expect(api.doorbell.rings).toMatchObject([{ leadId, kind: 'message', priority: 1 }])
    expect((await leadRow(api.store, leadId)).status).toBe('nurturing')
  })

  it('that is replayed is refused and changes nothing; a new try of Twilio’s is not', async () => {
    const from = '+16505550198'
    const stop = text(from, 'STOP')
    const start = text(from, 'START')
    const suppressed = async () => {
      serial += 1
      const { body } = await api.call('POST', '/v1/leads', {
        lead: { email: `again${serial}@example.com`, phone: from },
        consents: [{ channel: 'sms', basis: 'express_written', source: 'list' }],
      })
      return body.channels.sms.rule === 'suppression'
    }
    const send = (form: Record<string, string>, token?: string) =>
      hook('/hooks/twilio/inbound', form, undefined, token ? { [TRY_HEADER]: token } : {})
    const before = api.clock.now
    expect((await send(start, 'a')).status).toBe(200)
    api.clock.now = plus(api.clock.now, 30_000)
    expect((await send(stop)).text).toContain('<Message>')
    // Our answer to the first try got lost: the same mark, within the time that Twilio tries for.
    expect(await send(start, 'a')).toMatchObject({
      status: 200,
      text: expect.stringContaining('<Response/>'),
    })
    // Kept by somebody who would like to undo the stop: at once, by another mark, later.
    for (const token of [undefined, '', 'b']) expect((await send(start, token)).status).toBe(403)
    expect((await send(stop)).status).toBe(403)
    api.clock.now = plus(api.clock.now, 60_000)
    expect((await send(start, 'a')).status).toBe(403)
    expect(await suppressed()).toBe(true)
    api.clock.now = before
  })

  it('that was fetched before its webhook came is no replay, and acts once', async () => {
    const { phone, leadId } = await newLead()
    const form = text(phone, 'Is Monday fine?')
    const { MessageSid: providerId, To: to } = form
    const fetched = { providerId, from: phone, to, body: form.Body, optOut: null }
    await takeText(api.deps, fetched)
    expect((await hook('/hooks/twilio/inbound', form)).status).toBe(200)
    expect((await hook('/hooks/twilio/inbound', form)).status).toBe(403)
    const replies = (await signalsOf(leadId)).filter(({ kind }) => kind === 'reply')
    expect(replies).toHaveLength(1)
  })

  it('hands a person who wrote anything else to a person, once', async () => {
    const { leadId, phone } = await newLead()
    const touch = await addTouch(leadId, 'phone', 'sent')
    const form = text(phone, 'Is Tuesday fine?')
    await hook('/hooks/twilio/inbound', form)
    await hook('/hooks/twilio/inbound', form)
    expect((await leadRow(api.store, leadId)).status).toBe('engaged')
    const replies = (await signalsOf(leadId)).filter(({ kind }) => kind === 'reply')
    expect(replies).toMatchObject([{ payload: { text: 'Is Tuesday fine?', touchId: touch } }])
  })
})

describe('what became of a text', () => {
  const report = (touch: TouchId, form: Record<string, string>) =>
    hook(`/hooks/twilio/status?touch=${touch}`, form)

  it('moves forward only, whatever the order of the reports', async () => {
    const { leadId } = await newLead()
    const touch = await addTouch(leadId, 'phone', 'sent')
    const MessageSid = sid()
    await report(touch, { MessageSid, MessageStatus: 'delivered' })
    await report(touch, { MessageSid, MessageStatus: 'sent' })
    await report(touch, { MessageSid, MessageStatus: 'undelivered', ErrorCode: '30005' })
    expect(await touchRow(touch)).toMatchObject({
      state: 'delivered',
      provider_id: MessageSid,
      delivered_at: api.clock.now,
    })
  })

  it('is taken once: the same report again is refused, and changes nothing', async () => {
    const { leadId } = await newLead()
    const touch = await addTouch(leadId, 'phone', 'dispatching')
    const MessageSid = sid()
    for (const MessageStatus of ['queued', 'sent', 'delivered']) {
      expect((await report(touch, { MessageSid, MessageStatus })).status).toBe(204)
    }
    const after = await touchRow(touch)
    for (const MessageStatus of ['queued', 'sent', 'delivered']) {
      expect((await report(touch, { MessageSid, MessageStatus })).status).toBe(403)
    }
    const mark = { [TRY_HEADER]: 'one' }
    const path = `/hooks/twilio/status?touch=${touch}`
    const read = { MessageSid, MessageStatus: 'read' }
    for (let tries = 0; tries < 2; tries += 1) {
      expect((await hook(path, read, undefined, mark)).status).toBe(204)
    }
    expect(await touchRow(touch)).toEqual(after)
  })

  it.each(['dispatching', 'uncertain'] as const)(
    'is evidence for a touch that is %s',
    async (state) => {
      const { leadId } = await newLead()
      const touch = await addTouch(leadId, 'phone', state)
      await report(touch, { MessageSid: sid(), MessageStatus: 'queued' })
      expect(await touchRow(touch)).toMatchObject({ state: 'sent', evidence: 'status callback' })
      const entries = await api.store.db
        .selectFrom('ledger_entries')
        .select('meta')
        .where('lead_id', '=', leadId)
        .execute()
      expect(entries.at(-1)?.meta).toMatchObject({ touch, evidence: 'status callback' })
    },
  )

  it('closes a number that does not work, and one that has said STOP to Twilio', async () => {
    const landline = await newLead()
    const first = await addTouch(landline.leadId, 'phone', 'sent')
    await report(first, { MessageSid: sid(), MessageStatus: 'undelivered', ErrorCode: '30006' })
    expect(await channelOpen(landline.leadId, 'sms')).toBe(false)
    expect((await signalsOf(landline.leadId)).at(-1)?.kind).toBe('hard_bounce')

    const stopped = await newLead()
    const second = await addTouch(stopped.leadId, 'phone', 'sent')
    await report(second, { MessageSid: sid(), MessageStatus: 'failed', ErrorCode: '21610' })
    expect((await signalsOf(stopped.leadId)).at(-1)?.kind).toBe('opt_out')
    expect(await channelOpen(stopped.leadId, 'sms')).toBe(false)
  })

  it('belongs to the message it names: another’s changes nothing', async () => {
    const { leadId } = await newLead()
    const touch = await addTouch(leadId, 'phone', 'sent')
    await report(touch, { MessageSid: sid(), MessageStatus: 'delivered' })
    const before = await touchRow(touch)
    await report(touch, { MessageSid: sid(), MessageStatus: 'failed', ErrorCode: '30005' })
    expect(await touchRow(touch)).toEqual(before)
    const forged = await hook(
      `/hooks/twilio/status?touch=${touch}`,
      { MessageSid: sid(), MessageStatus: 'failed' },
      'no',
    )
    expect(forged.status).toBe(403)
  })
})

describe('the tracker', () => {
  const SITE = 'https://acme.example'
  const BROWSER =
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 Safari/605.1.15'
  interface Tracked {
    status: number
    cookie: string | null
    response: Response
  }
  async function track(body: object, { cookie = '', headers = {} } = {}): Promise<Tracked> {
    const response = await visit('/t', {
      method: 'POST',
      headers: {
        Origin: SITE,
        'User-Agent': BROWSER,
        'Content-Type': 'text/plain',
        ...(cookie === '' ? {} : { Cookie: cookie }),
        ...headers,
      },
      body: JSON.stringify({ key: api.writeKey, event: 'page', page: `${SITE}/pricing`, ...body }),
    })
    const set = response.headers.get('Set-Cookie')
    return { status: response.status, cookie: set?.split(';')[0] ?? null, response }
  }
  const visits = async (leadId: LeadId) =>
    (await signalsOf(leadId)).filter(({ kind }) => kind === 'visit')

  it('serves the script', async () => {
    const script = await visit('/t.js')
    expect(script.headers.get('Content-Type')).toContain('javascript')
    // Under a path of the customer's own site this would bind all that site's subdomains.
    expect(script.headers.get('Strict-Transport-Security')).toBeNull()
    expect(await script.text()).toContain('data-key')
  })

  it('sets an HttpOnly first-party cookie and renews it at each visit', async () => {
    const { status, cookie, response } = await track({})
    expect(status).toBe(204)
    expect(response.headers.get('Access-Control-Allow-Origin')).toBe(SITE)
    const set = response.headers.get('Set-Cookie') ?? ''
    for (const part of ['HttpOnly', 'SameSite=Lax', 'Max-Age=34560000']) expect(set).toContain(part)
    expect((await track({}, { cookie: cookie ?? '' })).cookie).toBe(cookie)
    expect((await track({}, { cookie: 'rk_visitor=visitor_mine' })).cookie).not.toContain('mine')
  })

  it('rings nobody for a visitor that nobody knows', async () => {
    await track({})
    expect(api.doorbell.rings).toEqual([])
  })

  it('forgets strangers that stay away, and nobody who is known or was here lately', async () => {
    const { leadId } = await newLead()
    const stranger = (await track({})).cookie?.split('=')[1] ?? ''
    const link = await mint(leadId, 'redirect', { target: SITE })
    const known = (await track({ token: visitorTokenOf(link) })).cookie?.split('=')[1] ?? ''
    const ids = async () =>
      (await api.store.db.selectFrom('visitors').select('id').execute()).map(({ id }) => String(id))
    const forgetBefore = (ms: number) =>
      api.store.transaction((trx) => forgetStrangers(trx, plus(api.clock.now, ms)))
    await forgetBefore(0)
    expect(await ids()).toEqual(expect.arrayContaining([stranger, known]))
    expect(await forgetBefore(1)).toBeGreaterThan(0)
    expect(await ids()).toContain(known)
    expect(await ids()).not.toContain(stranger)
  })

  it('knows a visitor by the token of a link, and signals one visit per session', async () => {
    const { leadId } = await newLead()
    const token = await mint(leadId, 'redirect', { target: SITE })
    const { cookie } = await track({ token: visitorTokenOf(token) })
    await track({ page: `${SITE}/about?email=x@example.com` }, { cookie: cookie ?? '' })
    await track({ event: 'interaction' }, { cookie: cookie ?? '' })
    expect(await visits(leadId)).toMatchObject([{ payload: { page: `${SITE}/pricing` } }])
    expect(api.doorbell.rings).toHaveLength(1)
    api.clock.now = plus(api.clock.now, 31 * 60_000)
    await track({}, { cookie: cookie ?? '' })
    expect(await visits(leadId)).toHaveLength(2)
  })

  it('tells of a dead lead’s first action, after a visit without one', async () => {
    const { leadId } = await newLead()
    await api.call('POST', `/v1/leads/${leadId}/mark-dead`, { reason: 'unresponsive' })
    await api.absorb(leadId)
    const { cookie } = await track({ token: await mint(leadId, 'visitor') })
    await track({ event: 'interaction' }, { cookie: cookie ?? '' })
    await track({ event: 'interaction' }, { cookie: cookie ?? '' })
    expect((await visits(leadId)).map(({ payload }) => payload.interacted)).toEqual([false, true])
  })

  it('knows whom the company’s own server signed, and nobody by a bare name', async () => {
    const { leadId, externalId, email } = await newLead()
    await track({ identify: { externalId, signature: 'ff'.repeat(32) } })
    await track({ identify: { externalId: email, signature: '' } })
    expect(await visits(leadId)).toHaveLength(0)
    const signature = createHmac('sha256', IDENTIFY_SECRET).update(externalId).digest('hex')
    await track({ identify: { externalId, signature } })
    expect(await visits(leadId)).toHaveLength(1)
  })

  it('knows a visitor who sends a form, and links the next session to the lead', async () => {
    const { cookie } = await track({})
    const visitorId = cookie?.split('=')[1]
    const { leadId } = await newLead({ visitorId })
    api.clock.now = plus(api.clock.now, DAY_MS)
    await track({}, { cookie: cookie ?? '' })
    expect(await visits(leadId)).toHaveLength(1)
  })

  it('refuses other sites, wrong keys and api keys, and ignores bots', async () => {
    expect((await track({}, { headers: { Origin: 'https://evil.example' } })).status).toBe(403)
    expect((await track({ key: 'wk_wrong' })).status).toBe(401)
    expect((await track({ key: api.apiKey })).status).toBe(401)
    const { leadId } = await newLead()
    const token = await mint(leadId, 'visitor')
    const bot = await track({ token }, { headers: { 'User-Agent': 'Googlebot/2.1' } })
    expect(bot).toMatchObject({ status: 204, cookie: null })
    expect(await visits(leadId)).toHaveLength(0)
  })
})

describe('the public listener', () => {
  it('has no private route', async () => {
    for (const path of ['/v1/leads', '/docs', '/metrics', '/dev/outbox', '/openapi.json']) {
      expect(
        (await visit(path, { headers: { Authorization: `Bearer ${api.apiKey}` } })).status,
      ).toBe(404)
    }
    expect((await visit('/healthz')).status).toBe(200)
    expect((await visit('/readyz')).status).toBe(200)
  })

  it('counts requests of one address, and ignores a forwarded one that nobody vouches for', async () => {
    const fresh = await startHarness()
    const ask = async (times: number, path: string, init?: RequestInit) => {
      let last = 200
      for (let index = 0; index < times; index += 1) {
        const answer = await fresh.publicApp.request(`${PUBLIC_URL}${path}`, {
          ...init,
          headers: { 'X-Forwarded-For': `203.0.113.${index % 250}` },
        })
        last = answer.status
      }
      return last
    }
    expect(await ask(301, '/t', { method: 'POST' })).toBe(429)
    // A mailbox provider unsubscribes many people from one address: it is not turned away.
    expect(await ask(130, `/u/${'x'.repeat(40)}`)).toBe(404)
    await fresh.close()
  })

  it('logs no token, query or contact data', async () => {
    const { leadId, email, phone } = await newLead()
    const token = await mint(leadId, 'unsubscribe')
    await visit(`/u/${token}?email=${encodeURIComponent(email)}`)
    await hook('/hooks/twilio/inbound', text(phone, 'a very private sentence'))
    await api.call('GET', `/v1/leads?q=${encodeURIComponent(email)}`)
    await api.privateApp.request(`http://${HOST}/v1/leads/${leadId}`)
    const logged = api.logged()
    expect(logged).toContain('"route":"/u/:token"')
    for (const secret of [
      token,
      email,
      encodeURIComponent(email),
      phone,
      'private sentence',
      leadId,
      api.apiKey,
    ]) {
      expect(logged).not.toContain(secret)
    }
  })
})
