import twilio from 'twilio'
import { describe, expect, it } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import { forEachStore } from '../support/stores.ts'
import { type Called, type Harness, PUBLIC_URL, startHarness, TWILIO_TOKEN } from './harness.ts'

const times = <T>(count: number, make: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)))

async function hook(api: Harness, from: string, body: string, sid: string) {
  const form = { MessageSid: sid, From: from, To: '+15005550006', Body: body }
  const url = `${PUBLIC_URL}/hooks/twilio/inbound`
  const answer = await api.publicApp.request(url, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded',
      'X-Twilio-Signature': twilio.getExpectedTwilioSignature(TWILIO_TOKEN, url, form),
    },
    body: new URLSearchParams(form).toString(),
  })
  return answer.text()
}

forEachStore((_, open) => {
  describe('posts that come at once', () => {
    it('make one lead of one person, by whatever name they come', async () => {
      const api = await startHarness({}, await open())
      const names = [
        { externalId: 'crm-1', email: 'ada@example.com' },
        { email: 'ada@example.com', phone: '+12125550142' },
        { externalId: 'crm-1', email: 'ada@example.com', phone: '+12125550142' },
      ]
      const posts = await times(18, (index) =>
        api.call('POST', '/v1/leads', { lead: names[index % names.length], event: 'form' }),
      )
      expect(new Set(posts.map(({ status }) => status))).toEqual(new Set([200, 201]))
      expect(new Set(posts.map(({ body }) => body.lead.id)).size).toBe(1)
      const signals = await api.store.db.selectFrom('signals').select(['seq']).execute()
      expect(signals.map(({ seq }) => seq).toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 18 }, (_, index) => index + 1),
      )
    })

    it('under one key are one post with one answer', async () => {
      const api = await startHarness({}, await open())
      const post = { lead: { email: 'ada@example.com' }, event: 'form' }
      const posts = await times(12, () =>
        api.call('POST', '/v1/leads', post, { 'Idempotency-Key': 'one' }),
      )
      expect(new Set(posts.map(({ body }) => JSON.stringify(body))).size).toBe(1)
      expect(await api.store.db.selectFrom('signals').select('id').execute()).toHaveLength(1)
      expect(api.doorbell.rings).toHaveLength(1)
    })

    it('about people who share phones never wait for each other for ever', async () => {
      const api = await startHarness({}, await open())
      const phone = (index: number) => `+1212555010${index % 4}`
      const posts = await times(
        24,
        (index): Promise<Called> =>
          api.call('POST', '/v1/leads', {
            lead: { email: `p${index % 6}@example.com`, phone: phone(index % 6) },
          }),
      )
      expect(posts.filter(({ status }) => status >= 500)).toEqual([])
      const leads = await api.store.db.selectFrom('leads').select('id').execute()
      expect(leads).toHaveLength(6)
    })
  })

  it('a STOP that is delivered many times at once stops once and is answered once', async () => {
    const api = await startHarness({}, await open())
    const phone = '+12125550142'
    const ids: LeadId[] = []
    for (const email of ['a@example.com', 'b@example.com']) {
      const { body } = await api.call('POST', '/v1/leads', { lead: { email, phone } })
      ids.push(body.lead.id)
    }
    const sid = `SM${'1'.repeat(32)}`
    const answers = await times(8, () => hook(api, phone, 'STOP', sid))
    // The one answer is a message to the lead that heard from us last, and no TwiML.
    expect(answers.filter((text) => text.includes('<Message>'))).toEqual([])
    const owed = await api.store.db.selectFrom('messages').select(['class', 'answer']).execute()
    expect(owed).toEqual([{ class: 'required', answer: 'stop' }])
    for (const leadId of ids) {
      const stops = await api.store.db
        .selectFrom('signals')
        .select('id')
        .where('lead_id', '=', leadId)
        .where('kind', '=', 'opt_out')
        .execute()
      expect(stops).toHaveLength(1)
    }
  })
})
