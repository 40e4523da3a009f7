import { describe, expect, it } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import type { Signal } from '../../src/domain/signals.ts'
import { DAY_MS, instant, MINUTE_MS, plus } from '../../src/domain/time.ts'
import type { Post } from '../../src/leads/incoming/post.ts'
import { takeOptOut } from '../../src/leads/person-signals.ts'
import { testLab } from '../support/lab.ts'
import { isBetween } from '../support/local-hours.ts'
import { until } from '../support/until.ts'
import { newPerson } from '../support/workbench.ts'

const PAUSE: Signal = { kind: 'pause', payload: { because: 'a call comes first' } }
const RESUME: Signal = { kind: 'resume', payload: {} }

describe('what stops, holds and moves a lead, on the real server in virtual time', () => {
  const lab = testLab()

  async function posted(more: Partial<Post> = {}, person = newPerson()) {
    const { lead } = await lab().post(person, more)
    const mails = () => lab().mails(person.email)
    const texts = () => lab().mails(person.phone)
    await lab().settled(lead.id)
    return { leadId: lead.id, person, mails, texts }
  }
  /** A lead that has its first email. */
  async function begun(more: Partial<Post> = {}, person = newPerson()) {
    const lead = await posted(more, person)
    await until(() => lead.mails().length === 1, { what: 'the first email' })
    return lead
  }
  const handle = (leadId: LeadId) => lab().play.workflow(leadId)
  const nextTouch = async (leadId: LeadId) => {
    await lab().settled(leadId)
    const result = await lab().lab.time.fastForward(leadId, 'next-touch')
    expect(result).toEqual({ kind: 'done' })
  }

  it('STOP ends texts for the person at once, on both its leads; email goes on', async () => {
    const one = await begun()
    await lab().pass(one.leadId, 5 * DAY_MS)
    const other = await posted({}, { ...newPerson(), phone: one.person.phone })
    // They are one person, whose gap between two messages holds over both leads.
    await lab().pass(other.leadId, DAY_MS)
    const { store, hashKeys, doorbell } = lab().lab.intake
    const sent = one.texts().length
    const taken = await store.transaction((trx) =>
      takeOptOut(
        trx,
        hashKeys,
        { kind: 'phone', value: one.person.phone },
        {
          id: 'stop-of-both',
          signal: { kind: 'opt_out', payload: { channel: 'sms', how: 'text STOP', words: 'STOP' } },
          via: 'twilio',
          receivedAt: instant(Date.now()),
        },
      ),
    )
    expect(taken.rings.map(({ leadId }) => leadId).toSorted()).toEqual(
      [one.leadId, other.leadId].toSorted(),
    )
    doorbell.ring(taken.rings)
    for (const { leadId } of [one, other]) {
      await lab().settled(leadId)
      await lab().pass(leadId, 45 * DAY_MS)
      expect((await lab().lead(leadId)).dead_reason).toBe('unresponsive')
    }
    // Not one text more, by whichever of the two leads.
    expect(one.texts()).toHaveLength(sent)
    // No email grows stale by the gap of the two, so that each lead gets all five.
    expect(one.mails()).toHaveLength(5)
    expect(other.mails()).toHaveLength(5)
    expect((await lab().dropped(other.leadId)).filter(({ by }) => by === 'suppression')).toEqual(
      ['hello', 'first-call', 'quick-question', 'time-to-talk'].map((step) => ({
        step,
        by: 'suppression',
      })),
    )
  })

  it('an address that does not exist ends the lead when no other channel is left', async () => {
    const person = { ...newPerson(), phone: null }
    lab().lab.catchers.faults.set(person.email, { kind: 'reply', code: 550, text: '5.1.1 no such' })
    const { lead } = await lab().post(person)
    await until(async () => (await lab().lead(lead.id)).status === 'dead')
    expect(await lab().lead(lead.id)).toMatchObject({
      dead_reason: 'bad_contact_info',
      dead_details: { failures: [{ contactPoint: 'email' }] },
    })
    expect(lab().mails(person.email)).toEqual([])
  })

  it('an address that does not exist leaves texts where there is consent', async () => {
    const person = newPerson()
    lab().lab.catchers.faults.set(person.email, { kind: 'reply', code: 550, text: '5.1.1 no such' })
    const { lead } = await lab().post(person)
    await until(async () => {
      const touch = await lab()
        .lab.intake.store.db.selectFrom('touches')
        .select('state')
        .where('lead_id', '=', lead.id)
        .executeTakeFirst()
      return touch?.state === 'failed'
    })
    await lab().settled(lead.id)
    await lab().pass(lead.id, 25 * DAY_MS)
    expect(lab().mails(person.email)).toEqual([])
    expect(lab().mails(person.phone).length).toBeGreaterThanOrEqual(2)
    expect((await lab().lead(lead.id)).dead_reason).toBe('unresponsive')
  })

  it('a server that is busy is asked again later, and the message arrives once', async () => {
    const person = newPerson()
    const busy = { kind: 'reply', code: 451, text: '4.3.0 busy', times: 2 }
    lab().lab.catchers.faults.set(person.email, busy)
    const { lead } = await lab().post(person)
    await until(async () => (await lab().lead(lead.id)).next_words?.includes('attempt 2'))
    await lab().pass(lead.id, 8 * MINUTE_MS)
    expect(lab().mails(person.email)).toHaveLength(1)
    const attempts = await lab()
      .lab.intake.store.db.selectFrom('touches')
      .select(['attempt', 'state'])
      .where('lead_id', '=', lead.id)
      .where('channel', '=', 'email')
      .orderBy('attempt')
      .execute()
    expect(attempts.map(({ state }) => state)).toEqual(['failed', 'failed', 'sent'])
  })

  it('a pause sends nothing, and what was due is due by as much later', async () => {
    const { leadId, mails, texts } = await begun()
    await lab().pass(leadId, 4 * DAY_MS)
    const before = [...mails(), ...texts()].length
    await lab().signal(leadId, PAUSE)
    const held = await lab().lead(leadId)
    expect(held.next_words).toContain('held: it is paused')
    const pausedAt = await lab().clockOf(leadId)
    await lab().pass(leadId, 40 * DAY_MS)
    expect([...mails(), ...texts()]).toHaveLength(before)
    const resumedAt = await lab().clockOf(leadId)
    await lab().signal(leadId, RESUME)
    const { next_at: nextAt } = await lab().settled(leadId)
    expect(nextAt).toBeGreaterThan(resumedAt)
    const holds = await lab()
      .lab.intake.store.db.selectFrom('holds')
      .select(['began_at', 'lifted_at'])
      .where('lead_id', '=', leadId)
      .execute()
    const [hold] = holds
    // Measured on the lead's own clock, not on that of whoever asked.
    expect(Math.abs((hold?.began_at ?? 0) - pausedAt)).toBeLessThan(60_000)
    expect(Math.abs((hold?.lifted_at ?? 0) - resumedAt)).toBeLessThan(60_000)
    await lab().pass(leadId, 25 * DAY_MS)
    expect(mails()).toHaveLength(5)
    expect((await lab().lead(leadId)).dead_reason).toBe('unresponsive')
  })

  it('a hold ends by itself on its date', async () => {
    const { leadId, mails } = await begun()
    const until_ = plus(await lab().clockOf(leadId), 10 * DAY_MS)
    const because = 'they are away'
    await lab().signal(leadId, { kind: 'hold', payload: { until: until_, because } })
    await lab().pass(leadId, 9 * DAY_MS)
    expect(mails()).toHaveLength(1)
    await lab().pass(leadId, 20 * DAY_MS)
    expect(mails()).toHaveLength(5)
    for (const { at } of mails().slice(1)) expect(at).toBeGreaterThanOrEqual(until_)
  })

  it('skip, jump and send now move a lead, and the law holds for all', async () => {
    const { leadId, mails, texts } = await begun()
    await lab().signal(leadId, { kind: 'skip', payload: {} })
    await lab().signal(leadId, { kind: 'jump', payload: { step: 'how-it-works' } })
    expect((await lab().lead(leadId)).next_words).toContain('step how-it-works, email')
    await lab().signal(leadId, { kind: 'send_now', payload: {} })
    await until(() => mails().length === 2, { what: 'the email that was asked for now' })
    expect(Math.abs((mails()[1]?.at ?? 0) - Date.now())).toBeLessThan(60_000)
    await lab().signal(leadId, { kind: 'jump', payload: { step: 'quick-question' } })
    await lab().signal(leadId, { kind: 'send_now', payload: {} })
    const { next_words: words, next_at: at } = await lab().lead(leadId)
    // Outside the hours of the law it waits for them; within, it is on its way.
    const waits = words?.includes('quick-question') && (at ?? 0) > Date.now() + MINUTE_MS
    if (waits) await nextTouch(leadId)
    await until(() => texts().length === 1, { what: 'the text' })
    expect(isBetween(texts()[0]?.at ?? 0, [8, 21], 'America/New_York')).toBe(true)
  })

  it('who gave no consent is never texted', async () => {
    const { leadId, mails, texts } = await begun({ consents: [] })
    await lab().pass(leadId, 30 * DAY_MS)
    expect(mails()).toHaveLength(5)
    expect(texts()).toEqual([])
    const dropped = await lab().dropped(leadId)
    expect(dropped).toEqual(
      ['hello', 'quick-question', 'time-to-talk'].map((step) => ({ step, by: 'consent' })),
    )
  })

  it('who may be in two time zones is texted when both allow it', async () => {
    const person = { ...newPerson(), timezone: 'America/Los_Angeles' }
    const { leadId, texts } = await begun({}, person)
    await lab().pass(leadId, 30 * DAY_MS)
    expect(texts().length).toBeGreaterThanOrEqual(2)
    for (const { at } of texts()) {
      expect(isBetween(at, [8, 21], 'America/New_York', 'America/Los_Angeles')).toBe(true)
    }
  })

  it('erasing a person ends the workflow, and nothing is ever sent again', async () => {
    const { leadId, person, mails } = await begun()
    await lab().signal(leadId, { kind: 'erase', payload: {} })
    await until(async () => (await handle(leadId).describe()).status.name === 'COMPLETED')
    expect(await lab().lead(leadId)).toMatchObject({ status: 'erased', next_kind: 'done' })
    const back = await lab().post(person)
    expect(back.lead.id).not.toBe(leadId)
    expect(back.channels.email).toMatchObject({ allowed: false, rule: 'suppression' })
    await lab().settled(back.lead.id)
    await lab().pass(back.lead.id, 30 * DAY_MS)
    expect(mails()).toHaveLength(1)
  })
})
