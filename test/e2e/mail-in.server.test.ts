import pino from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import { DAY_MS } from '../../src/domain/time.ts'
import type { Loop } from '../../src/temporal/loop.ts'
import { createMailboxLoop } from '../../src/wiring/mailbox.ts'
import { type Mailbox, noDovecot, startMailbox } from '../support/dovecot.ts'
import { testLab } from '../support/lab.ts'
import { answerTo, bounceOf, complaintAbout, returnPathOf } from '../support/mails.ts'
import { until } from '../support/until.ts'
import { newPerson } from '../support/workbench.ts'

const missing = noDovecot()
if (missing !== null) console.warn(`Conversations over IMAP are not tested: ${missing}.`)

/** Emails leave by SMTP; what the world makes of them comes back by SMTP and is read by IMAP. */
describe.skipIf(missing !== null)('conversations by email, over real servers', () => {
  const lab = testLab()
  let box: Mailbox
  let loop: Loop
  beforeAll(async () => {
    box = await startMailbox()
    const { intake } = lab().lab
    const mail = { ...intake, ledgerKey: lab().lab.engine.ledgerKey }
    loop = createMailboxLoop({
      intake: mail,
      imap: box.imap,
      log: pino({ level: 'silent' }),
      everyMs: 100,
    })
    loop.start()
  })
  afterAll(async () => {
    await loop?.stop()
    await box?.close()
  })

  /** A lead that has its first email. */
  async function begun(more: object = {}) {
    const person = { ...newPerson(), ...more }
    const { lead } = await lab().post(person)
    const mails = () => lab().mails(person.email)
    const [mail] = await until(() => (mails().length > 0 ? mails() : null), {
      what: 'the first email',
      timeoutMs: 120_000,
    })
    if (mail === undefined) throw new Error('no email was caught')
    await lab().settled(lead.id)
    return { leadId: lead.id, person, mail, mails }
  }
  const acted = (leadId: LeadId, kind: string) =>
    until(
      async () =>
        await lab()
          .lab.intake.store.db.selectFrom('inbound_mail')
          .select('state')
          .where('lead_id', '=', leadId)
          .where('kind', '=', kind as never)
          .executeTakeFirst(),
      { what: kind, timeoutMs: 120_000 },
    )

  it('a bounce of the only address ends the lead; nothing is sent to it again', async () => {
    const { leadId, mail, mails } = await begun({ phone: null })
    await box.deliver(bounceOf(mail, { status: '5.1.1' }))
    await acted(leadId, 'hard_bounce')
    await lab().settled(leadId)
    expect(await lab().lead(leadId)).toMatchObject({
      status: 'dead',
      dead_reason: 'bad_contact_info',
    })
    await lab().pass(leadId, 30 * DAY_MS)
    expect(mails()).toHaveLength(1)
  })

  it('a complaint ends emails and texts, for good', async () => {
    const { leadId, mail, person } = await begun()
    const before = lab().mails(person.email, person.phone).length
    await box.deliver(complaintAbout(mail, returnPathOf(mail)))
    await acted(leadId, 'complaint')
    await lab().settled(leadId)
    expect(await lab().lead(leadId)).toMatchObject({ status: 'dead', dead_reason: 'opted_out' })
    // Nothing is planned any more, so no time can pass towards it.
    const later = await lab().lab.time.fastForward(leadId, { ms: 60 * DAY_MS })
    expect(later.kind).toBe('refused')
    expect(lab().mails(person.email, person.phone)).toHaveLength(before)
  })

  it('an out-of-office delays the cadence until the day it names; then it goes on', async () => {
    const { leadId, mail, mails } = await begun({ phone: null })
    const back = new Date(Date.now() + 20 * DAY_MS)
    const day = back.toISOString().slice(0, 10)
    const away = answerTo(mail, `I am out of the office and return on ${day}.`, {
      to: returnPathOf(mail),
      headers: ['Auto-Submitted: auto-replied', 'Return-Path: <>'],
    })
    await box.deliver(away)
    await acted(leadId, 'auto_reply')
    await lab().settled(leadId)
    expect((await lab().lead(leadId)).status).toBe('nurturing')
    await lab().pass(leadId, 18 * DAY_MS)
    expect(mails()).toHaveLength(1)
    await lab().pass(leadId, 12 * DAY_MS)
    const [, second] = mails()
    expect(second?.at).toBeGreaterThan(Date.parse(`${day}T00:00:00Z`))
  })

  it('a reply from another address, and again by another way, holds every channel once', async () => {
    const { leadId, mail, person } = await begun()
    const reply = answerTo(mail, 'Yes, I would like to know more. Please call me.', {
      from: 'assistant@elsewhere.example',
    })
    await box.deliver(reply)
    await acted(leadId, 'answer')
    await box.deliver(reply)
    await lab().settled(leadId)
    expect((await lab().lead(leadId)).status).toBe('engaged')
    const before = lab().mails(person.email, person.phone).length
    await lab().pass(leadId, 2 * DAY_MS)
    expect(lab().mails(person.email, person.phone)).toHaveLength(before)
    await until(async () => (await box.mails()).every(({ seen }) => seen))
    const replies = await lab()
      .lab.intake.store.db.selectFrom('signals')
      .select('id')
      .where('lead_id', '=', leadId)
      .where('kind', '=', 'reply')
      .execute()
    expect(replies).toHaveLength(1)
  })

  it('a stop in words of their own, a competitor and somebody else end what they should', async () => {
    const { db } = lab().lab.intake.store
    const end = async (words: string, more: object = {}) => {
      const { leadId, mail, mails } = await begun(more)
      await box.deliver(answerTo(mail, words))
      await acted(leadId, 'answer')
      await lab().settled(leadId)
      await lab()
        .pass(leadId, 30 * DAY_MS)
        .catch(() => {})
      expect([words, mails().length]).toEqual([words, 1])
      return lab().lead(leadId)
    }
    const stopped = await end('Please take me off your mailing list.', { phone: null })
    expect(stopped.dead_reason).toBe('opted_out')
    expect(
      await end('Thanks, but we went with Brightline Solar, they were cheaper.'),
    ).toMatchObject({
      dead_reason: 'competitor',
      dead_details: { competitor: 'Brightline Solar', why: 'price' },
    })
    const other = await end('Sorry, you have the wrong person.', { phone: null })
    expect(other.dead_reason).toBe('bad_contact_info')
    const points = await db
      .selectFrom('contact_points')
      .select('validity')
      .where('lead_id', '=', other.id)
      .execute()
    expect(points).toEqual([{ validity: 'invalid' }])
  })

  it('three times later is postponing, with each day that was named', async () => {
    const { leadId, mail, mails } = await begun({ phone: null })
    for (const [at, words] of [
      'Not now, please call me in two weeks.',
      'Still too early. Try again in three months.',
      'Maybe next year.',
    ].entries()) {
      await box.deliver(answerTo(mail, words))
      await until(
        async () => {
          const rows = await lab()
            .lab.intake.store.db.selectFrom('inbound_mail')
            .select('state')
            .where('lead_id', '=', leadId)
            .execute()
          return rows.filter(({ state }) => state === 'acted').length > at
        },
        { what: words, timeoutMs: 120_000 },
      )
      await lab().settled(leadId)
      if (at < 2) await lab().pass(leadId, 3 * DAY_MS)
    }
    const lead = await lab().lead(leadId)
    expect(lead.dead_reason).toBe('postponing')
    expect(lead.dead_details).toMatchObject({ postponements: [{}, {}, {}] })
    expect(mails()).toHaveLength(1)
  })
})
