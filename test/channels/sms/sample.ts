import type { SmsConfig } from '../../../src/channels/sms/twilio.ts'
import type { OutgoingSms } from '../../../src/channels/types.ts'
import { id } from '../../../src/domain/ids.ts'

export const ACCOUNT = {
  accountSid: 'ACabcdefabcdefabcdefabcdefabcdefab',
  authToken: 'the-auth-token',
  number: '+12025550100',
}

export function smsConfig(baseUrl: string, change: Partial<SmsConfig> = {}): SmsConfig {
  return {
    accountSid: ACCOUNT.accountSid,
    authToken: ACCOUNT.authToken,
    sender: { kind: 'numbers', pool: [ACCOUNT.number] },
    statusCallbackUrl: 'http://127.0.0.1:9/hooks/twilio/status',
    baseUrl,
    stampTime: false,
    ...change,
  }
}

export function sampleSms(change: Partial<OutgoingSms> = {}): OutgoingSms {
  return { touch: id('touch-9'), to: '+12125550142', body: 'Hi Ada, it’s Sam at Acme.', ...change }
}
