import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { hasOpenssl } from '../support/certificate.ts'
import { noDovecot } from '../support/dovecot.ts'
import { answerTo } from '../support/mails.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { until } from '../support/until.ts'
import { type CompanyParts, startParts, TWILIO } from './company-parts.ts'
import { type Block, blocksOf, Reader } from './guide.ts'

const postgres = inject('postgresUrl')
const missing =
  noDovecot() ??
  (hasOpenssl() ? null : 'openssl is not installed') ??
  (postgres === null ? 'there is no Postgres' : null)
if (missing !== null) console.warn(`The guide to going live is not followed: ${missing}.`)

const ME = 'me@northwind.example'
const READY = 'Ctrl-C stops it'
const SLOW = { timeoutMs: 60_000, everyMs: 200 }

/**
 * The whole guide, by its own blocks: Postgres, an external Temporal, a mail server that demands TLS
 * and a log-in, Dovecot, a name server, a proxy with TLS, and the emulator for Twilio.
 */
describe.skipIf(missing !== null)('the guide to going live', () => {
  let parts: CompanyParts
  let database: TestDatabase
  let reader: Reader
  let ports: { public: number; private: number }
  let blocks: Block[]
  beforeAll(async () => {
    const [, password = ''] =
      /smtps:\/\/user:([^@]+)@/.exec((await guide()).map(text).join('')) ?? []
    // Notices go to people; the mailbox takes what is written to the company.
    const own = (address: string) => /^(hello|team)@northwind\.example$/.test(address)
    parts = await startParts({ user: 'user', password, own })
    database = await createDatabase(postgres ?? '')
    ports = { public: await freePort(), private: await freePort() }
    parts.proxy.target = `http://127.0.0.1:${ports.public}`
    reader = await Reader.begin({
      ...parts.env,
      TEMPORAL_NAMESPACE: `guide-${randomUUID()}`,
      PUBLIC_PORT: String(ports.public),
      PRIVATE_PORT: String(ports.private),
    })
    blocks = await guide()
  })
  afterAll(async () => {
    await reader?.end()
    await database?.drop()
    await parts?.close()
  })

  /** Takes the next block, which must be of this language: the order is the guide's. */
  const next = (language: string): string => {
    const block = blocks.shift()
    expect(`${block?.language} under ${block?.heading}`).toMatch(new RegExp(`^${language} under`))
    return (block?.text ?? '').replaceAll('127.0.0.1:7300', `127.0.0.1:${ports.private}`)
  }
  const nextSettings = async () => reader.write('live.env', filledIn(next('dotenv'), valuesOf()))
  const valuesOf = (): Record<string, string> => ({
    ...TWILIO,
    DATABASE_URL: database.url,
    CONTACT_HASH_KEY: 'ab'.repeat(32),
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    PUBLIC_URL: parts.proxy.url,
  })
  const filledIn = (lines: string, values: Record<string, string>) => {
    const filled = lines
      .replace(/^(\w+)=.*$/gm, (line, name: string) =>
        values[name] === undefined ? line : `${name}=${values[name]}`,
      )
      .replace('@smtp.example.com:465', `@localhost:${parts.mail.port}`)
      .replace('@imap.example.com', `@localhost:${parts.mailbox.imap.port}`)
    expect(filled).not.toMatch(/…|example\.com/)
    return filled
  }
  const show = async () =>
    (await reader.run('set -a; . ./live.env; set +a; bin/rekindle leads show ' + ME)).output

  it('is followed from top to bottom', { timeout: 480_000 }, async () => {
    // 1. Where the data live.
    await nextSettings()
    const first = await startOf(next('bash'))
    expect(first.said()).toContain('Nothing is missing')
    expect(first.said()).toContain('Postgres (DATABASE_URL)')

    // 2. Who you are.
    await reader.write('company.yaml', next('yaml'))
    expect(await reader.run(loaded(next('bash')))).toMatchObject({ code: 0 })

    // 3. Email, and 4. texts.
    expect(await reader.run(next('bash'))).toMatchObject({ code: 0 })
    await nextSettings()
    await nextSettings()

    // 5. For yourself alone.
    await nextSettings()
    await first.stop()
    const alone = await startOf(next('bash'))
    expect(alone.said()).toContain('addresses of the allowlist only')

    // 6. The doctor says which records are missing, and what they are.
    const doctor = next('bash')
    const ill = await reader.run(doctor)
    expect(ill.code).toBe(3)
    expect(ill.output).toContain('Missing: SPF, DKIM, DMARC.')
    publish(ill.output)
    const well = await reader.run(doctor)
    expect(well.output).toContain('Nothing is missing')
    expect(well.code).toBe(0)
    await mailTo(ME, 'A test by rekindle doctor')
    expect((await reader.run(doctor.replace(ME, '+12075550142'))).code).toBe(0)

    // 7. Your own lead.
    await reader.write('me.json', next('json'))
    const posted = await reader.run(loaded(next('bash')))
    expect(posted.output).toContain('"status":"started"')
    expect(posted.code).toBe(0)
    const mail = await mailTo(ME, 'thanks for getting in touch')
    expect(mail.raw).toContain('DKIM-Signature')
    const item = asOutboxItem(mail)
    await parts.mailbox.deliver(answerTo(item, 'Do you work on Saturdays?', { from: ME }))
    const look = loaded(next('bash'))
    await until(async () => (await reader.run(look)).output.includes('engaged'), SLOW)
    await mailTo('desk@northwind.example', 'Answer the lead')
    const [test] = await parts.twilio.texts()
    await parts.twilio.answer(test?.id ?? '', 'STOP')
    await until(async () => /opt_out/.test(await show()), SLOW)

    // 8. The switch.
    expect(await reader.run(loaded('bin/rekindle outbound'))).toMatchObject({ code: 0 })
    expect((await reader.run(loaded(next('bash')))).output).toContain('shift')
    await nextSettings()
    await alone.stop()
    const live = await startOf(next('bash'))
    expect(live.said()).toContain('Messages leave for real people')
    await live.stop()
    expect(blocks).toEqual([])
  })

  const startOf = (commands: string) => reader.start(commands, READY)
  /** The second terminal has the settings, as the guide says. */
  const loaded = (commands: string) => `set -a; . ./live.env; set +a\n${commands}`

  const mailTo = (to: string, words: string) =>
    until(() => parts.mail.taken.find((mail) => mail.to === to && mail.raw.includes(words)), {
      ...SLOW,
      what: `"${words}" to ${to}`,
    })

  /** Publishes what the doctor wrote, as a reader copies it. */
  const publish = (said: string) => {
    for (const [, name = '', record = ''] of said.matchAll(/TXT record at (\S+): (v=.*)$/gm)) {
      parts.names.records.set(name, [record.replace(/<[^>]*>/, 'mail.example')])
    }
    expect(parts.names.records.size).toBe(3)
  }
})

const guide = () => blocksOf('docs/going-live.md')
const text = ({ text: body }: Block) => body

/** A taken mail in the shape that answers are made from. */
function asOutboxItem({ raw, from, to }: { raw: string; from: string; to: string }) {
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(raw)?.[1]?.trim() ?? ''
  const headers = Object.fromEntries(
    ['Message-ID', 'From', 'Reply-To', 'Subject'].map((name) => [name, header(name)]),
  )
  return {
    id: 'taken',
    channel: 'email' as const,
    to,
    at: 0 as never,
    subject: header('Subject'),
    text: '',
    html: null,
    headers: { ...headers, 'Return-Path': `<${from}>` },
    touch: null,
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
