import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import { decide, defaultRules } from '../../src/domain/policy/index.ts'
import { DAY_MS, HOUR_MS, plus } from '../../src/domain/time.ts'
import { loadPerson } from '../../src/leads/people.ts'
import { mintToken } from '../../src/leads/web/tokens.ts'
import { type Harness, leadRow, PUBLIC_URL, startHarness } from './harness.ts'

const CADENCE = `name: offers
title: Offers
purpose: nurture
topic: offers
steps:
  - { id: first, email: offers/first, at: asap, hours: any }
end: { dead: unresponsive }
`
const TEMPLATE = '---\nsubject: An offer\n---\nHello\n'

let api: Harness
beforeAll(async () => {
  api = await startHarness()
  const topics = [
    { id: 'offers', title: 'Offers' },
    { id: 'news', title: 'News' },
  ]
  await api.call('PATCH', '/v1/settings', { topics })
  const files = [
    { path: 'cadences/offers.yaml', text: CADENCE },
    { path: 'templates/offers/first.md', text: TEMPLATE },
  ]
  await api.call('POST', '/v1/cadences', { files })
})
afterAll(() => api.close())
beforeEach(() => {
  api.doorbell.rings.length = 0
})

let serial = 0
async function newLead(more: Record<string, unknown> = {}) {
  serial += 1
  const email = `pref${serial}@example.com`
  const phone = `+1415555${String(200 + serial).padStart(4, '0')}`
  const { body } = await api.call('POST', '/v1/leads', {
    lead: { email, phone, state: 'CA', firstName: 'Ada' },
    consents: [{ channel: 'sms', basis: 'express_written', disclosure: 'w1', source: 'form' }],
    cadence: 'offers',
    event: 'form',
    ...more,
  })
  const leadId: LeadId = body.lead.id
  await api.absorb(leadId)
  api.doorbell.rings.length = 0
  const token = await api.store.transaction((trx) =>
    mintToken(trx, { purpose: 'unsubscribe', leadId, touchId: null, target: null }, api.clock.now),
  )
  return { leadId, email, token }
}

const page = async (token: string) =>
  (await api.publicApp.request(`${PUBLIC_URL}/u/${token}`)).text()
async function press(token: string, fields: Record<string, string> | [string, string][]) {
  const answer = await api.publicApp.request(`${PUBLIC_URL}/u/${token}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  })
  return { status: answer.status, text: await answer.text() }
}
const save = (token: string, ...ticked: [string, string][]) =>
  press(token, [...ticked, ['action', 'save']])
const EMAIL: [string, string] = ['email', 'yes']
const TEXTS: [string, string] = ['texts', 'yes']
const OFFERS: [string, string] = ['topic', 'offers']
const NEWS: [string, string] = ['topic', 'news']

async function allowed(leadId: LeadId, channel: 'email' | 'sms', topic: string | null = null) {
  const { policy } = await loadPerson(api.store.db, await leadRow(api.store, leadId), api.clock.now)
  const rules = { ...defaultRules('America/New_York'), topic }
  const decision = decide(policy, channel, 'marketing', plus(api.clock.now, 1_000), rules)
  return decision.allowed || decision.nextAllowedAt !== null
}
const holdsOf = (leadId: LeadId) =>
  api.store.db
    .selectFrom('holds')
    .select(['kind', 'until_at', 'lifted_at'])
    .where('lead_id', '=', leadId)
    .execute()

describe('the preference centre', () => {
  it('shows what a person gets, and a GET changes nothing', async () => {
    const { leadId, token } = await newLead()
    const before = await leadRow(api.store, leadId)
    const shown = await page(token)
    for (const words of ['Emails', 'Text messages', 'Offers', 'News', 'Pause for three months']) {
      expect(shown).toContain(words)
    }
    expect(shown.match(/checked/g)).toHaveLength(4)
    expect(await leadRow(api.store, leadId)).toEqual(before)
  })

  it('turns channels off one by one, emails on again, and texts never', async () => {
    const { leadId, token } = await newLead()
    await save(token, EMAIL, OFFERS, NEWS)
    expect([await allowed(leadId, 'email'), await allowed(leadId, 'sms')]).toEqual([true, false])
    expect(api.doorbell.rings).toMatchObject([{ leadId, kind: 'opt_out' }])
    await save(token, TEXTS, OFFERS, NEWS)
    expect([await allowed(leadId, 'email'), await allowed(leadId, 'sms')]).toEqual([false, false])
    expect(await page(token)).toContain('text START')
    api.clock.now = plus(api.clock.now, HOUR_MS)
    await save(token, EMAIL, TEXTS, OFFERS, NEWS)
    expect([await allowed(leadId, 'email'), await allowed(leadId, 'sms')]).toEqual([true, false])
  })

  it('saving what holds already changes nothing', async () => {
    const { leadId, token } = await newLead()
    const before = await leadRow(api.store, leadId)
    expect((await save(token, EMAIL, TEXTS, OFFERS, NEWS)).status).toBe(200)
    expect(await leadRow(api.store, leadId)).toEqual(before)
    expect(api.doorbell.rings).toEqual([])
  })

  it('says once what is off, offers no pause of nothing, and marks what was not done', async () => {
    const { token } = await newLead()
    const refused = await press(token, { action: 'erase' })
    expect(refused.text).toContain('role="alert"')
    const left = await press(token, { action: 'unsubscribe' })
    expect(left.text.match(/You are unsubscribed/g)).toHaveLength(1)
    expect(left.text).toContain('Pause for three months')
    const off = await save(token)
    expect(off.status).toBe(200)
    expect(off.text).not.toContain('Pause for three months')
    expect(off.text.match(/You are unsubscribed/g)).toHaveLength(1)
  })

  it('does not let a complaint be taken back', async () => {
    const { leadId, token } = await newLead()
    const [hash] = (
      await api.store.db
        .selectFrom('contact_points')
        .select('hash')
        .where('lead_id', '=', leadId)
        .where('kind', '=', 'email')
        .execute()
    ).map((row) => row.hash)
    await api.store.db
      .insertInto('suppressions')
      .values({
        id: `s-${serial}`,
        contact_hash: hash ?? '',
        channel: 'all',
        cause: 'complaint',
        how: 'feedback loop',
        at: api.clock.now,
      })
      .execute()
    api.clock.now = plus(api.clock.now, HOUR_MS)
    await save(token, EMAIL, OFFERS, NEWS)
    expect(await allowed(leadId, 'email')).toBe(false)
    expect(await page(token)).toContain('reported an email as spam')
  })
})

describe('a topic', () => {
  it('that is left is written about no more, and others are', async () => {
    const { leadId, token } = await newLead()
    await save(token, EMAIL, TEXTS, NEWS)
    expect(await allowed(leadId, 'email', 'offers')).toBe(false)
    expect(await allowed(leadId, 'email', 'news')).toBe(true)
    expect(await allowed(leadId, 'email')).toBe(true)
    // The cadence about it is over: the lead said no.
    expect(await leadRow(api.store, leadId)).toMatchObject({
      status: 'dead',
      dead_reason: 'not_interested',
    })
    await save(token, EMAIL, TEXTS, NEWS, OFFERS)
    expect(await allowed(leadId, 'email', 'offers')).toBe(true)
  })

  it('may be left together with everything else', async () => {
    const { leadId, token } = await newLead()
    expect((await save(token)).status).toBe(200)
    expect([await allowed(leadId, 'email'), await allowed(leadId, 'sms')]).toEqual([false, false])
    expect(api.doorbell.rings).toMatchObject([
      { leadId, kind: 'opt_out' },
      { leadId, kind: 'opt_out' },
    ])
    await api.absorb(leadId)
    expect(await leadRow(api.store, leadId)).toMatchObject({
      status: 'dead',
      dead_reason: 'opted_out',
    })
  })

  it('that a cadence is not about ends nothing', async () => {
    const { leadId, token } = await newLead()
    await save(token, EMAIL, TEXTS, OFFERS)
    expect((await leadRow(api.store, leadId)).status).toBe('nurturing')
  })
})

describe('a pause', () => {
  it('holds the lead for three months, once, until a form or the button ends it', async () => {
    const { leadId, email, token } = await newLead()
    await press(token, { action: 'pause' })
    await press(token, { action: 'pause' })
    const open = (await holdsOf(leadId)).filter(({ lifted_at }) => lifted_at === null)
    expect(open).toMatchObject([{ kind: 'lead_paused' }])
    const days = ((open[0]?.until_at ?? 0) - api.clock.now) / DAY_MS
    expect(days).toBeGreaterThan(88)
    expect(days).toBeLessThan(93)
    expect(await page(token)).toContain('End the pause')
    expect(api.doorbell.rings).toMatchObject([{ leadId, kind: 'pause_asked' }])

    // An operator's resume is not the lead's.
    await api.call('POST', `/v1/leads/${leadId}/resume`, {})
    expect((await holdsOf(leadId)).some(({ lifted_at }) => lifted_at === null)).toBe(true)
    await press(token, { action: 'resume' })
    expect((await holdsOf(leadId)).map(({ lifted_at }) => lifted_at === null)).toEqual([false])

    api.clock.now = plus(api.clock.now, DAY_MS)
    await press(token, { action: 'pause' })
    await api.call('POST', '/v1/leads', { lead: { email }, event: 'form' })
    expect((await holdsOf(leadId)).map(({ lifted_at }) => lifted_at === null)).toEqual([
      false,
      false,
    ])
  })

  it('of a dead lead keeps what revives it waiting', async () => {
    const { leadId, token } = await newLead({
      cadence: undefined,
      event: undefined,
      dead: { reason: 'competitor' },
    })
    expect((await leadRow(api.store, leadId)).status).toBe('dead')
    await press(token, { action: 'pause' })
    expect(await holdsOf(leadId)).toMatchObject([{ kind: 'lead_paused', lifted_at: null }])
    expect((await leadRow(api.store, leadId)).status).toBe('dead')
  })
})

describe('erasing oneself', () => {
  it('needs the box to be ticked, and then leaves nothing but the stop', async () => {
    const { leadId, email, token } = await newLead()
    const unconfirmed = await press(token, { action: 'erase' })
    expect(unconfirmed).toMatchObject({ status: 400 })
    expect((await leadRow(api.store, leadId)).status).toBe('nurturing')

    const done = await press(token, { action: 'erase', confirm: 'yes' })
    expect(done.text).toContain('erased')
    expect(await leadRow(api.store, leadId)).toMatchObject({ status: 'erased', first_name: null })
    expect((await press(token, { action: 'erase', confirm: 'yes' })).status).toBe(404)
    const again = await api.call('POST', '/v1/leads', { lead: { email } })
    expect(again.body.channels.email).toMatchObject({ allowed: false, rule: 'suppression' })
  })

  it('erases every lead with this address, and nobody who only shares the phone', async () => {
    const { leadId, token } = await newLead()
    const phone = await api.store.db
      .selectFrom('contact_points')
      .select('value')
      .where('lead_id', '=', leadId)
      .where('kind', '=', 'phone')
      .executeTakeFirstOrThrow()
    const { body } = await api.call('POST', '/v1/leads', {
      lead: { email: `spouse${serial}@example.com`, phone: phone.value },
    })
    await press(token, { action: 'erase', confirm: 'yes' })
    expect((await leadRow(api.store, leadId)).status).toBe('erased')
    expect((await leadRow(api.store, body.lead.id)).status).not.toBe('erased')
  })

  it('is not done by the link of an old message, which still unsubscribes', async () => {
    const { leadId, token } = await newLead()
    api.clock.now = plus(api.clock.now, 91 * DAY_MS)
    const answer = await press(token, { action: 'erase', confirm: 'yes' })
    expect(answer).toMatchObject({ status: 400 })
    expect(answer.text).toContain('too old')
    expect((await leadRow(api.store, leadId)).status).toBe('nurturing')
    await press(token, { action: 'unsubscribe' })
    expect(await allowed(leadId, 'email')).toBe(false)
  })
})
