import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkMailbox } from '../../src/channels/email/imap.ts'
import { readConfig } from '../../src/config.ts'
import { takeRawMail } from '../../src/leads/mail/take-raw-mail.ts'
import { createMailboxLoop, imapOf, readMailbox } from '../../src/wiring/mailbox.ts'
import { type Harness, startHarness } from '../api/harness.ts'
import { type Mailbox, noDovecot, startMailbox } from '../support/dovecot.ts'
import { until } from '../support/until.ts'

const missing = noDovecot()
if (missing !== null) console.warn(`IMAP is not tested: ${missing}.`)

const mail = (id: string) =>
  `From: ${id}@example.com\nTo: hello@acme.example\nSubject: Hi\nMessage-ID: <${id}@example.com>\n\nHello.\n`

describe.skipIf(missing !== null)('a mailbox on a real IMAP server', () => {
  let api: Harness
  let box: Mailbox
  beforeAll(async () => {
    api = await startHarness()
    box = await startMailbox()
  }, 120_000)
  afterAll(async () => {
    await box?.close()
    await api?.close()
  })

  const taken = async () => {
    const rows = await api.store.db
      .selectFrom('inbound_mail')
      .select('event_id')
      .orderBy('received_at')
      .execute()
    return rows.map(({ event_id }) => event_id.replace(/^email:<|@.*$/g, '')).sort()
  }
  const read = (more: Partial<Mailbox['imap']> = {}, reader = 'one') =>
    readMailbox({
      intake: api.deps,
      imap: { ...box.imap, ...more },
      reader,
      name: `box ${more.folder ?? ''}`,
    })

  it('takes each mail once, marks it, and begins with what nobody has read', async () => {
    await box.deliver(mail('a'))
    expect(await read()).toBe(1)
    expect(await read()).toBe(0)
    await box.deliver(mail('b'))
    await box.deliver(mail('c'))
    // A process took it, and was killed before it could say so.
    await takeRawMail(api.deps, 'imap', `Delivered-To: x@y.example\n${mail('b')}`)
    expect(await read()).toBe(2)
    expect(await taken()).toEqual(['a', 'b', 'c'])
    expect(await box.mails()).toMatchObject([{ seen: true }, { seen: true }, { seen: true }])
    // Another process leaves it alone while this one reads.
    await box.deliver(mail('d'))
    expect(await read({}, 'two')).toBe(0)
    expect(await read()).toBe(1)
  })

  it('survives that all its UIDs change', async () => {
    const before = await taken()
    await box.renew()
    await box.deliver(mail('e'))
    await until(async () => (await read()) > 0)
    expect(await taken()).toEqual([...before, 'e'].sort())
    await box.deliver(mail('f'))
    expect(await read()).toBe(1)
  })

  it('moves what was taken when told where to', async () => {
    await box.deliver(mail('g'))
    expect(await read({ moveTo: 'Taken' })).toBe(1)
    expect(await box.mails('Taken')).toHaveLength(1)
  })

  it('is read on when the server comes back, and loses nothing', async () => {
    await box.deliver(mail('h'))
    await box.stop()
    const lines: string[] = []
    const tell = (_: object, line?: string) => void lines.push(line ?? '')
    const log = { debug: tell, info: tell, warn: tell, error: tell }
    const loop = createMailboxLoop({ intake: api.deps, imap: box.imap, log, everyMs: 50 })
    loop.start()
    const alerts = () =>
      api.store.db
        .selectFrom('alerts')
        .select(['kind', 'resolved_at'])
        .where('kind', '=', 'mailbox_unreadable')
        .execute()
    await until(async () => (await alerts()).length > 0)
    await box.start()
    await until(async () => (await taken()).includes('h'))
    await until(async () => (await alerts()).every(({ resolved_at }) => resolved_at !== null))
    await loop.stop()
    expect(lines).toContain('mail was read')
    expect(lines.join()).not.toContain('example.com')
  })

  it('tells a person what is wrong with it', async () => {
    expect(await checkMailbox(box.imap)).toEqual({ ready: true })
    expect(await checkMailbox({ ...box.imap, password: 'wrong' })).toMatchObject({
      code: 'imap_auth_refused',
    })
    expect(await checkMailbox({ ...box.imap, folder: 'Nowhere' })).toMatchObject({
      code: 'imap_folder_missing',
    })
    expect(await checkMailbox({ ...box.imap, port: 1 })).toMatchObject({ code: 'imap_unreachable' })
  })
})

it('the environment names a mailbox', () => {
  const of = (env: Record<string, string>) => {
    const reading = readConfig(env)
    if (!reading.ok) throw new Error(reading.problems.join())
    return imapOf(reading.config)
  }
  expect(of({})).toBeNull()
  expect(of({ IMAP_URL: 'imaps://a%40b.example:p%2Fw@imap.example.com/Answers' })).toEqual({
    host: 'imap.example.com',
    port: 993,
    tls: 'implicit',
    user: 'a@b.example',
    password: 'p/w',
    folder: 'Answers',
    moveTo: null,
  })
  expect(of({ IMAP_URL: 'imap://u:p@imap.example.com', IMAP_MOVE_TO: 'Done' })).toMatchObject({
    port: 143,
    tls: 'starttls',
    folder: 'INBOX',
    moveTo: 'Done',
  })
})
