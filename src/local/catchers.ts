import { type Clock, instant } from '../domain/time.ts'
import { Faults } from './faults.ts'
import { answerEmail } from './mail-catcher/email-answer.ts'
import { startMailCatcher } from './mail-catcher/mail-catcher.ts'
import { Outbox } from './outbox.ts'
import type { EmulatedAccount } from './sms-emulator/account.ts'
import { startSmsEmulator } from './sms-emulator/emulator.ts'

export type CatchersOptions = {
  /** Where the outbox is kept over a restart; absent: in memory only. */
  readonly folder?: string
  /** 0, the default, picks a free one. */
  readonly smtpPort?: number
  readonly smsPort?: number
  readonly account?: EmulatedAccount
  readonly advancedOptOut?: boolean
  /** Between two statuses of a text, in milliseconds. */
  readonly gapMs?: number
  /** Dates messages that do not carry the engine's time; default: the wall clock. */
  readonly clock?: Clock
}

/** Where answers to caught messages go; set once the api listens. */
export type AnswerRoutes = {
  /** The public URL of the webhook for inbound texts. */
  readonly inboundSmsUrl?: string
  /** Takes an email answer as it would arrive: a raw mail. */
  readonly onEmailReply?: (raw: Uint8Array) => Promise<void>
}

export type ReplyResult =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'unknown_message' }
  /** Nobody is set to take it, or the one who is did not. */
  | { readonly kind: 'not_taken'; readonly because: string }

export type Catchers = {
  readonly outbox: Outbox
  readonly faults: Faults
  readonly smtp: { readonly host: string; readonly port: number }
  readonly sms: { readonly baseUrl: string; readonly account: EmulatedAccount }
  route(routes: AnswerRoutes): void
  /** Answers a caught message as its recipient. */
  reply(id: string, text: string): Promise<ReplyResult>
  /** A person texts our number out of the blue. */
  text(from: string, body: string): Promise<ReplyResult>
  close(): Promise<void>
}

/** The account of an emulator. Whoever also listens to the world gives it another token. */
export const EMBEDDED_ACCOUNT: EmulatedAccount = {
  accountSid: 'AC00000000000000000000000000000000',
  authToken: 'embedded-emulator',
  number: '+15005550006',
}

/** Bounces and answers of caught emails have addresses here, at which no real mail arrives. */
export const EMBEDDED_MAIL_DOMAIN = 'rekindle.invalid'

/**
 * Starts mail catcher and SMS emulator over one outbox.
 * @throws when a port is taken; nothing is left running then.
 */
export async function startCatchers(options: CatchersOptions = {}): Promise<Catchers> {
  const { account = EMBEDDED_ACCOUNT, clock = () => instant(Date.now()) } = options
  const outbox = new Outbox(options.folder === undefined ? {} : { folder: options.folder })
  const faults = new Faults()
  let routes: AnswerRoutes = {}

  const mail = await startMailCatcher({ outbox, faults, clock, port: options.smtpPort ?? 0 })
  const sms = await startSmsEmulator({
    outbox,
    faults,
    account,
    clock,
    port: options.smsPort ?? 0,
    inboundUrl: () => routes.inboundSmsUrl ?? null,
    advancedOptOut: options.advancedOptOut ?? false,
    ...(options.gapMs !== undefined && { gapMs: options.gapMs }),
  }).catch(async (error: unknown) => {
    await mail.close()
    throw error
  })

  const reply = async (id: string, text: string): Promise<ReplyResult> => {
    const item = outbox.get(id)
    if (!item) return { kind: 'unknown_message' }
    if (item.channel === 'sms') return smsReply(await sms.injectInbound(item.to, text))
    if (!routes.onEmailReply) return notTaken('Nobody takes email answers here.')
    await routes.onEmailReply(await answerEmail(item, text))
    return { kind: 'delivered' }
  }

  return {
    outbox,
    faults,
    smtp: { host: '127.0.0.1', port: mail.port },
    sms: { baseUrl: sms.baseUrl, account },
    route: (next) => {
      routes = next
    },
    reply,
    text: async (from, body) => smsReply(await sms.injectInbound(from, body)),
    close: async () => {
      await Promise.all([mail.close(), sms.close()])
    },
  }
}

function smsReply(
  result: Awaited<ReturnType<Awaited<ReturnType<typeof startSmsEmulator>>['injectInbound']>>,
): ReplyResult {
  switch (result.kind) {
    case 'delivered':
      return result
    case 'refused':
      return notTaken(`The webhook for inbound texts answered ${result.status}.`)
    case 'unreachable':
      return notTaken('The webhook for inbound texts could not be reached.')
    case 'no_inbound_url':
      return notTaken('No webhook for inbound texts is set.')
  }
}

function notTaken(because: string): ReplyResult {
  return { kind: 'not_taken', because }
}
