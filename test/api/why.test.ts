import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { LeadId, TouchId } from '../../src/domain/ids.ts'
import type { WhyAnswer } from '../../src/domain/replies/why.ts'
import { DAY_MS, plus } from '../../src/domain/time.ts'
import { takeReply } from '../../src/leads/replies/take-reply.ts'
import { mintToken } from '../../src/leads/web/tokens.ts'
import { type Harness, leadRow, PUBLIC_URL, startHarness } from './harness.ts'

let api: Harness
beforeAll(async () => {
  api = await startHarness()
})
afterAll(() => api.close())
beforeEach(() => {
  api.doorbell.rings.length = 0
})

let serial = 0
/** A lead whose last message asked why. */
async function asked() {
  serial += 1
  const lead = { email: `why${serial}@example.com`, state: 'CA', firstName: 'Ada' }
  const { body } = await api.call('POST', '/v1/leads', { lead, event: 'form' })
  const leadId: LeadId = body.lead.id
  await api.absorb(leadId)
  api.doorbell.rings.length = 0
  const touchId = `touch-${serial}` as TouchId
  const token = await api.store.transaction((trx) =>
    mintToken(trx, { purpose: 'why', leadId, touchId, target: null }, api.clock.now),
  )
  return { leadId, token, touchId }
}

const get = (token: string, language = 'en') =>
  api.publicApp.request(`${PUBLIC_URL}/why/${token}`, {
    headers: { 'Accept-Language': language },
  })
async function press(token: string, fields: Record<string, string>, headers = {}) {
  const answer = await api.publicApp.request(`${PUBLIC_URL}/why/${token}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(fields).toString(),
  })
  return { status: answer.status, text: await answer.text() }
}
async function after(leadId: LeadId) {
  await api.absorb(leadId)
  const { status, dead_reason, dead_details, check_in_at } = await leadRow(api.store, leadId)
  return { status, reason: dead_reason, details: dead_details, checkInAt: check_in_at }
}

describe('the page that asks why', () => {
  it('shows five answers, in the reader’s language, and a GET changes nothing', async () => {
    const { leadId, token } = await asked()
    const before = await leadRow(api.store, leadId)
    const shown = await (await get(token)).text()
    expect(shown.match(/<button name="answer"/g)).toHaveLength(5)
    expect(await (await get(token, 'es-MX')).text()).toContain('No es el momento')
    for (const _ of [1, 2, 3]) await get(token)
    expect(await leadRow(api.store, leadId)).toEqual(before)
    expect(api.doorbell.rings).toEqual([])
  })

  it.each<[WhyAnswer, object]>([
    ['price', { status: 'dead', reason: 'unqualified', details: { criterion: 'budget' } }],
    ['timing', { status: 'dead', reason: 'postponing' }],
    ['competitor', { status: 'dead', reason: 'competitor' }],
    ['need', { status: 'dead', reason: 'no_matching_offering' }],
    ['interested', { status: 'engaged', reason: null }],
  ])('%s: one press sets the reason, or calls a person', async (answer, expected) => {
    const { leadId, token } = await asked()
    expect(await press(token, { answer })).toMatchObject({ status: 200 })
    expect(api.doorbell.rings).toMatchObject([{ leadId, kind: 'reply' }])
    expect(await after(leadId)).toMatchObject(expected)
  })

  it('takes the detail that makes the reason worth more, escaped where it is shown', async () => {
    const chosen = await asked()
    await press(chosen.token, { answer: 'competitor' })
    const words = '<script>Initech</script>'
    const { text } = await press(chosen.token, { answer: 'competitor', detail: words })
    expect(text).not.toContain('<script>')
    expect(await after(chosen.leadId)).toMatchObject({
      details: { reason: 'competitor', competitor: words },
    })
    const wanted = await asked()
    await press(wanted.token, { answer: 'need', detail: 'a heat pump' })
    expect(await after(wanted.leadId)).toMatchObject({ details: { wanted: 'a heat pump' } })
  })

  it('keeps the date of a better time, on which a person is reminded', async () => {
    const { leadId, token } = await asked()
    await press(token, { answer: 'timing' })
    const bare = await after(leadId)
    expect(bare.checkInAt).toBe(plus(api.clock.now, 30 * DAY_MS))
    await press(token, { answer: 'timing', when: '6' })
    const { reason, checkInAt } = await after(leadId)
    expect(reason).toBe('postponing')
    const days = ((checkInAt ?? 0) - api.clock.now) / DAY_MS
    expect(days).toBeGreaterThan(180)
    expect(days).toBeLessThan(186)
  })

  it('lets people change their minds, and the same press again changes nothing', async () => {
    const { leadId, token } = await asked()
    await press(token, { answer: 'price' })
    const once = await after(leadId)
    await press(token, { answer: 'price' })
    expect(await after(leadId)).toEqual(once)
    await press(token, { answer: 'interested' })
    expect(await after(leadId)).toMatchObject({ status: 'engaged' })
    const tasks = await api.store.db
      .selectFrom('tasks')
      .select('because')
      .where('lead_id', '=', leadId)
      .where('done_at', 'is', null)
      .execute()
    expect(tasks.some(({ because }) => because.includes('interested'))).toBe(true)
  })

  it('hears a stop that is written beside a button', async () => {
    const { leadId, token } = await asked()
    await press(token, { answer: 'need', detail: 'nothing. Stop emailing me.' })
    expect(await after(leadId)).toMatchObject({ reason: 'opted_out' })
  })

  it('refuses what is none of its buttons, other sites, other tokens, and endless presses', async () => {
    const { leadId, token } = await asked()
    const before = await leadRow(api.store, leadId)
    expect((await press(token, { answer: 'else' })).status).toBe(400)
    expect((await press(token, { detail: 'x'.repeat(501), answer: 'need' })).status).toBe(400)
    expect(
      (await press(token, { answer: 'price' }, { 'Sec-Fetch-Site': 'cross-site' })).status,
    ).toBe(400)
    const other = await api.store.transaction((trx) =>
      mintToken(
        trx,
        { purpose: 'unsubscribe', leadId, touchId: null, target: null },
        api.clock.now,
      ),
    )
    for (const each of [other, 'x'.repeat(32)]) {
      expect((await press(each, { answer: 'price' })).status).toBe(404)
      expect((await get(each)).status).toBe(404)
    }
    expect(await leadRow(api.store, leadId)).toEqual(before)
    const answers = ['price', 'need'] as const
    for (let n = 0; n < 20; n += 1) await press(token, { answer: answers[n % 2] ?? 'need' })
    expect((await press(token, { answer: 'price' })).status).toBe(400)
  })
})

describe('an answer by number to a message that asked why', () => {
  async function answer(text: string, whyAsked = true) {
    const { leadId, touchId } = await asked()
    const { store, hashKeys } = api.deps
    const whose = { kind: 'lead', leadId } as const
    await store.transaction((trx) =>
      takeReply(trx, hashKeys, whose, {
        id: `number-${leadId}`,
        channel: 'email',
        text,
        subject: null,
        touchId: whyAsked ? touchId : null,
        via: 'test',
        receivedAt: api.clock.now,
      }),
    )
    return await after(leadId)
  }

  it.each([
    ['3', { reason: 'competitor', details: { competitor: null } }],
    ['4.', { reason: 'no_matching_offering' }],
    ['2 - in March', { reason: 'postponing' }],
    ['5', { status: 'engaged' }],
    ['3 - we went with Initech', { reason: 'competitor', details: { competitor: 'Initech' } }],
    ['1. Please stop emailing me', { reason: 'opted_out' }],
  ])('%j is understood', async (text, expected) => {
    expect(await answer(text)).toMatchObject(expected)
  })

  it('goes to a person when nobody asked', async () => {
    expect(await answer('3', false)).toMatchObject({ status: 'engaged', reason: null })
  })
})
