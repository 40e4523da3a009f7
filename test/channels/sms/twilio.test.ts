import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseSmsStatus } from '../../../src/channels/sms/inbound.ts'
import { signedByTwilio } from '../../../src/channels/sms/signature.ts'
import { type SmsConfig, twilioChannel } from '../../../src/channels/sms/twilio.ts'
import { deliveryFailure } from '../../../src/channels/sms/twilio-errors.ts'
import type { SmsSearch } from '../../../src/channels/types.ts'
import { instant, plus } from '../../../src/domain/time.ts'
import { type Catchers, startCatchers } from '../../../src/local/catchers.ts'
import { until } from '../../support/until.ts'
import { ACCOUNT, sampleSms, smsConfig } from './sample.ts'
import { type WebhookReceiver, webhookReceiver } from './webhook-receiver.ts'

let catchers: Catchers
let hooks: WebhookReceiver

beforeEach(async () => {
  catchers = await startCatchers({ account: ACCOUNT, gapMs: 1 })
  hooks = await webhookReceiver()
})
afterEach(async () => {
  await catchers.close()
  await hooks.close()
})

const within = { deadlineMs: 5_000 }

function channel(change: Partial<SmsConfig> = {}) {
  const statusCallbackUrl = `${hooks.url}/hooks/twilio/status`
  return twilioChannel(smsConfig(catchers.sms.baseUrl, { statusCallbackUrl, ...change }))
}

function fault(fault: unknown) {
  expect(catchers.faults.set('+12125550142', fault)).toEqual({ kind: 'set' })
}

describe('a text', () => {
  it('is accepted, and its callbacks name the touch and are signed', async () => {
    const outcome = await channel().send(sampleSms(), within)
    expect(outcome).toMatchObject({ kind: 'accepted', providerId: expect.stringMatching(/^SM/) })
    await until(() => hooks.received.length === 2)
    expect(hooks.received.map(({ form }) => parseSmsStatus(form)?.status)).toEqual([
      'sent',
      'delivered',
    ])
    for (const { path, signature, form } of hooks.received) {
      expect(path).toBe('/hooks/twilio/status?touch=touch-9')
      const url = `${hooks.url}${path}`
      const authTokens = [ACCOUNT.authToken]
      expect(signedByTwilio({ authTokens, signature, url, parameters: form })).toBe(true)
    }
    expect(catchers.outbox.list().items).toMatchObject([
      { channel: 'sms', to: '+12125550142', text: sampleSms().body, touch: 'touch-9' },
    ])
  })

  it('can go through a messaging service', async () => {
    const sid = 'MG00000000000000000000000000000001'
    const outcome = await channel({ sender: { kind: 'messaging_service', sid } }).send(
      sampleSms(),
      within,
    )
    expect(outcome.kind).toBe('accepted')
    await until(() => hooks.received.length === 3)
    expect(hooks.received.map(({ form }) => form.MessageStatus)).toEqual([
      'queued',
      'sent',
      'delivered',
    ])
  })

  it('can be sent with an API key instead of the auth token', async () => {
    const apiKey = { sid: 'SK00000000000000000000000000000001', secret: 's3cret' }
    const refused = await channel({ apiKey }).send(sampleSms(), within)
    expect(refused).toMatchObject({ kind: 'sender_fault', code: 'sms_20003' })
    await catchers.close()
    catchers = await startCatchers({ account: { ...ACCOUNT, apiKey }, gapMs: 1 })
    expect((await channel({ apiKey }).send(sampleSms(), within)).kind).toBe('accepted')
  })

  it('goes to each person from the same number of the pool, which both sides remember', async () => {
    await catchers.close()
    const moreNumbers = ['+12025550101', '+12025550102']
    const pool = [ACCOUNT.number, ...moreNumbers]
    catchers = await startCatchers({ account: { ...ACCOUNT, moreNumbers }, gapMs: 1 })
    const recipients = Array.from(
      { length: 12 },
      (_, n) => `+121255501${String(n).padStart(2, '0')}`,
    )
    for (const [round, numbers] of [pool, [...pool].reverse()].entries()) {
      const sms = channel({ sender: { kind: 'numbers', pool: numbers } })
      for (const to of recipients) {
        const body = `round ${round}`
        expect((await sms.send(sampleSms({ to, body }), within)).kind).toBe('accepted')
        expect((await sms.find({ to, body, sentAfter: instant(0) })).kind).toBe('found')
      }
    }
    const from = (to: string) =>
      catchers.outbox.list({ to }).items.map(({ headers }) => headers.From)
    for (const to of recipients) expect(new Set(from(to)).size).toBe(1)
    expect(new Set(recipients.flatMap(from))).toEqual(new Set(pool))
  })

  it('asks for no report where Twilio cannot reach us', async () => {
    await channel({ statusCallbackUrl: null }).send(sampleSms(), within)
    expect(catchers.outbox.list().items[0]?.headers).not.toHaveProperty('Status-Callback')
  })

  it('whose time is over is not sent', async () => {
    const outcome = await channel().send(sampleSms({ validForMs: 900 }), within)
    expect(outcome).toMatchObject({ kind: 'transient', code: 'sms_validity_over' })
    expect(catchers.outbox.list().items).toEqual([])
  })
})

describe('a refused text', () => {
  const cases: [number, object][] = [
    [21211, { kind: 'permanent', contactPoint: 'invalid' }],
    [21408, { kind: 'sender_fault' }],
    [21608, { kind: 'sender_fault' }],
    [21610, { kind: 'permanent', contactPoint: 'opted_out' }],
    [21612, { kind: 'permanent', contactPoint: 'not_capable' }],
    [21614, { kind: 'permanent', contactPoint: 'not_capable' }],
    [21635, { kind: 'permanent', contactPoint: 'not_capable' }],
    [30002, { kind: 'sender_fault' }],
    [30034, { kind: 'sender_fault' }],
    [
      21299,
      { kind: 'transient', retries: { atMost: 1, contactPoint: 'unchanged', thenPark: true } },
    ],
  ]
  it.each(cases)('with code %i', async (code, expected) => {
    fault({ kind: 'create-error', code })
    const outcome = await channel().send(sampleSms(), within)
    expect(outcome).toMatchObject({ ...expected, code: `sms_${code}` })
    expect(catchers.outbox.list().items).toEqual([])
  })

  it('with HTTP 429: transient, after the time that Twilio names', async () => {
    fault({ kind: 'http', status: 429, retryAfterS: 3 })
    expect(await channel().send(sampleSms(), within)).toMatchObject({
      kind: 'transient',
      code: 'sms_20429',
      retryAfterMs: 3_000,
    })
  })

  it('with HTTP 500 is ambiguous, and rightly so: this one was taken', async () => {
    fault({ kind: 'http', status: 500, recorded: true })
    const sentAfter = instant(Date.now())
    expect(await channel().send(sampleSms(), within)).toMatchObject({
      kind: 'ambiguous',
      code: 'sms_provider_error',
    })
    const evidence = await channel().find({ ...search(), sentAfter })
    expect(evidence.kind).toBe('found')
  })

  it('after the recipient told Twilio STOP, until START', async () => {
    await catchers.reply((await caught()).id, 'Stop')
    expect(await channel().send(sampleSms(), within)).toMatchObject({
      kind: 'permanent',
      code: 'sms_21610',
      contactPoint: 'opted_out',
    })
    const [first] = catchers.outbox.list().items
    await catchers.reply(first?.id ?? '', 'START')
    expect((await channel().send(sampleSms(), within)).kind).toBe('accepted')
  })
})

it('a text that fails later is told by its callback', async () => {
  fault({ kind: 'callback-error', code: 30003 })
  expect((await channel().send(sampleSms(), within)).kind).toBe('accepted')
  const last = await until(() => hooks.received.find(({ form }) => form.ErrorCode))
  const status = parseSmsStatus(last.form)
  expect(status).toMatchObject({ status: 'undelivered', errorCode: 30003 })
  expect(deliveryFailure(status?.errorCode ?? null)).toEqual({
    kind: 'transient',
    code: 'sms_30003',
    because: 'The handset could not be reached.',
    retryAfterMs: 3_600_000,
    retries: { atMost: 2, contactPoint: 'unchanged' },
  })
})

describe('evidence for a text whose answer never came', () => {
  it('is in the list', async () => {
    fault({ kind: 'timeout-after-acceptance', callbacks: false })
    const sentAfter = instant(Date.now())
    const outcome = await channel().send(sampleSms(), { deadlineMs: 300 })
    expect(outcome).toMatchObject({ kind: 'ambiguous', code: 'sms_no_answer_in_time' })
    const [item] = catchers.outbox.list().items
    expect(await channel().find({ ...search(), sentAfter })).toEqual({
      kind: 'found',
      providerId: item?.headers['Message-Sid'],
      status: 'queued',
      acceptedAt: wholeSecond(item?.at ?? 0),
      errorCode: null,
    })
    expect(hooks.received).toEqual([])
  })

  it('comes with the callback as well, which names the touch', async () => {
    fault({ kind: 'timeout-after-acceptance' })
    await channel().send(sampleSms(), { deadlineMs: 300 })
    const first = await until(() => hooks.received[0])
    expect(first.path).toContain('touch=touch-9')
  })

  it('is not what was sent before, to others, with another text, or for another touch', async () => {
    const sms = channel({ stampTime: true })
    const dispatched = instant(Date.UTC(2030, 0, 2, 12))
    const at = plus(dispatched, 10_000)
    await sms.send(sampleSms({ at: plus(dispatched, -60_000) }), within)
    await sms.send(sampleSms({ at, to: '+12125550143' }), within)
    await sms.send(sampleSms({ at, body: `${sampleSms().body} Really.` }), within)
    const other = await sms.send(sampleSms({ at }), within)
    const except = other.kind === 'accepted' ? [other.providerId] : []
    const where = { ...search(), sentAfter: dispatched }
    expect(await sms.find({ ...where, except })).toEqual({ kind: 'not_found' })
    expect(await sms.find(where)).toMatchObject({ kind: 'found', providerId: except[0] })
  })

  it('is found behind many other texts, though typography was made plain on the way', async () => {
    const sms = channel({ stampTime: true })
    const at = instant(Date.UTC(2030, 0, 2, 12))
    await sms.send(sampleSms({ at, body: "Hi Ada, it's Sam at Acme." }), within)
    for (let n = 1; n <= 60; n += 1) {
      await sms.send(sampleSms({ at: plus(at, n * 1_000), body: `other ${n}` }), within)
    }
    expect(await sms.find({ ...search(), sentAfter: at })).toMatchObject({
      kind: 'found',
      acceptedAt: at,
    })
  })

  it('cannot be had while Twilio is away', async () => {
    await catchers.close()
    expect(await channel().find(search())).toMatchObject({
      kind: 'unavailable',
      code: 'sms_provider_unreachable',
    })
    catchers = await startCatchers({ account: ACCOUNT })
  })
})

describe('ready', () => {
  it('when the account answers', async () => {
    expect(await channel().ready()).toEqual({ ready: true })
  })

  it('not with wrong credentials, and says what to do', async () => {
    const ready = await channel({ authToken: 'wrong-token' }).ready()
    expect(ready).toMatchObject({ ready: false, kind: 'sender_fault', code: 'sms_20003' })
    expect(JSON.stringify(ready)).not.toContain('wrong-token')
  })
})

it('the time of the engine is told to the emulator only when asked for', async () => {
  const at = instant(Date.UTC(2031, 4, 6, 15, 4, 5))
  const stamped = await channel({ stampTime: true }).send(sampleSms({ at }), within)
  expect(stamped).toMatchObject({ kind: 'accepted', acceptedAt: at })
  const plain = await channel().send(sampleSms({ at }), within)
  expect(plain).not.toMatchObject({ acceptedAt: at })
  expect(catchers.outbox.list().items[0]?.at).toBe(at)
})

/** Twilio's dates have no milliseconds. */
function wholeSecond(ms: number): number {
  return Math.floor(ms / 1_000) * 1_000
}

function search(): SmsSearch {
  return { to: '+12125550142', body: sampleSms().body, sentAfter: instant(Date.now() - 1_000) }
}

async function caught() {
  await channel().send(sampleSms(), within)
  const [item] = catchers.outbox.list().items
  if (!item) throw new Error('nothing was caught')
  return item
}
