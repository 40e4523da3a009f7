import type twilio from 'twilio'
import { type Instant, instant } from '../../domain/time.ts'
import type { InboundSms, SmsStatus } from './inbound.ts'
import type { SmsConfig } from './twilio.ts'
import { twilioCall } from './twilio-client.ts'

/** A text that came in, read from Twilio's list. */
export type ReceivedSms = InboundSms & { readonly at: Instant }

/** What Twilio knows of our texts, for where it cannot call us. */
export interface SmsInbox {
  /** Texts to our numbers that were sent from `since` on, oldest first. */
  received(since: Instant): Promise<ReceivedSms[]>
  /** What became of one of ours; null when Twilio does not know it. */
  statusOf(providerId: string): Promise<SmsStatus | null>
}

const DEADLINE_MS = 20_000
const PAGE_SIZE = 200
const MAX_PAGES = 20

/** Asks Twilio instead of being called by it. @throws whatever the SDK throws of a failed request */
export function twilioInbox(config: SmsConfig): SmsInbox {
  const client = () => twilioCall(config, { deadlineMs: DEADLINE_MS }).client
  return {
    received: async (since) => {
      const numbers = await numbersOf(config, client())
      const found: ReceivedSms[] = []
      for (const to of numbers) found.push(...(await textsTo(client(), to, since)))
      return found.sort((a, b) => a.at - b.at)
    },
    statusOf: async (providerId) => {
      try {
        const { status, errorCode } = await client().messages(providerId).fetch()
        return { providerId, status, errorCode: errorCode ?? null }
      } catch (error) {
        if (error instanceof Error && Reflect.get(error, 'status') === 404) return null
        throw error
      }
    },
  }
}

/** The numbers that we send from, and so get answers on. */
async function numbersOf({ sender }: SmsConfig, client: twilio.Twilio): Promise<readonly string[]> {
  if (sender.kind === 'numbers') return sender.pool
  const numbers = await client.messaging.v1.services(sender.sid).phoneNumbers.list({ limit: 400 })
  return numbers.map(({ phoneNumber }) => phoneNumber)
}

async function textsTo(client: twilio.Twilio, to: string, since: Instant): Promise<ReceivedSms[]> {
  const messages = await client.messages.list({
    to,
    dateSentAfter: new Date(since),
    pageSize: PAGE_SIZE,
    limit: PAGE_SIZE * MAX_PAGES,
  })
  return messages.flatMap(({ sid, direction, from, body, dateSent, dateCreated }) =>
    // A short code or another channel wrote: there is nobody to answer.
    direction === 'inbound' && /^\+[1-9]\d{4,14}$/.test(from)
      ? [{ providerId: sid, from, to, body, optOut: null, at: atOf(dateSent ?? dateCreated) }]
      : [],
  )
}

function atOf(date: Date): Instant {
  return instant(date.getTime())
}
