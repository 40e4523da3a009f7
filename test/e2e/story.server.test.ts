import { describe, expect, it } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import type { Signal } from '../../src/domain/signals.ts'
import { DAY_MS, HOUR_MS } from '../../src/domain/time.ts'
import { testLab } from '../support/lab.ts'
import { apart, isBetween } from '../support/local-hours.ts'
import { until } from '../support/until.ts'
import { newPerson } from '../support/workbench.ts'

const ZONE = 'America/New_York'
const visit: Signal = {
  kind: 'visit',
  payload: { sessionId: 's', visitorId: null, page: '/pricing', interacted: true },
}

describe('a lead’s life, on the real server in virtual time', () => {
  const lab = testLab()
  const person = newPerson()
  let leadId: LeadId
  const mails = (channel?: 'email' | 'sms') =>
    lab()
      .mails(person.email, person.phone)
      .filter((item) => channel === undefined || item.channel === channel)
  let caught = 0
  /** What was caught since this was last asked. */
  const news = () => {
    const all = mails()
    const fresh = all.slice(caught)
    caught = all.length
    return fresh
  }

  it('gets its first email within seconds of the post', async () => {
    const began = performance.now()
    const posted = await lab().post(person)
    leadId = posted.lead.id
    expect(posted.enrollment).toEqual({ status: 'started' })
    await until(() => mails('email').length > 0, { everyMs: 5 })
    expect(performance.now() - began).toBeLessThan(5_000)
    const [first] = news()
    expect(first?.subject).toContain('thanks for getting in touch')
    expect(Math.abs(Date.now() - (first?.at ?? 0))).toBeLessThan(10_000)
  })

  it('is written to for two weeks at legal and varied hours, by email and text', async () => {
    await lab().pass(leadId, 25 * DAY_MS)
    const all = [...mails('email').slice(0, 1), ...news()]
    const texts = all.filter(({ channel }) => channel === 'sms')
    const emails = all.filter(({ channel }) => channel === 'email')
    expect(emails).toHaveLength(5)
    // A first text that would wait for more than a day (a weekend, say) is of no use any more.
    const dropped = await lab().dropped(leadId)
    expect(dropped.filter(({ step, by }) => step !== 'hello' || by !== 'stale')).toEqual([])
    expect(texts.length + dropped.length).toBe(3)
    for (const { at } of texts) expect(isBetween(at, [8, 21], ZONE)).toBe(true)
    // The first answers the lead's own form at any hour; the others keep the cadence's.
    for (const { at } of [...emails.slice(1), ...texts]) {
      expect(isBetween(at, [9, 19], ZONE)).toBe(true)
    }
    for (const channel of [emails, texts]) {
      for (const [index, item] of channel.entries()) {
        const before = channel[index - 1]
        if (before === undefined) continue
        const difference = apart(before, item, ZONE)
        expect(difference.minutes).toBeGreaterThanOrEqual(90)
        expect(difference.sameDate || !difference.sameWeekday).toBe(true)
      }
    }
    expect(
      new Set(all.map(({ headers }) => headers['Message-ID'] ?? headers['Message-Sid'])).size,
    ).toBe(all.length)
  })

  it('is dead then: unresponsive, with every attempt on record', async () => {
    expect(await lab().lead(leadId)).toMatchObject({
      status: 'dead',
      dead_reason: 'unresponsive',
      episode_id: null,
    })
    const { dead_details: details } = await lab().lead(leadId)
    const attempts = details?.reason === 'unresponsive' ? details.attempts : []
    expect(attempts.map(({ at }) => at)).toEqual(mails().map(({ at }) => at))
  })

  it('is asked once in fourteen months how things stand', async () => {
    await lab().pass(leadId, 14 * 30.44 * DAY_MS)
    const [checkIn, ...others] = news()
    expect(others).toEqual([])
    expect(checkIn?.channel).toBe('email')
    expect(isBetween(checkIn?.at ?? 0, [9, 18], ZONE)).toBe(true)
    expect((await lab().lead(leadId)).dead_reason).toBe('unresponsive')
  })

  it('comes back to the website and gets one friendly email in preferred hours', async () => {
    const visitedAt = await lab().clockOf(leadId)
    await lab().signal(leadId, visit)
    expect(await lab().lead(leadId)).toMatchObject({ status: 'nurturing', dead_reason: null })
    await lab().signal(leadId, visit)
    await lab().pass(leadId, HOUR_MS)
    expect(news()).toEqual([])
    await lab().pass(leadId, 3 * DAY_MS)
    const [hello, ...others] = news()
    expect(others).toEqual([])
    expect(hello?.channel).toBe('email')
    expect(isBetween(hello?.at ?? 0, [9, 19], ZONE)).toBe(true)
    const waited = (hello?.at ?? 0) - visitedAt
    expect(waited).toBeGreaterThanOrEqual(3 * HOUR_MS)
    expect(waited).toBeLessThan(3 * DAY_MS)
    expect(`${hello?.subject} ${hello?.text}`).not.toMatch(/pricing|visit|website|saw you/i)
  })

  it('answers, and a person takes over: nothing more is sent', async () => {
    await lab().signal(leadId, {
      kind: 'reply',
      payload: { channel: 'email', text: 'Yes, call me', subject: null, touchId: null },
    })
    expect((await lab().lead(leadId)).status).toBe('engaged')
    const tasks = await lab()
      .lab.intake.store.db.selectFrom('tasks')
      .select(['kind', 'title'])
      .where('lead_id', '=', leadId)
      .where('done_at', 'is', null)
      .where('kind', '=', 'reply')
      .execute()
    expect(tasks).toEqual([{ kind: 'reply', title: 'Answer the lead' }])
    const payload = { outcome: 'interested', details: null, until: null, note: null } as const
    await lab().signal(leadId, { kind: 'disposition', payload })
    await lab().pass(leadId, 60 * DAY_MS)
    expect(news()).toEqual([])
    expect((await lab().lead(leadId)).status).toBe('engaged')
  })
})
