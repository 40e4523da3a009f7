import type twilio from 'twilio'
import type { SmsConfig } from './twilio.ts'
import { twilioCall } from './twilio-client.ts'
import { classifyFailure } from './twilio-failure.ts'

/** Whether a sender of ours can send, and where Twilio takes texts to it. */
export interface SenderSetup {
  /** The number or the messaging service's SID. */
  readonly sender: string
  readonly known: boolean
  readonly sendsTexts: boolean
  /** Where inbound texts are posted: one place, or that of each number of a service. */
  readonly inbound: readonly InboundPlace[]
  /** Of a messaging service: whether it is registered for application traffic in the US. */
  readonly registered: boolean | null
}

export interface InboundPlace {
  /** null or '' where Twilio posts nowhere. */
  readonly url: string | null
  readonly method: string
}

/** Why Twilio told nothing, in words without a secret. */
export interface SetupTrouble {
  readonly kind: 'credentials' | 'sender_unknown' | 'unreachable' | 'other'
  readonly because: string
}

const DEADLINE_MS = 15_000
const MOST_NUMBERS = 400

/** Asks Twilio how our senders are set up. @throws whatever `setupTrouble` reads */
export async function senderSetups(config: SmsConfig): Promise<SenderSetup[]> {
  const { client } = twilioCall(config, { deadlineMs: DEADLINE_MS })
  if (config.sender.kind === 'messaging_service') {
    const service = await client.messaging.v1.services(config.sender.sid).fetch()
    const numbers = await service.phoneNumbers().list({ limit: MOST_NUMBERS })
    const inbound: InboundPlace[] = []
    if (service.useInboundWebhookOnNumber) {
      for (const { phoneNumber } of numbers) {
        inbound.push((await numberSetup(client, phoneNumber)).place)
      }
    } else {
      inbound.push({ url: service.inboundRequestUrl ?? null, method: service.inboundMethod })
    }
    return [
      {
        sender: service.sid,
        known: true,
        sendsTexts: numbers.length > 0,
        inbound,
        registered: service.usAppToPersonRegistered ?? null,
      },
    ]
  }
  const setups: SenderSetup[] = []
  for (const sender of config.sender.pool) {
    const { known, sendsTexts, place } = await numberSetup(client, sender)
    setups.push({ sender, known, sendsTexts, inbound: [place], registered: null })
  }
  return setups
}

/**
 * Whether the auth token is the account's: with an API key nothing but the signatures of webhooks
 * shows that it is not. @throws whatever `setupTrouble` reads
 */
export async function tryAuthToken(config: SmsConfig): Promise<void> {
  const account = { sid: config.accountSid, secret: config.authToken }
  const { client } = twilioCall(config, { deadlineMs: DEADLINE_MS }, account)
  await client.messages.list({ limit: 1 })
}

/** Reads a failed question. */
export function setupTrouble(error: unknown): SetupTrouble {
  const { code, because } = classifyFailure(error, null)
  if (code === 'sms_20003' || code === 'sms_http_401' || code === 'sms_http_403') {
    return { kind: 'credentials', because }
  }
  if (code === 'sms_20404' || code === 'sms_http_404') return { kind: 'sender_unknown', because }
  const unreachable = ['sms_provider_unreachable', 'sms_no_answer_in_time', 'sms_connection_lost']
  if (unreachable.includes(code)) {
    return { kind: 'unreachable', because: 'Twilio could not be reached.' }
  }
  return { kind: 'other', because }
}

async function numberSetup(client: twilio.Twilio, number: string) {
  const [found] = await client.incomingPhoneNumbers.list({ phoneNumber: number, limit: 1 })
  return {
    known: found !== undefined,
    sendsTexts: found?.capabilities.sms === true,
    place: { url: found?.smsUrl ?? null, method: found?.smsMethod ?? 'POST' },
  }
}
