import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { twilioLookup } from '../../../src/channels/sms/phone-lookup.ts'
import { twilioChannel } from '../../../src/channels/sms/twilio.ts'
import { twilioInbox } from '../../../src/channels/sms/twilio-inbox.ts'
import { senderSetups } from '../../../src/channels/sms/twilio-setup.ts'
import { instant } from '../../../src/domain/time.ts'
import { type Catchers, startCatchers } from '../../../src/local/catchers.ts'
import { ACCOUNT, sampleSms, smsConfig } from '../../channels/sms/sample.ts'
import { contractThere, loadContract, SETUP } from './contract.ts'
import { type Exchange, recordingProxy } from './recording-proxy.ts'

const title = contractThere
  ? "Twilio's own description of its Messages API"
  : "Twilio's own description of its Messages API: SKIPPED, the file is not here"

describe.skipIf(!contractThere)(title, () => {
  let catchers: Catchers
  let proxy: Awaited<ReturnType<typeof recordingProxy>>

  beforeEach(async () => {
    catchers = await startCatchers({ account: ACCOUNT, gapMs: 1 })
    proxy = await recordingProxy(catchers.sms.baseUrl)
  })
  afterEach(async () => {
    await proxy.close()
    await catchers.close()
  })

  const problems = () => {
    const contract = loadContract()
    return proxy.exchanges.flatMap(contract.problems)
  }
  const requests = () => proxy.exchanges.map(({ method, url }) => `${method} ${url.pathname}`)
  const messages = `/2010-04-01/Accounts/${ACCOUNT.accountSid}/Messages`

  async function ask(method: string, path: string, form?: Record<string, string>) {
    const basic = Buffer.from(`${ACCOUNT.accountSid}:${ACCOUNT.authToken}`).toString('base64')
    await fetch(`${proxy.url}${messages}${path}`, {
      method,
      headers: { authorization: `Basic ${basic}` },
      ...(form && { body: new URLSearchParams(form) }),
    })
  }

  it('describes all that our client asks and the emulator answers', async () => {
    const sender = { kind: 'messaging_service', sid: `MG${'1'.repeat(32)}` } as const
    for (const config of [smsConfig(proxy.url), smsConfig(proxy.url, { sender })]) {
      const channel = twilioChannel(config)
      await channel.ready()
      const sent = sampleSms({ validForMs: 3_600_000 })
      expect((await channel.send(sent, { deadlineMs: 5_000 })).kind).toBe('accepted')
      const { to, body } = sent
      expect((await channel.find({ to, body, sentAfter: instant(0) })).kind).toBe('found')
    }
    expect(requests()).toContain(`POST ${messages}.json`)
    expect(requests()).toContain(`GET ${messages}.json`)
    expect(problems()).toEqual([])
  })

  it('describes what the emulator answers to others', async () => {
    catchers.faults.set('+12125550142', { kind: 'callbacks', order: [] })
    const form = { To: '+12125550142', From: ACCOUNT.number, Body: 'Hi' }
    await ask('POST', '.json', form)
    await ask('POST', '.json', { ...form, ValidityPeriod: '60', SmartEncoded: 'true' })
    const sid = catchers.outbox.list().items[0]?.headers['Message-Sid'] ?? ''
    await ask('GET', `/${sid}.json`)
    await ask('POST', `/${sid}.json`, { Status: 'canceled' })
    await ask('POST', `/${sid}.json`, { Body: '' })
    await ask('GET', '.json?PageSize=1&To=%2B12125550142&From=%2B12025550100')
    await ask('GET', '.json?DateSent=2024-01-01')
    await ask('DELETE', `/${sid}.json`)
    expect(proxy.exchanges.map(({ status }) => status)).toEqual([
      201, 201, 200, 200, 200, 200, 200, 204,
    ])
    expect(problems()).toEqual([])
  })

  it('finds fault with what is not described', async () => {
    await ask('GET', '.json')
    const contract = loadContract()
    const [good] = proxy.exchanges
    if (!good) throw new Error('nothing was recorded')
    const bad = (change: Partial<Exchange>) => contract.problems({ ...good, ...change }).join('\n')
    expect(bad({ url: new URL(`${good.url.origin}/2010-04-01/Calls.json`) })).toMatch(
      'not described',
    )
    expect(bad({ url: new URL(`${good.url.href}?Colour=red`) })).toMatch('Colour')
    expect(bad({ url: new URL(`${good.url.href}?PageSize=5000`) })).toMatch('PageSize')
    expect(bad({ status: 418 })).toMatch('418')
    expect(bad({ body: '{"messages":[{"status":"mislaid"}]}' })).toMatch('status')
    const create = { method: 'POST', status: 201, body: '{}' }
    expect(bad({ ...create, form: new URLSearchParams('ValidityPeriod=soon') })).toMatch('form')
    expect(bad({ ...create, form: new URLSearchParams('Txt=Hi') })).toMatch('Txt')
  })
})

const SERVICE = { kind: 'messaging_service', sid: `MG${'2'.repeat(32)}` } as const

describe("Twilio's own description of numbers, services and lookups", () => {
  let catchers: Catchers
  let proxy: Awaited<ReturnType<typeof recordingProxy>>
  beforeEach(async () => {
    catchers = await startCatchers({
      account: { ...ACCOUNT, moreNumbers: ['+12025550101'] },
      gapMs: 1,
    })
    catchers.route({ inboundSmsUrl: 'https://go.example/hooks/twilio/inbound' })
    proxy = await recordingProxy(catchers.sms.baseUrl)
  })
  afterEach(async () => {
    await proxy.close()
    await catchers.close()
  })

  it('describes all that our client asks and the emulator answers', async () => {
    const config = smsConfig(proxy.url)
    const viaService = smsConfig(proxy.url, { sender: SERVICE })
    const inboundUrl = 'https://go.example/hooks/twilio/inbound'
    const inbound = [{ url: inboundUrl, method: 'POST' }]
    const well = { known: true, sendsTexts: true, inbound }
    expect(await senderSetups(config)).toEqual([
      { sender: ACCOUNT.number, ...well, registered: null },
    ])
    expect(await senderSetups(viaService)).toEqual([
      { sender: SERVICE.sid, ...well, registered: true },
    ])
    const lookup = twilioLookup(config)
    expect(await lookup.lineTypeOf('+12125550142')).toEqual({ kind: 'known', type: 'mobile' })
    catchers.faults.set('+12125550143', { kind: 'line', type: 'landline' })
    expect(await lookup.lineTypeOf('+12125550143')).toEqual({ kind: 'known', type: 'landline' })
    const contract = loadContract(SETUP)
    expect(proxy.exchanges.map(({ url }) => url.pathname.split('/').slice(0, 3).join('/'))).toEqual(
      expect.arrayContaining(['/2010-04-01/Accounts', '/v1/Services', '/v2/PhoneNumbers']),
    )
    expect(proxy.exchanges.flatMap(contract.problems)).toEqual([])
  })

  it('and a service’s texts are polled from all its numbers', async () => {
    await catchers.text('+12125550142', 'Hello?')
    const inbox = twilioInbox(smsConfig(proxy.url, { sender: SERVICE }))
    expect(await inbox.received(instant(0))).toMatchObject([
      { from: '+12125550142', body: 'Hello?', to: ACCOUNT.number },
    ])
  })

  it.each([
    [
      { kind: 'line', status: 503 },
      { kind: 'unknown', again: true },
    ],
    [
      { kind: 'line', status: 429 },
      { kind: 'unknown', again: true },
    ],
    [
      { kind: 'line', status: 401 },
      { kind: 'unknown', again: false },
    ],
    [
      { kind: 'line', type: 'nonFixedVoip' },
      { kind: 'known', type: 'voip' },
    ],
    [
      { kind: 'line', type: 'hovercraft' },
      { kind: 'unknown', again: false },
    ],
  ])('a lookup never throws: %j', async (fault, expected) => {
    catchers.faults.set('+12125550142', fault)
    expect(await twilioLookup(smsConfig(proxy.url)).lineTypeOf('+12125550142')).toMatchObject(
      expected,
    )
  })
})
