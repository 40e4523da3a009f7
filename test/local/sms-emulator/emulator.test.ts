import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseInboundSms } from '../../../src/channels/sms/inbound.ts'
import { signedByTwilio } from '../../../src/channels/sms/signature.ts'
import { type Catchers, startCatchers } from '../../../src/local/catchers.ts'
import { segmentCount } from '../../../src/local/sms-emulator/segments.ts'
import { ACCOUNT } from '../../channels/sms/sample.ts'
import { type WebhookReceiver, webhookReceiver } from '../../channels/sms/webhook-receiver.ts'
import { until } from '../../support/until.ts'

let catchers: Catchers
let hooks: WebhookReceiver

beforeEach(async () => {
  catchers = await startCatchers({ account: ACCOUNT, gapMs: 1, advancedOptOut: true })
  hooks = await webhookReceiver()
  catchers.route({ inboundSmsUrl: `${hooks.url}/hooks/twilio/inbound` })
})
afterEach(async () => {
  await catchers.close()
  await hooks.close()
})

const form = { To: '+12125550142', From: ACCOUNT.number, Body: 'Hi Ada' }

async function post(fields: Record<string, string>, password = ACCOUNT.authToken) {
  const basic = Buffer.from(`${ACCOUNT.accountSid}:${password}`).toString('base64')
  const path = `/2010-04-01/Accounts/${ACCOUNT.accountSid}/Messages.json`
  const response = await fetch(`${catchers.sms.baseUrl}${path}`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams(fields),
  })
  const answer: unknown = await response.json()
  return { status: response.status, answer }
}

describe('a create request that Twilio would refuse', () => {
  const { To: _to, ...noTo } = form
  const { From: _from, ...noFrom } = form
  const cases: [string, Record<string, string>, number][] = [
    ['without a recipient', noTo, 21604],
    ['to what is no number', { ...form, To: '555-0142' }, 21211],
    ['without a sender', noFrom, 21603],
    ['from a number that is not ours', { ...form, From: '+12025550199' }, 21606],
    ['without a text', { ...form, Body: '' }, 21602],
    ['with too long a text', { ...form, Body: 'x'.repeat(1_601) }, 21617],
    ['with a bad validity', { ...form, ValidityPeriod: '0' }, 20001],
  ]
  it.each(cases)('%s', async (_what, fields, code) => {
    expect(await post(fields)).toMatchObject({ status: 400, answer: { code, status: 400 } })
    expect(catchers.outbox.list().items).toEqual([])
  })

  it('without our credentials', async () => {
    expect(await post(form, 'guess')).toMatchObject({ status: 401, answer: { code: 20003 } })
  })
})

describe('an inbound text', () => {
  async function answer(text: string) {
    await post(form)
    const [item] = catchers.outbox.list().items
    return catchers.reply(item?.id ?? '', text)
  }

  it('is posted to the webhook, signed', async () => {
    expect(await answer('Sure, tomorrow?')).toEqual({ kind: 'delivered' })
    const [hook] = hooks.received
    if (!hook) throw new Error('no webhook came')
    expect(parseInboundSms(hook.form)).toMatchObject({
      from: '+12125550142',
      to: ACCOUNT.number,
      body: 'Sure, tomorrow?',
      optOut: null,
    })
    const { signature, form: parameters } = hook
    const url = `${hooks.url}/hooks/twilio/inbound`
    const authTokens = [ACCOUNT.authToken]
    expect(signedByTwilio({ authTokens, signature, url, parameters })).toBe(true)
  })

  it('of STOP is named in the webhook, and blocks the number at Twilio', async () => {
    await answer(' stop ')
    expect(hooks.received[0]?.form.OptOutType).toBe('STOP')
    expect(await post(form)).toMatchObject({ status: 400, answer: { code: 21610 } })
  })

  it('of "opt out" means nothing to Twilio: that is ours to hear', async () => {
    await answer('opt out')
    expect(hooks.received[0]?.form.OptOutType).toBeUndefined()
    expect((await post(form)).status).toBe(201)
  })

  it('without Advanced Opt-Out is not named, but blocks all the same', async () => {
    await catchers.close()
    catchers = await startCatchers({ account: ACCOUNT, gapMs: 1 })
    catchers.route({ inboundSmsUrl: `${hooks.url}/in` })
    await answer('STOP')
    expect(hooks.received[0]?.form.OptOutType).toBeUndefined()
    expect(await post(form)).toMatchObject({ answer: { code: 21610 } })
  })

  it('that nobody takes is said so', async () => {
    catchers.route({})
    expect(await answer('Hello?')).toMatchObject({ kind: 'not_taken' })
  })
})

describe('status callbacks', () => {
  const StatusCallback = () => `${hooks.url}/status?touch=t1`
  const statuses = () => hooks.received.map(({ form: { MessageStatus } }) => MessageStatus)

  it('come out of order and twice on demand', async () => {
    const order = ['delivered', 'sent', 'delivered']
    catchers.faults.set('+12125550142', { kind: 'callbacks', order })
    await post({ ...form, StatusCallback: StatusCallback() })
    await until(() => hooks.received.length === 3)
    expect(statuses()).toEqual(order)
  })

  it('are posted again when the receiver fails or is away', async () => {
    await hooks.close()
    hooks = await webhookReceiver((_webhook, nth) => (nth === 1 ? 503 : 204))
    await post({ ...form, StatusCallback: StatusCallback() })
    await until(() => hooks.received.length === 3)
    expect(statuses()).toEqual(['sent', 'sent', 'delivered'])
  })

  it('are not posted again when the receiver refuses them', async () => {
    await hooks.close()
    hooks = await webhookReceiver((_webhook, nth) => (nth === 1 ? 403 : 204))
    await post({ ...form, StatusCallback: StatusCallback() })
    await until(() => hooks.received.length === 2)
    expect(statuses()).toEqual(['sent', 'delivered'])
  })
})

it('counts segments as the carriers do', () => {
  expect(segmentCount('x'.repeat(160))).toBe(1)
  expect(segmentCount('x'.repeat(161))).toBe(2)
  expect(segmentCount('€'.repeat(80))).toBe(1)
  expect(segmentCount('€'.repeat(81))).toBe(2)
  expect(segmentCount('’'.repeat(70))).toBe(1)
  expect(segmentCount('’'.repeat(71))).toBe(2)
})
