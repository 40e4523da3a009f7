import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkChannels } from '../../src/cli/doctor/channels.ts'
import { checkMailRecords } from '../../src/cli/doctor/mail-records.ts'
import { type Config, readConfig } from '../../src/config.ts'
import { type Company, DEFAULT_SETTINGS } from '../../src/domain/company/company.ts'
import { type Catchers, startCatchers } from '../../src/local/catchers.ts'
import { type Harness, startHarness } from '../api/harness.ts'
import { ACCOUNT } from '../channels/sms/sample.ts'

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const PUBLISHED = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
const RECORDS: Record<string, string[]> = {
  'northwind.example': ['v=spf1 include:_spf.mail.example ~all', 'something else'],
  'k1._domainkey.northwind.example': [`v=DKIM1; k=rsa; p=${PUBLISHED}`],
  '_dmarc.northwind.example': ['v=DMARC1; p=quarantine'],
}
/** A name server of these records; long ones come in parts of 255 octets, as they do. */
const dns = (records: Record<string, string[]>) => async (name: string) => {
  const found = records[name]
  if (found === undefined) throw new Error('queryTxt ENOTFOUND')
  return found.map((text) => text.match(/.{1,255}/g) ?? [])
}
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
const DKIM = { domain: 'northwind.example', selector: 'k1', privateKey: PEM }

describe('the DNS records of the sender', () => {
  const states = async (records: Record<string, string[]>, dkim = DKIM as typeof DKIM | null) =>
    (await checkMailRecords('northwind.example', dkim, dns(records))).map(({ state }) => state)

  it('are well when SPF, the very key, and a policy are published', async () => {
    expect(await states(RECORDS)).toEqual(['ok', 'ok', 'ok'])
  })

  it('are missing one by one, each with what to publish', async () => {
    const found = await checkMailRecords('northwind.example', DKIM, dns({}))
    expect(found.map(({ name, state }) => [name, state])).toEqual([
      ['SPF', 'missing'],
      ['DKIM', 'missing'],
      ['DMARC', 'missing'],
    ])
    expect(found.every(({ fix }) => fix !== null)).toBe(true)
    expect(JSON.stringify(found)).not.toContain('PRIVATE KEY')
  })

  it('are told wrong: two SPF records, another key, a policy that only watches', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
    const key = other.export({ type: 'spki', format: 'der' }).toString('base64')
    const wrong = {
      'northwind.example': ['v=spf1 -all', 'v=spf1 ~all'],
      'k1._domainkey.northwind.example': [`v=DKIM1; p=${key}`],
      '_dmarc.northwind.example': ['v=DMARC1; p=none'],
    }
    expect(await states(wrong)).toEqual(['missing', 'missing', 'info'])
    expect((await states(RECORDS, null))[1]).toBe('warning')
  })
})

describe('the channels', () => {
  let catchers: Catchers
  let server: Server
  let api: Harness
  let publicUrl: string
  beforeAll(async () => {
    catchers = await startCatchers({ account: ACCOUNT, gapMs: 1 })
    server = createServer(
      (request, response) =>
        void getRequestListener((req, env) => api.publicApp.fetch(req, env))(request, response),
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    api = await startHarness({ publicUrl, twilioAuthTokens: [ACCOUNT.authToken] })
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
  const examine = async (to: string, more: NodeJS.ProcessEnv, company: Company = COMPANY) =>
    checkChannels({ config: configOf(more), company, to, resolveTxt: dns(RECORDS) })
  const statesOf = (found: Awaited<ReturnType<typeof examine>>) =>
    Object.fromEntries(found.map(({ name, state }) => [name, state]))

  it('are all well, and one message really arrives, by mail and by text', async () => {
    const well = ['Company', 'SMTP', 'SPF', 'DKIM', 'DMARC', 'Twilio', 'Webhook', 'Test message']
    const all = Object.fromEntries(well.map((name) => [name, 'ok']))
    const live = { OUTBOUND: 'live' }
    expect(statesOf(await examine('me@northwind.example', live))).toMatchObject(all)
    expect(statesOf(await examine('+1 207 555 0142', live))).toMatchObject(all)
    expect(catchers.outbox.list().items.map(({ to }) => to)).toEqual([
      'me@northwind.example',
      '+12075550142',
    ])
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
      DEFAULT_SETTINGS.company,
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
})
