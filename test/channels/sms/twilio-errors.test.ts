import { describe, expect, it } from 'vitest'
import {
  classifyCreateRefusal,
  deliveryFailure,
  twilioErrorMeaning,
} from '../../../src/channels/sms/twilio-errors.ts'

describe('the table', () => {
  const kinds: [number, string][] = [
    [20429, 'transient'],
    [21211, 'permanent invalid'],
    [21408, 'sender_fault'],
    [21608, 'sender_fault'],
    [21610, 'permanent opted_out'],
    [21612, 'permanent not_capable'],
    [21614, 'permanent not_capable'],
    [21635, 'permanent not_capable'],
    [30001, 'transient'],
    [30002, 'sender_fault'],
    [30003, 'transient'],
    [30004, 'permanent unchanged'],
    [30005, 'transient, then invalid'],
    [30006, 'permanent not_capable'],
    [30007, 'permanent unchanged'],
    [30008, 'transient, then unchanged'],
    [30032, 'sender_fault'],
    [30034, 'sender_fault'],
    [30036, 'transient'],
    [30047, 'transient'],
    [30610, 'transient'],
  ]
  it.each(kinds)('%i is %s', (code, expected) => {
    const meaning = twilioErrorMeaning(code)
    expect(meaning?.code).toBe(`sms_${code}`)
    const parts = [
      meaning?.kind === 'permanent' ? `permanent ${meaning.contactPoint}` : meaning?.kind,
      meaning?.kind === 'transient' && meaning.retries && code !== 30003
        ? `then ${meaning.retries.contactPoint}`
        : undefined,
    ]
    expect(parts.filter((part) => part).join(', ')).toBe(expected)
  })

  it('blames no lead for our registration, account or credentials', () => {
    const ours = [20003, 20005, 21408, 21606, 21608, 21609, 21659, 21660, 21701, 21703, 21704]
    for (const code of [...ours, 21705, 30002, 30010, 30018, 30024, 30032, 30033, 30034, 30035]) {
      expect(twilioErrorMeaning(code)?.kind).toBe('sender_fault')
    }
  })
})

describe('a code that nobody knows', () => {
  const onceThenPark = {
    kind: 'transient',
    code: 'sms_39999',
    retries: { atMost: 1, contactPoint: 'unchanged', thenPark: true },
  }

  it('passes once, then parks, and teaches nothing about the number', () => {
    expect(deliveryFailure(39999)).toMatchObject(onceThenPark)
    const refusal = classifyCreateRefusal({ status: 400, code: 39999, retryAfterMs: null })
    expect(refusal).toMatchObject(onceThenPark)
  })

  it('and a failure without any code ends the attempts', () => {
    expect(deliveryFailure(null)).toMatchObject({ kind: 'permanent', contactPoint: 'unchanged' })
  })
})

it('a 5xx is ambiguous even when its body names a code', () => {
  const refusal = classifyCreateRefusal({ status: 503, code: 21610, retryAfterMs: null })
  expect(refusal.kind).toBe('ambiguous')
})
