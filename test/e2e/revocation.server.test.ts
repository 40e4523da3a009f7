import { describe, expect, it } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import { keywordOf } from '../../src/domain/replies/keywords.ts'
import { DAY_MS, HOUR_MS, instant } from '../../src/domain/time.ts'
import { localTime } from '../../src/domain/time-zones.ts'
import { revocationReport } from '../../src/leads/evidence/revocations.ts'
import { takeFromPerson, takeOptIn, takeOptOut } from '../../src/leads/person-signals.ts'
import { answerKeyword } from '../../src/leads/replies/answers.ts'
import { contactHash } from '../../src/store/hash-key.ts'
import { newId } from '../../src/store/new-id.ts'
import { testLab } from '../support/lab.ts'
import { until } from '../support/until.ts'
import { newPerson } from '../support/workbench.ts'

describe('STOP, START and HELP, lived through on the real server', () => {
  const lab = testLab()

  /** A text with a keyword from a number, as the webhook takes it. */
  async function text(phone: string, body: 'STOP' | 'START' | 'HELP'): Promise<void> {
    const { store, hashKeys, doorbell } = lab().lab.intake
    const point = { kind: 'phone', value: phone } as const
    const event = {
      id: newId<never>('sms') as string,
      via: 'twilio',
      receivedAt: instant(Date.now()),
    }
    const keyword = keywordOf(body)
    if (keyword === null) throw new Error('no keyword')
    const rings = await store.transaction(async (trx) => {
      const taken =
        keyword === 'stop'
          ? await takeOptOut(trx, hashKeys, point, {
              ...event,
              signal: {
                kind: 'opt_out',
                payload: { channel: 'sms', how: 'text STOP', words: body },
              },
            })
          : keyword === 'start'
            ? await takeOptIn(trx, hashKeys, point, {
                ...event,
                signal: { kind: 'opt_in', payload: { channel: 'sms', how: 'text START' } },
              })
            : await takeFromPerson(trx, hashKeys, point, {
                ...event,
                signal: { kind: 'custom', payload: { name: 'help', data: {} } },
              })
      const hash = contactHash(hashKeys, 'phone', phone)
      const answer = await answerKeyword(trx, hash, keyword, taken, event)
      return answer === null ? taken.rings : [...taken.rings, answer]
    })
    doorbell.ring(rings)
  }
  /** Lets a lead live on until its clock shows this hour in New York. */
  async function untilHour(leadId: LeadId, hour: number): Promise<void> {
    const { hour: now } = localTime(await lab().clockOf(leadId), 'America/New_York')
    await lab().pass(leadId, ((hour - now + 24) % 24) * HOUR_MS || 24 * HOUR_MS)
  }

  it('one STOP at eleven in the evening stops both leads and is confirmed once', async () => {
    const person = newPerson()
    const { lead: one } = await lab().post(person)
    const { lead: two } = await lab().post({ ...newPerson(), phone: person.phone })
    await lab().pass(one.id, 5 * DAY_MS)
    await untilHour(one.id, 23)
    const before = lab().mails(person.phone).length
    expect(before).toBeGreaterThan(0)
    await text(person.phone, 'STOP')
    const texts = () =>
      lab()
        .mails(person.phone)
        .map(({ text: words }) => words)
    await until(() => texts().length > before, { what: 'the confirmation' })
    await text(person.phone, 'STOP')
    for (const { id } of [one, two]) {
      await lab().settled(id)
      await lab().pass(id, 20 * DAY_MS)
    }
    expect(texts().slice(before)).toEqual([expect.stringContaining('no more texts')])

    const { store } = lab().lab.intake
    const now = instant(Date.now() + HOUR_MS)
    const report = await revocationReport(store.db, { from: instant(0), to: now })
    expect(report.sentAfterwards).toBe(0)
    expect(report.confirmations).toContainEqual({ outcome: 'sent', count: 1 })
    const [stops] = report.revocations
    expect(stops).toMatchObject({ channel: 'sms', cause: 'opt_out', late: 0, unmeasured: 0 })
    expect(stops?.slowestMs).toBeLessThan(60_000)
  })

  it('START is answered and texts go on; HELP is answered and changes nothing', async () => {
    const person = newPerson()
    const { lead } = await lab().post(person, { cadence: 'new-lead' })
    await lab().settled(lead.id)
    const words = () =>
      lab()
        .mails(person.phone)
        .map(({ text: each }) => each)
    const answered = async (part: string) => {
      await until(() => words().some((each) => each.includes(part)), { what: part })
      await lab().settled(lead.id)
    }
    await text(person.phone, 'HELP')
    await answered('for help, reach us')
    expect((await lab().lead(lead.id)).status).toBe('nurturing')
    await text(person.phone, 'STOP')
    await answered('no more texts')
    await text(person.phone, 'START')
    await answered('opted in')
    const before = words().length
    await lab().pass(lead.id, 25 * DAY_MS)
    expect(words().length).toBeGreaterThan(before)
  })
})
