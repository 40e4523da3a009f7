import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { type Clock, instant } from '../../domain/time.ts'
import type { Faults, SmsFault } from '../faults.ts'
import type { Outbox } from '../outbox.ts'
import type { EmulatedAccount } from './account.ts'
import { emulatorApp } from './app.ts'
import { touchOf } from './create.ts'
import { live, stepsOf } from './lifecycle.ts'
import { type Message, newMessageSid } from './message.ts'
import { fromOutbox, Messages, outboxHeaders } from './messages.ts'
import { OptOuts } from './opt-outs.ts'
import { type Delivery, Webhooks } from './webhooks.ts'

export type SmsEmulatorOptions = {
  readonly outbox: Outbox
  readonly faults: Faults
  readonly account: EmulatedAccount
  /** 0 picks a free one. */
  readonly port?: number
  /** Where inbound texts are posted; asked each time, since the api's port may come later. */
  readonly inboundUrl: () => string | null
  /** Play a messaging service with Advanced Opt-Out, which names the keyword in the webhook. */
  readonly advancedOptOut?: boolean
  /** Between two statuses of a message, in milliseconds. Default 50. */
  readonly gapMs?: number
  /** Dates messages that do not carry the engine's time. */
  readonly clock: Clock
}

export type InboundResult = Delivery | { readonly kind: 'no_inbound_url' }

export type SmsEmulator = {
  readonly port: number
  /** What to use instead of https://api.twilio.com. */
  readonly baseUrl: string
  /** A person texts our number; resolves when the webhook has been answered, or given up. */
  injectInbound(from: string, body: string): Promise<InboundResult>
  close(): Promise<void>
}

/**
 * Twilio's Messages API on loopback: what is sent lands in the outbox, and status callbacks and
 * inbound texts are signed and posted as Twilio posts them.
 * @throws when the port is taken.
 */
export async function startSmsEmulator(options: SmsEmulatorOptions): Promise<SmsEmulator> {
  const { outbox, faults, account, clock, gapMs = 50 } = options
  const messages = new Messages()
  for (const item of outbox.all('sms')) {
    const message = fromOutbox(item)
    if (message) messages.add(message)
  }
  const optOuts = new OptOuts()
  const webhooks = new Webhooks(account.authToken)

  const accept = (message: Message, fault: SmsFault | null) => {
    outbox.add({
      channel: 'sms',
      to: message.to,
      at: message.createdAt,
      subject: null,
      text: message.body,
      html: null,
      headers: outboxHeaders(message),
      touch: touchOf(message),
    })
    messages.add(message)
    void live(message, stepsOf(message, fault), { account, webhooks, gapMs, clock })
  }

  const app = emulatorApp({
    account,
    messages,
    optOuts,
    faults,
    clock,
    inboundUrl: options.inboundUrl,
    accept,
    wait: (ms) => webhooks.wait(ms),
  })
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  return {
    port,
    baseUrl: `http://127.0.0.1:${port}`,
    injectInbound: async (from, body) => {
      const optOutType = optOuts.hear(from, body)
      const message = inboundMessage(account, from, body, instant(clock()))
      messages.add(message)
      const url = options.inboundUrl()
      if (url === null) return { kind: 'no_inbound_url' }
      return webhooks.post(url, {
        ...inboundParameters(account, message),
        ...(options.advancedOptOut && optOutType !== null && { OptOutType: optOutType }),
      })
    },
    close: async () => {
      webhooks.close()
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function inboundMessage(
  account: EmulatedAccount,
  from: string,
  body: string,
  at: Message['createdAt'],
): Message {
  return {
    sid: newMessageSid(),
    direction: 'inbound',
    to: account.number,
    from,
    messagingServiceSid: null,
    body,
    status: 'received',
    errorCode: null,
    createdAt: at,
    sentAt: at,
    updatedAt: at,
    statusCallback: null,
  }
}

function inboundParameters(account: EmulatedAccount, message: Message): Record<string, string> {
  return {
    AccountSid: account.accountSid,
    ApiVersion: '2010-04-01',
    From: message.from ?? '',
    To: message.to,
    Body: message.body,
    MessageSid: message.sid,
    SmsSid: message.sid,
    SmsMessageSid: message.sid,
    SmsStatus: 'received',
    NumMedia: '0',
    NumSegments: '1',
  }
}
