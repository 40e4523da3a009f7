import { createHmac } from 'node:crypto'
import pino from 'pino'
import { beforeEach, describe, expect, it } from 'vitest'
import { DEFAULT_SETTINGS } from '../../src/domain/company/company.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import { DAY_MS, instant, MINUTE_MS, plus } from '../../src/domain/time.ts'
import { takeRawMail } from '../../src/leads/mail/take-raw-mail.ts'
import { writeToLead } from '../../src/leads/messages/talk.ts'
import { readToken } from '../../src/leads/web/tokens.ts'
import { writeSettings } from '../../src/store/company/settings.ts'
import { createNotifyLoop } from '../../src/wiring/notify.ts'
import { hasOpenssl } from '../support/certificate.ts'
import { startReceiver } from '../support/https-receiver.ts'
import { until } from '../support/until.ts'
import { forEachWorkbench, newPerson, noDoorbell, type Workbench } from '../support/workbench.ts'

const OWNER = 'sam@acme.example'

forEachWorkbench((_, opened) => {
  let bench: Workbench
  beforeEach(async () => {
    bench = opened()
    // A message is stamped by the wall clock: here both clocks are the test's.
    bench.clock.wallAheadMs = bench.clock.now - Date.now()
    await bench.store.db.deleteFrom('notices').execute()
    await bench.store.db.deleteFrom('inbound_mail').execute()
    await bench.store.db.deleteFrom('settings').execute()
    // What other tests wrote is no news.
    await bench.store.db
      .updateTable('signals')
      .set({ received_at: instant(0) })
      .execute()
    await bench.store.db
      .updateTable('tasks')
      .set({ created_at: instant(0) })
      .execute()
  })

  /** A lead with an owner, that answered its first email. */
  async function answered(channel: 'email' | 'sms' = 'email') {
    const person = newPerson({ owner: OWNER })
    const leadId = await bench.post(person)
    await bench.touch(leadId, await bench.look(leadId))
    const [first] = await bench.touches(leadId)
    const payload = {
      channel,
      text: 'Could we talk\non Tuesday?',
      subject: channel === 'email' ? 'A question' : null,
      touchId: first?.id ?? null,
    } as const
    await bench.signal(leadId, { kind: 'reply', payload }, `email:<its@mail.example>:${leadId}`)
    await bench.look(leadId)
    return { leadId, person, first }
  }
  const write = (leadId: LeadId, channel: 'email' | 'sms', text: string, subject: string | null) =>
    bench.store.transaction((trx) =>
      writeToLead(trx, leadId, { channel, text, subject }, { who: 'test', at: bench.clock.now }),
    )
  const send = async (leadId: LeadId) => bench.touch(leadId, await bench.look(leadId))

  describe('a person writes', () => {
    it('an email, which goes on the lead’s own thread', async () => {
      const { leadId, first } = await answered()
      await write(leadId, 'email', 'Tuesday at ten works.', null)
      await send(leadId)
      const mail = bench.mails('email').at(-1)
      expect(mail).toMatchObject({ subject: 'Re: A question' })
      expect(mail?.text).toContain('Tuesday at ten works.')
      expect(mail?.headers['In-Reply-To']).toBe('<its@mail.example>')
      expect(mail?.headers.References).toContain(first?.message_id)
      const [, touch] = await bench.touches(leadId)
      expect(touch).toMatchObject({ class: 'conversation', state: 'sent' })
    })

    it('a text, in plain typography, and never longer than a text may be', async () => {
      const { leadId } = await answered('sms')
      await write(leadId, 'sms', '“Tuesday” works – Sam', null)
      await send(leadId)
      expect(bench.caught('sms')).toEqual(['"Tuesday" works - Sam'])
      await expect(write(leadId, 'sms', 'x'.repeat(1_601), null)).rejects.toMatchObject({
        status: 422,
      })
      await expect(write(leadId, 'sms', 'Hi', 'A subject')).rejects.toMatchObject({ status: 422 })
    })

    it('nothing to somebody who has said stop', async () => {
      const { leadId } = await answered('sms')
      const payload = { channel: 'sms', how: 'text STOP', words: 'STOP' } as const
      await bench.signal(leadId, { kind: 'opt_out', payload })
      await write(leadId, 'sms', 'But Tuesday?', null)
      await bench.look(leadId)
      expect(bench.caught('sms')).toEqual([])
      const [message] = await bench.store.db
        .selectFrom('messages')
        .select('outcome')
        .where('lead_id', '=', leadId)
        .execute()
      expect(message?.outcome).toBe('denied')
    })
  })

  describe('people are told', () => {
    const optionsFor = (inboundDomain: string | null) => ({
      intake: { store: bench.store, now: () => bench.clock.now },
      email: bench.deps.email,
      places: { inboundDomain, consoleUrl: 'http://console.example' },
      webhooks: true,
      log: pino({ level: 'silent' }),
      everyMs: 20,
    })
    const loopFor = (inboundDomain: string | null) => createNotifyLoop(optionsFor(inboundDomain))
    const toOwner = () => bench.mails('email').filter(({ to }) => to === OWNER)
    const states = async () =>
      (
        await bench.store.db
          .selectFrom('notices')
          .select(['kind', 'way', 'state', 'attempts'])
          .orderBy('way')
          .execute()
      ).map(({ kind, way, state, attempts }) => [kind, way, state, attempts])

    it('of what a lead wrote: its owner, once, with an address that answers the lead', async () => {
      const { leadId } = await answered()
      const loop = loopFor('in.acme.example')
      loop.start()
      const mail = await until(() => toOwner()[0])
      await until(async () => (await states()).some(([, , state]) => state === 'sent'))
      await loop.stop()
      expect(mail.text).toContain('> Could we talk\n> on Tuesday?')
      expect(mail.text).toContain(`http://console.example/leads/${leadId}`)
      const [, token = ''] = /owner\+([0-9a-f]+)@in\.acme\.example/.exec(
        mail.headers['Reply-To'] ?? '',
      ) ?? ['', '']
      expect(await readToken(bench.store.db, token, 'owner', bench.clock.now)).toMatchObject({
        lead_id: leadId,
        target: `email:${OWNER}`,
      })
      expect(await states()).toEqual([['reply', 'owner', 'sent', 1]])
      expect(toOwner()).toHaveLength(1)
    })

    it('and takes the owner’s answer to the lead, on its thread; nobody else’s, and once', async () => {
      const { leadId } = await answered()
      const loop = loopFor('in.acme.example')
      loop.start()
      const forwarded = await until(() => toOwner()[0])
      await loop.stop()
      const to = /owner\+[0-9a-f]+@in\.acme\.example/.exec(forwarded.headers['Reply-To'] ?? '')?.[0]
      const mail = (from: string, messageId: string) =>
        [
          `From: ${from}`,
          `To: ${to}`,
          `Message-ID: <${messageId}@acme.example>`,
          'Subject: Re: A question',
          '',
          'Tuesday at ten, gladly.',
          '',
          'On Tue, 24 Nov 2026, Acme Example wrote:',
          '> Ada answered by email:',
          '> > Could we talk',
        ].join('\r\n')
      const intake = {
        store: bench.store,
        hashKeys: bench.hashKeys,
        doorbell: noDoorbell,
        now: () => bench.clock.now,
        ledgerKey: bench.deps.ledgerKey,
      }
      const take = (from: string, id: string) => takeRawMail(intake, 'imap', mail(from, id))
      expect(await take('mallory@else.example', `forged-${leadId}`)).toMatchObject({ kind: 'kept' })
      expect(await take(OWNER, `mine-${leadId}`)).toMatchObject({ kind: 'acted' })
      expect(await take(OWNER, `mine-${leadId}`)).toMatchObject({ kind: 'repeated' })
      await send(leadId)
      const sent = bench.mails('email').at(-1)
      expect(sent).toMatchObject({ subject: 'Re: A question' })
      expect(sent?.to).not.toBe(OWNER)
      expect(sent?.text.trim()).toBe('Tuesday at ten, gladly.')
      expect(sent?.headers['In-Reply-To']).toBe('<its@mail.example>')
    })

    it('and takes the owner’s answer to what was texted as a text', async () => {
      const { leadId } = await answered('sms')
      const loop = loopFor('in.acme.example')
      loop.start()
      const forwarded = await until(() => toOwner()[0])
      await loop.stop()
      const to = /owner\+[0-9a-f]+@in\.acme\.example/.exec(forwarded.headers['Reply-To'] ?? '')?.[0]
      const intake = {
        store: bench.store,
        hashKeys: bench.hashKeys,
        doorbell: noDoorbell,
        now: () => bench.clock.now,
        ledgerKey: bench.deps.ledgerKey,
      }
      const head = [`From: ${OWNER}`, `To: ${to}`, `Message-ID: <text-${leadId}@acme.example>`]
      const raw = [...head, 'Subject: Re: it', '', 'Tuesday at ten.'].join('\r\n')
      expect(await takeRawMail(intake, 'imap', raw)).toMatchObject({ kind: 'acted' })
      await send(leadId)
      expect(bench.caught('sms')).toEqual(['Tuesday at ten.'])
    })

    it('again, later, while the mail server does not take it; and not of what is old', async () => {
      await answered()
      bench.catchers.faults.set(OWNER, { kind: 'reply', code: 451, text: '4.3.0 later', times: 1 })
      const loop = loopFor(null)
      loop.start()
      await until(async () => {
        const rows = await bench.store.db.selectFrom('notices').select(['because']).execute()
        return rows.some(({ because }) => because !== null)
      })
      expect(toOwner()).toEqual([])
      bench.clock.now = plus(bench.clock.now, 2 * MINUTE_MS)
      const mail = await until(() => toOwner()[0])
      expect(mail.text).toContain('Answer from the page of the lead.')
      await loop.stop()
      await bench.store.db.deleteFrom('notices').execute()
      bench.clock.now = plus(bench.clock.now, 2 * DAY_MS)
      const later = loopFor(null)
      later.start()
      await later.stop()
      expect(await states()).toEqual([])
    })

    it('not twice, when a process ended as it told them', async () => {
      await answered()
      const died = loopFor(null)
      died.start()
      await until(async () => (await states()).length > 0)
      await died.stop()
      const copies = toOwner().length
      await bench.store.db
        .updateTable('notices')
        .set({ state: 'sending', due_at: plus(bench.clock.now, MINUTE_MS), settled_at: null })
        .execute()
      bench.clock.now = plus(bench.clock.now, 3 * MINUTE_MS)
      const next = loopFor(null)
      next.start()
      await until(async () => (await states()).every(([, , state]) => state === 'uncertain'))
      await next.stop()
      expect(toOwner()).toHaveLength(copies)
    })

    it('of mail that waits, once for all of it', async () => {
      const settings = {
        ...DEFAULT_SETTINGS,
        notifications: { forwardReplies: false, email: 'team@acme.example', webhook: null },
      }
      await bench.store.transaction((trx) => writeSettings(trx, settings, bench.clock.now))
      const { store, hashKeys, deps, clock } = bench
      const intake = { store, hashKeys, doorbell: noDoorbell, ledgerKey: deps.ledgerKey }
      const take = (n: number) =>
        takeRawMail(
          { ...intake, now: () => clock.now },
          'imap',
          `From: x${n}@else.example\nTo: a@b.example\nMessage-ID: <w${n}-${store.kind}@x>\nSubject: A secret\n\nHi\n`,
        )
      for (const n of [1, 2, 3]) await take(n)
      const mails = () => bench.mails('email').filter(({ to }) => to === 'team@acme.example')
      const loop = loopFor(null)
      loop.start()
      const mail = await until(() => mails()[0])
      expect(mail).toMatchObject({ subject: '3 mails wait for a person' })
      expect(mail.text).toContain('http://console.example/mail')
      expect(JSON.stringify(mail)).not.toContain('secret')
      clock.now = plus(clock.now, MINUTE_MS)
      await take(4)
      clock.now = plus(clock.now, 15 * MINUTE_MS)
      await until(() => mails()[1])
      await loop.stop()
      expect(mails()).toHaveLength(2)
    })

    it.skipIf(!hasOpenssl())(
      'by a chat: signed, from row to receiver, again until it is taken',
      async () => {
        const receiver = await startReceiver()
        const secret = 'a-secret-of-the-chat'
        const settings = {
          ...DEFAULT_SETTINGS,
          notifications: {
            forwardReplies: false,
            email: null,
            webhook: { url: receiver.url, secret },
          },
        }
        await bench.store.transaction((trx) => writeSettings(trx, settings, bench.clock.now))
        receiver.answer.status = 500
        const { leadId } = await answered()
        const loop = createNotifyLoop({ ...optionsFor(null), trust: receiver.trust })
        loop.start()
        await until(async () => (await states()).some(([, , , attempts]) => attempts === 1))
        await until(() => receiver.got.length === 1)
        receiver.answer.status = 204
        bench.clock.now = plus(bench.clock.now, 2 * MINUTE_MS)
        await until(async () => (await states()).some(([, , state]) => state === 'sent'))
        await loop.stop()
        receiver.close()
        expect(await states()).toEqual([['task', 'webhook', 'sent', 2]])
        const [, posted] = receiver.got
        const [, seconds, signature] =
          /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(posted?.headers['x-rekindle-signature'])) ?? []
        const signed = createHmac('sha256', secret).update(`${seconds}.${posted?.body}`)
        expect(signature).toBe(signed.digest('hex'))
        expect(JSON.parse(posted?.body ?? '')).toMatchObject({
          kind: 'task',
          leadId,
          url: `http://console.example/leads/${leadId}`,
        })
        expect(posted?.body).not.toContain('Tuesday')
      },
    )

    it('of what there is to do: the company’s address, without what the lead wrote', async () => {
      const settings = {
        ...DEFAULT_SETTINGS,
        notifications: { forwardReplies: false, email: 'team@acme.example', webhook: null },
      }
      await bench.store.transaction((trx) => writeSettings(trx, settings, bench.clock.now))
      await answered()
      const loop = loopFor(null)
      loop.start()
      const mail = await until(() =>
        bench.mails('email').find(({ to }) => to === 'team@acme.example'),
      )
      await loop.stop()
      expect(JSON.stringify(mail)).not.toContain('Tuesday')
      expect(toOwner()).toEqual([])
    })
  })
})
