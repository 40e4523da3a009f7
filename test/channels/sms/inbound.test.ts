import fc from 'fast-check'
import twilio from 'twilio'
import { describe, expect, it } from 'vitest'
import {
  parseInboundSms,
  parseSmsStatus,
  smsStatusRank,
} from '../../../src/channels/sms/inbound.ts'
import { signedByTwilio } from '../../../src/channels/sms/signature.ts'

const sid = `SM${'0a'.repeat(16)}`
const text = { MessageSid: sid, From: '+12125550142', To: '+12025550100', Body: 'Yes please' }

describe('an inbound text', () => {
  it('is read, with what Twilio took it for', () => {
    expect(parseInboundSms(text)).toEqual({
      providerId: sid,
      from: '+12125550142',
      to: '+12025550100',
      body: 'Yes please',
      optOut: null,
    })
    expect(parseInboundSms({ ...text, Body: 'STOP', OptOutType: 'STOP', New: '1' })).toMatchObject({
      optOut: 'stop',
    })
  })

  it('of a kind that Twilio adds one day is read by its words', () => {
    const form = { ...text, Body: 'STOP', OptOutType: 'PAUSE' }
    expect(parseInboundSms(form)).toMatchObject({ body: 'STOP', optOut: null })
  })

  it('may be empty: a picture without words', () => {
    const { Body: _, ...rest } = text
    expect(parseInboundSms(rest)).toMatchObject({ body: '' })
  })

  it.each([{}, null, { ...text, From: '12345' }, { ...text, MessageSid: 'x' }])(
    'not %j',
    (form) => {
      expect(parseInboundSms(form)).toBeNull()
    },
  )
})

describe('a status callback', () => {
  it('is read', () => {
    const form = { MessageSid: sid, MessageStatus: 'undelivered', ErrorCode: '30003' }
    expect(parseSmsStatus(form)).toEqual({
      providerId: sid,
      status: 'undelivered',
      errorCode: 30003,
    })
    expect(parseSmsStatus({ MessageSid: sid, MessageStatus: 'sent', ErrorCode: '' })).toEqual({
      providerId: sid,
      status: 'sent',
      errorCode: null,
    })
    expect(parseSmsStatus({ MessageSid: sid })).toBeNull()
  })

  it('in whatever order, repeated or not, ends at the same final status', () => {
    const steps = ['accepted', 'queued', 'sending', 'sent', 'delivered']
    const shuffled = fc.shuffledSubarray([...steps, ...steps], { minLength: steps.length * 2 })
    fc.assert(
      fc.property(shuffled, (order) => {
        const last = order.reduce((now, next) =>
          smsStatusRank(next) > smsStatusRank(now) ? next : now,
        )
        return last === 'delivered'
      }),
    )
  })

  it('never replaces a final status by another, nor by an unknown one', () => {
    const finals = ['failed', 'undelivered', 'delivered', 'canceled']
    for (const a of finals) {
      for (const b of [...finals, 'mystery']) {
        expect(smsStatusRank(b)).toBeLessThanOrEqual(smsStatusRank(a))
      }
    }
    expect(smsStatusRank('read')).toBeGreaterThan(smsStatusRank('delivered'))
  })
})

describe('a signature', () => {
  const url = 'https://go.acme.example/hooks/twilio/status?touch=touch-9'
  const signature = twilio.getExpectedTwilioSignature('token', url, text)
  const given = { authTokens: ['token'], signature, url, parameters: text }

  it('holds, also while the token is rotated', () => {
    expect(signedByTwilio(given)).toBe(true)
    expect(signedByTwilio({ ...given, authTokens: ['new', 'token'] })).toBe(true)
  })

  it.each([
    { signature: undefined },
    { signature: '' },
    { authTokens: [] },
    { authTokens: ['other'] },
    { url: url.replace('touch-9', 'touch-8') },
    { parameters: { ...text, Body: 'No' } },
    { parameters: { ...text, Extra: '1' } },
  ])('does not hold with %j', (change) => {
    expect(signedByTwilio({ ...given, ...change })).toBe(false)
  })
})
