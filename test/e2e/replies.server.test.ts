import { describe, expect, it } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import { DAY_MS, HOUR_MS } from '../../src/domain/time.ts'
import { takeReply } from '../../src/leads/replies/take-reply.ts'
import { newId } from '../../src/store/new-id.ts'
import { testLab } from '../support/lab.ts'
import { until } from '../support/until.ts'
import { newPerson } from '../support/workbench.ts'

describe('what answers do, on the real server in virtual time', () => {
  const lab = testLab()

  /** A lead that has its first email. */
  async function begun() {
    const person = newPerson()
    const { lead } = await lab().post(person)
    const mails = () => lab().mails(person.email)
    await until(() => mails().length === 1, { what: 'the first email' })
    await lab().settled(lead.id)
    const all = () => lab().mails(person.email, person.phone)
    return { leadId: lead.id, person, mails, all }
  }
  type Begun = Awaited<ReturnType<typeof begun>>

  /** An answer by one of the lead's own contact points, as an edge takes it. */
  async function say({ leadId, person }: Begun, text: string, channel: 'email' | 'sms' = 'email') {
    const { store, hashKeys, doorbell, now } = lab().lab.intake
    const point =
      channel === 'email'
        ? ({ kind: 'email', value: person.email } as const)
        : ({ kind: 'phone', value: person.phone } as const)
    const taken = await store.transaction((trx) =>
      takeReply(
        trx,
        hashKeys,
        { kind: 'point', point },
        {
          id: newId('answer'),
          channel,
          text,
          subject: null,
          touchId: null,
          via: 'test',
          receivedAt: now(),
        },
      ),
    )
    doorbell.ring(taken.rings)
    await lab().settled(leadId)
    return taken
  }
  const tasksOf = async (leadId: LeadId) => {
    const { db } = lab().lab.intake.store
    const rows = await db
      .selectFrom('tasks')
      .select(['title', 'because'])
      .where('lead_id', '=', leadId)
      .orderBy('created_at')
      .execute()
    return rows
  }

  it('STOP in five wordings: never a text again, and email where the words leave it', async () => {
    const wordings = [
      ['STOP', 'sms'],
      ['st0p!!', 'sms'],
      ["please don't text me anymore", 'sms'],
      ['no me escriban más', 'sms'],
      ['take me off all your lists', 'all'],
    ] as const
    for (const [words, covers] of wordings) {
      const one = await begun()
      const taken = await say(one, words, 'sms')
      expect([words, taken.reading.intent, taken.owed]).toEqual([words, 'opt_out', 'stop'])
      // Who stopped everything is left alone: nothing is planned that time could bring.
      if (covers === 'sms') await lab().pass(one.leadId, 30 * DAY_MS)
      const later = one.all().slice(1)
      expect(later.filter(({ channel }) => channel === 'sms')).toEqual([])
      expect([words, later.length > 0]).toEqual([words, covers === 'sms'])
      const { dead_reason } = await lab().lead(one.leadId)
      expect([words, dead_reason]).toEqual([words, covers === 'sms' ? 'unresponsive' : 'opted_out'])
    }
  })

  it('HELP is owed an answer and changes nothing; START takes a stop back', async () => {
    const one = await begun()
    expect((await say(one, 'HELP', 'sms')).owed).toBe('help')
    expect((await lab().lead(one.leadId)).status).toBe('nurturing')
    await say(one, 'STOP', 'sms')
    expect((await say(one, 'START', 'sms')).owed).toBe('start')
    const suppressed = await lab()
      .lab.intake.store.db.selectFrom('consents')
      .select('source')
      .where('lead_id', '=', one.leadId)
      .where('source', '=', 'text START')
      .execute()
    expect(suppressed).toHaveLength(1)
  })

  it('a wrong number, a competitor, a curse: each ends what it should', async () => {
    const wrong = await begun()
    await say(wrong, 'Sorry, wrong number', 'sms')
    await lab().pass(wrong.leadId, 30 * DAY_MS)
    expect(wrong.all().filter(({ channel }) => channel === 'sms')).toEqual([])
    expect(wrong.mails().length).toBeGreaterThan(1)

    const lost = await begun()
    await say(lost, 'Thanks, but we went with Brightline Solar, they were cheaper.')
    expect(await lab().lead(lost.leadId)).toMatchObject({
      dead_reason: 'competitor',
      dead_details: { competitor: 'Brightline Solar', why: 'price' },
    })

    const cross = await begun()
    await say(cross, 'Go to hell')
    expect((await lab().lead(cross.leadId)).dead_reason).toBe('hostile')
    await lab().pass(lost.leadId, 30 * DAY_MS)
    expect([lost.all().length, cross.all().length]).toEqual([1, 1])
  })

  it('three times later, and it is over; a task waits for the day that was named', async () => {
    const one = await begun()
    for (const words of ['not now', 'call me in two weeks', 'try me again in three months']) {
      await say(one, words)
      await lab().pass(one.leadId, 3 * DAY_MS)
    }
    const lead = await lab().lead(one.leadId)
    expect(lead.dead_reason).toBe('postponing')
    if (lead.dead_details?.reason !== 'postponing') throw new Error('wrong details')
    const { postponements } = lead.dead_details
    expect(postponements).toHaveLength(3)
    expect(lead.check_in_at).toBe(postponements.at(-1)?.until)
    expect(one.all()).toHaveLength(1)
  })

  it('thanks hold for a day, an absence until the return, and neither is an answer', async () => {
    const one = await begun()
    await say(one, '👍')
    const held = await lab().lead(one.leadId)
    expect(held.next_words).toContain('held: it waits for a date')
    await lab().pass(one.leadId, DAY_MS + HOUR_MS)
    expect((await lab().lead(one.leadId)).next_words).not.toContain('held')
    await say(one, 'I am out of the office for three weeks.')
    const sent = one.all().length
    await lab().pass(one.leadId, 20 * DAY_MS)
    expect(one.all()).toHaveLength(sent)
    await lab().pass(one.leadId, 25 * DAY_MS)
    expect(one.all().length).toBeGreaterThan(sent)
  })

  it('what nobody understands goes to a person; forgotten, it is picked up and let go', async () => {
    const one = await begun()
    await say(one, 'Purple elephants dance.')
    expect(await tasksOf(one.leadId)).toMatchObject([
      { because: expect.stringContaining('Purple elephants dance.') },
    ])
    await lab().pass(one.leadId, 4 * DAY_MS)
    expect((await tasksOf(one.leadId)).map(({ title }) => title)).toEqual([
      'Answer the lead',
      'Say what became of the lead',
      'The lead waits for an answer, for days',
    ])
    expect(one.all()).toHaveLength(1)
    await lab().pass(one.leadId, 30 * DAY_MS)
    const after = one.mails().slice(1)
    expect(after.map(({ subject }) => subject?.split(' ')[0])).toEqual(['Shall', 'I'])
    expect((await lab().lead(one.leadId)).dead_reason).toBe('unresponsive')
  })
})
