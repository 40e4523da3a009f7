import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkChannels } from '../../src/cli/doctor/channels.ts'
import type { RunningAs } from '../../src/cli/doctor/public-address.ts'
import { type Config, readConfig } from '../../src/config.ts'
import { type Company, DEFAULT_SETTINGS } from '../../src/domain/company/company.ts'
import { type Catchers, startCatchers } from '../../src/local/catchers.ts'
import type { EmulatedAccount } from '../../src/local/sms-emulator/account.ts'
import { type Harness, startHarness } from '../api/harness.ts'
import { ACCOUNT } from '../channels/sms/sample.ts'
import { certificate } from '../support/certificate.ts'
import { noDovecot, startMailbox } from '../support/dovecot.ts'
import { startMailServer } from '../support/mail-server.ts'
import { DKIM, PEM, RECORDS, withNames } from './doctor-sender.ts'

const dns = withNames()
const COMPANY = {
  ...DEFAULT_SETTINGS.company,
  name: 'Northwind LLC',
  brand: 'Northwind',
  postalAddress: '9 Quay Road, Portland, ME 04101',
  website: 'https://northwind.example',
  phone: '+12075550100',
  helpContact: '+12075550100',
  from: { name: 'Northwind', email: 'hello@northwind.example' },
}

const ACCOUNT_WITH_KEY = {
  ...ACCOUNT,
  apiKey: { sid: `SK${'1'.repeat(32)}`, secret: 'the-secret-of-the-key' },
}

describe('the channels', () => {
  let catchers: Catchers
  let server: Server
  let api: Harness
  let publicUrl: string
  beforeAll(async () => {
    catchers = await startCatchers({ account: ACCOUNT_WITH_KEY, gapMs: 1 })
    server = createServer(
      (request, response) =>
        void getRequestListener((req, env) => api.publicApp.fetch(req, env))(request, response),
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const signer = { publicUrl, authTokens: [ACCOUNT.authToken], mayAnswer: () => true }
    api = await startHarness({ publicUrl, twilioSigners: [signer] })
    catchers.route({ inboundSmsUrl: `${publicUrl}/hooks/twilio/inbound` })
  })
  afterAll(async () => {
    server.close()
    await api.close()
    await catchers.close()
  })

  function configOf(more: NodeJS.ProcessEnv): Config {
    const reading = readConfig({
      SMTP_URL: `smtp://127.0.0.1:${catchers.smtp.port}`,
      DKIM_DOMAIN: DKIM.domain,
      DKIM_SELECTOR: DKIM.selector,
      DKIM_PRIVATE_KEY: PEM,
      TWILIO_ACCOUNT_SID: ACCOUNT.accountSid,
      TWILIO_AUTH_TOKEN: ACCOUNT.authToken,
      TWILIO_FROM: ACCOUNT.number,
      TWILIO_API_URL: catchers.sms.baseUrl,
      PUBLIC_URL: publicUrl,
      ...more,
    })
    if (!reading.ok) throw new Error(reading.problems.join(' '))
    return reading.config
  }
  const examine = async (
    to: string,
    more: NodeJS.ProcessEnv,
    { company = COMPANY, running = null }: { company?: Company; running?: RunningAs } = {},
  ) =>
    checkChannels({
      config: configOf(more),
      company,
      senders: [],
      ownerSenders: [],
      running,
      to,
      dns: dns(RECORDS),
    })
  const statesOf = (found: Awaited<ReturnType<typeof examine>>) =>
    Object.fromEntries(found.map(({ name, state }) => [name, state]))

  it('are all well, and one message really arrives, by mail and by text', async () => {
    const well = ['Company', 'SMTP', 'SPF', 'DKIM', 'DMARC', 'Twilio', 'Webhook', 'Test message']
    const listed = { OUTBOUND: 'allowlist', OUTBOUND_ALLOWLIST: '+12075550142' }
    const all = Object.fromEntries(well.map((name) => [name, 'ok']))
    const live = { OUTBOUND: 'live' }
    expect(statesOf(await examine('me@northwind.example', live))).toMatchObject(all)
    expect(statesOf(await examine('+1 207 555 0142', live))).toMatchObject(all)
    expect(statesOf(await examine('(207) 555-0142', listed))).toMatchObject(all)
    expect(catchers.outbox.list().items.map(({ to }) => to)).toEqual([
      'me@northwind.example',
      '+12075550142',
      '+12075550142',
    ])
  })

  it('are asked for every domain that emails come from', async () => {
    const found = await checkChannels({
      config: configOf({}),
      company: COMPANY,
      senders: [{ email: 'sam@second.example' }],
      ownerSenders: [{ domain: 'owners.example' }, { email: 'dana@owners.example' }],
      running: null,
      to: 'me@northwind.example',
      dns: dns(RECORDS),
    })
    const spf = found.flatMap(({ name, message }) => (name === 'SPF' ? [message] : []))
    expect(spf).toEqual(['owners.example has no SPF record.', 'second.example has no SPF record.'])
  })

  it('send nothing while OUTBOUND is catch, or to somebody who is not on the allowlist', async () => {
    const before = catchers.outbox.list().items.length
    expect(statesOf(await examine('me@northwind.example', {}))['Test message']).toBe('info')
    const listed = { OUTBOUND: 'allowlist', OUTBOUND_ALLOWLIST: '@northwind.example' }
    expect(statesOf(await examine('you@else.example', listed))['Test message']).toBe('missing')
    expect(catchers.outbox.list().items).toHaveLength(before)
  })

  it('are told wrong, without a secret', async () => {
    const found = await examine(
      'me@northwind.example',
      {
        OUTBOUND: 'live',
        SMTP_URL: 'smtp://user:a-secret-word@127.0.0.1:1',
        TWILIO_AUTH_TOKEN: 'another-secret',
        PUBLIC_URL: publicUrl,
      },
      { company: DEFAULT_SETTINGS.company },
    )
    expect(statesOf(found)).toMatchObject({
      Company: 'missing',
      SMTP: 'missing',
      Twilio: 'missing',
      Webhook: 'missing',
      'Test message': 'missing',
    })
    expect(JSON.stringify(found)).not.toMatch(/a-secret-word|another-secret|PRIVATE KEY/)
  })

  /** One thing is wrong: the check that says so, its words, and what to do. */
  interface Wrong {
    readonly what: string
    readonly env: () => NodeJS.ProcessEnv
    readonly name: string
    readonly message: RegExp
    readonly fix: RegExp
    readonly running?: RunningAs
  }
  const WRONG: readonly Wrong[] = [
    {
      what: 'a mail server that is not there',
      env: () => ({ SMTP_URL: 'smtp://127.0.0.1:1' }),
      name: 'SMTP',
      message: /could not be reached/,
      fix: /host and port.*smtps:/,
    },
    {
      what: 'a mail server whose name nobody knows',
      env: () => ({ SMTP_URL: 'smtps://mail.northwind.invalid' }),
      name: 'SMTP',
      message: /./,
      fix: /host/,
    },
    {
      what: 'no public address, with emails',
      env: () => ({ PUBLIC_URL: '' }),
      name: 'Public address',
      message: /links of emails/,
      fix: /https/,
    },
    {
      what: 'a public address where something else answers',
      env: () => ({ PUBLIC_URL: catchers.sms.baseUrl }),
      name: 'Public address',
      message: /something else/,
      fix: /proxy pass/,
    },
    {
      what: 'a public address that nothing listens at',
      env: () => ({ PUBLIC_URL: 'http://127.0.0.1:1' }),
      name: 'Webhook',
      message: /takes no connection/,
      fix: /Start Rekindle/,
    },
    {
      what: 'a public address other than that of the instance',
      env: () => ({ PUBLIC_URL: publicUrl.replace('127.0.0.1', 'localhost') }),
      name: 'Webhook',
      message: /for a forgery/,
      fix: /PUBLIC_URL and TWILIO_AUTH_TOKEN/,
    },
    {
      what: 'an instance that still catches',
      env: () => ({ PUBLIC_URL: publicUrl.replace('127.0.0.1', 'localhost') }),
      running: 'catch',
      name: 'Webhook',
      message: /catches messages/,
      fix: /OUTBOUND=allowlist/,
    },
    {
      what: 'a webhook that is not registered, or elsewhere',
      env: () => ({ PUBLIC_URL: publicUrl.replace('127.0.0.1', 'localhost') }),
      name: 'Twilio',
      message: /answers are lost.*127\.0\.0\.1/,
      fix: /Set http:\/\/localhost.*POST/,
    },
    {
      what: 'a wrong token',
      env: () => ({ TWILIO_AUTH_TOKEN: 'another' }),
      name: 'Twilio',
      message: /refuses our account SID, key or token/,
      fix: /TWILIO_AUTH_TOKEN/,
    },
    {
      what: 'a right API key beside a wrong token',
      env: () => ({
        TWILIO_AUTH_TOKEN: 'another',
        TWILIO_API_KEY_SID: ACCOUNT_WITH_KEY.apiKey.sid,
        TWILIO_API_KEY: ACCOUNT_WITH_KEY.apiKey.secret,
      }),
      name: 'Twilio',
      message: /every webhook would be refused/,
      fix: /API key does not stand in/,
    },
    {
      what: 'a number of somebody else',
      env: () => ({ TWILIO_FROM: '+12025550199' }),
      name: 'Twilio',
      message: /no number of this account/,
      fix: /TWILIO_FROM/,
    },
    {
      what: 'a messaging service that is none',
      env: () => ({ TWILIO_FROM: '', TWILIO_MESSAGING_SERVICE_SID: 'MG1' }),
      name: 'Twilio',
      message: /no messaging service/,
      fix: /TWILIO_MESSAGING_SERVICE_SID/,
    },
    {
      what: 'an account without a sender',
      env: () => ({ TWILIO_FROM: '' }),
      name: 'Twilio',
      message: /by half/,
      fix: /TWILIO_FROM/,
    },
    {
      what: 'Twilio out of reach',
      env: () => ({ TWILIO_API_URL: 'http://127.0.0.1:1' }),
      name: 'Twilio',
      message: /could not be reached/,
      fix: /internet/,
    },
    {
      what: 'nothing that reads answers',
      env: () => ({}),
      name: 'Answers by email',
      message: /Nothing reads them/,
      fix: /IMAP_URL/,
    },
    {
      what: 'a key that cannot sign',
      env: () => ({ DKIM_PRIVATE_KEY: 'no key' }),
      name: 'DKIM',
      message: /cannot be read/,
      fix: /PEM/,
    },
    {
      what: 'no mail server',
      env: () => ({ SMTP_URL: '' }),
      name: 'SMTP',
      message: /No mail server is set/,
      fix: /^$/,
    },
  ]
  it.each(WRONG)('are told wrong: $what', async ({ env, name, message, fix, running = null }) => {
    const found = await examine('me@northwind.example', { OUTBOUND: 'live', ...env() }, { running })
    const check = found.find((each) => each.name === name && each.state !== 'ok')
    expect(check?.message).toMatch(message)
    expect(check?.fix ?? '').toMatch(fix)
  })

  it('are told wrong: a password, a certificate', async () => {
    const login = { user: 'user', password: 'right', own: () => false, deliver: async () => {} }
    const plain = await startMailServer({ ...login, tls: null })
    const untrusted = await startMailServer({ ...login, tls: certificate() })
    const told = async (url: string) => {
      const found = await examine('me@northwind.example', { OUTBOUND: 'live', SMTP_URL: url })
      expect(JSON.stringify(found)).not.toMatch(/sesame/)
      return [found.find(({ name }) => name === 'SMTP'), found.at(-1)]
    }
    try {
      const [smtp, test] = await told(`smtp://user:sesame@localhost:${plain.port}`)
      expect(smtp?.fix).toContain('user name and password')
      expect(test).toMatchObject({ state: 'missing', fix: smtp?.fix })
      const [tls] = await told(`smtps://user:sesame@localhost:${untrusted.port}`)
      expect(tls).toMatchObject({ state: 'missing', fix: expect.stringContaining('certificate') })
      const [scheme] = await told(`smtps://user:sesame@localhost:${plain.port}`)
      expect(scheme).toMatchObject({ state: 'missing', fix: expect.stringContaining('STARTTLS') })
    } finally {
      await Promise.all([plain.close(), untrusted.close()])
    }
  })

  it.skipIf(noDovecot() !== null)('are told wrong: a mailbox', async () => {
    const box = await startMailbox()
    const { user, password, port } = box.imap
    const told = async (url: string) => {
      const found = await examine('me@northwind.example', { IMAP_URL: url })
      return found.find(({ name }) => name === 'Answers by email')
    }
    try {
      const well = `imap://${user}:${password}@127.0.0.1:${port}`
      expect(await told(`${well}/INBOX`)).toMatchObject({ state: 'ok' })
      expect((await told(`${well}/Nothing`))?.fix).toContain('folder')
      const refused = await told(`imap://${user}:sesame@127.0.0.1:${port}/INBOX`)
      expect(refused?.fix).toContain('user and password')
      await box.stop()
      expect((await told(`${well}/INBOX`))?.message).toContain('could not be reached')
    } finally {
      await box.close()
    }
  })

  it('are told wrong: a messaging service that posts by GET, by number, or is not registered', async () => {
    const told = async (setup: NonNullable<EmulatedAccount['setup']>) => {
      const other = await startCatchers({ account: { ...ACCOUNT, setup }, gapMs: 1 })
      other.route({ inboundSmsUrl: `${publicUrl}/hooks/twilio/inbound` })
      try {
        const env = {
          TWILIO_API_URL: other.sms.baseUrl,
          TWILIO_FROM: '',
          TWILIO_MESSAGING_SERVICE_SID: `MG${'2'.repeat(32)}`,
        }
        const found = await examine('me@northwind.example', env)
        return found.find(({ name }) => name === 'Twilio')
      } finally {
        await other.close()
      }
    }
    expect(await told({})).toMatchObject({ state: 'ok' })
    expect(await told({ inboundMethod: 'GET' })).toMatchObject({
      state: 'missing',
      message: expect.stringContaining('by GET'),
    })
    expect(await told({ webhookOnNumber: true })).toMatchObject({ state: 'ok' })
    expect(await told({ webhookOnNumber: true, inboundMethod: 'GET' })).toMatchObject({
      state: 'missing',
    })
    expect(await told({ registered: false })).toMatchObject({
      state: 'warning',
      fix: expect.stringContaining('30034'),
    })
  })
})
