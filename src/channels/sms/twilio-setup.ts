import twilio from 'twilio'
import type { SmsConfig } from './twilio.ts'
import { TwilioHttp } from './twilio-http.ts'

/** Whether a sender of ours can send, and where Twilio takes texts to it. */
export interface SenderSetup {
  /** The number or the messaging service's SID. */
  readonly sender: string
  readonly known: boolean
  readonly sendsTexts: boolean
  /** Where inbound texts are posted; null or '' where Twilio posts them nowhere. */
  readonly inboundUrl: string | null
}

const DEADLINE_MS = 15_000

/** Asks Twilio how our senders are set up. @throws whatever the SDK throws of a failed request */
export async function senderSetups(config: SmsConfig): Promise<SenderSetup[]> {
  const { sid, secret } = config.apiKey ?? { sid: config.accountSid, secret: config.authToken }
  const client = twilio(sid, secret, {
    accountSid: config.accountSid,
    httpClient: new TwilioHttp({
      deadlineMs: DEADLINE_MS,
      ...(config.baseUrl && { baseUrl: config.baseUrl }),
    }),
    autoRetry: false,
    logLevel: 'silent',
  })
  if (config.sender.kind === 'messaging_service') {
    const service = await client.messaging.v1.services(config.sender.sid).fetch()
    const numbers = await service.phoneNumbers().list({ limit: 1 })
    return [
      {
        sender: service.sid,
        known: true,
        sendsTexts: numbers.length > 0,
        inboundUrl: service.inboundRequestUrl ?? null,
      },
    ]
  }
  const setups: SenderSetup[] = []
  for (const number of config.sender.pool) {
    const [found] = await client.incomingPhoneNumbers.list({ phoneNumber: number, limit: 1 })
    setups.push({
      sender: number,
      known: found !== undefined,
      sendsTexts: found?.capabilities.sms === true,
      inboundUrl: found?.smsUrl ?? null,
    })
  }
  return setups
}
