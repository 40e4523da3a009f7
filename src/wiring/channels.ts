import { isOnAllowlist, onlyTo } from '../channels/allowlist.ts'
import { smtpChannel } from '../channels/email/smtp.ts'
import { noSmsChannel } from '../channels/not-configured.ts'
import { twilioLookup } from '../channels/sms/phone-lookup.ts'
import { type SmsConfig, twilioChannel } from '../channels/sms/twilio.ts'
import { type SmsInbox, twilioInbox } from '../channels/sms/twilio-inbox.ts'
import type { EmailChannel, SmsChannel } from '../channels/types.ts'
import { waitingChannels } from '../channels/waiting.ts'
import type { Config } from '../config.ts'
import { CHANNELS, type Channel } from '../domain/policy/types.ts'
import { EMBEDDED_ACCOUNT } from '../local/catchers.ts'
import type { EmulatedAccount } from '../local/sms-emulator/account.ts'
import { realEmail, type TurnsOf } from './email-servers.ts'
import type { PhoneLookupOptions } from './phone-lookups.ts'

export interface Channels {
  readonly email: EmailChannel
  readonly sms: SmsChannel
}

/** Channels that end in the embedded catchers: nothing leaves the machine. */
export function caughtChannels(
  catchers: {
    readonly smtp: { readonly host: string; readonly port: number }
    readonly sms: { readonly baseUrl: string; readonly account: EmulatedAccount }
  },
  publicUrl: string,
): Channels {
  const { account, baseUrl } = catchers.sms
  return {
    // The catcher is ours, or one that the operator named: what it gets was never to leave.
    email: smtpChannel({
      ...catchers.smtp,
      tls: 'none',
      plainTextAllowed: true,
      stampTime: true,
    }),
    sms: twilioChannel(emulatedConfig(account, baseUrl, `${publicUrl}/hooks/twilio/status`)),
  }
}

/** The channels of a worker process, as OUTBOUND says. */
export function channelsOf(
  config: Config,
  publicUrl: string,
  turnsOf: TurnsOf | null = null,
): Channels {
  if (config.OUTBOUND === 'catch') return catchingChannels(config, publicUrl)
  const channels = { email: realEmail(config, turnsOf), sms: realSms(config, publicUrl) }
  if (config.OUTBOUND === 'live') return channels
  return onlyTo(config.OUTBOUND_ALLOWLIST, channels)
}

/** The channels that have somebody to hand their messages to. */
export function configuredChannels(config: Config, embedded: boolean): readonly Channel[] {
  if (embedded) return CHANNELS
  const catching = config.OUTBOUND === 'catch'
  const email = catching ? config.CATCH_SMTP_URL : config.SMTP_URL
  const sms = catching ? config.CATCH_SMS_URL : realSmsConfig(config, '')
  return [
    ...(email === undefined ? [] : (['email'] as const)),
    ...(sms === undefined || sms === null ? [] : (['sms'] as const)),
  ]
}

/** OUTBOUND=catch outside the embedded mode: into a catcher that was named, else nothing moves. */
function catchingChannels(config: Config, publicUrl: string): Channels {
  const waiting = waitingChannels('OUTBOUND is catch, and no catcher is named for this channel.')
  const { CATCH_SMTP_URL: smtp, CATCH_SMS_URL: sms } = config
  const caught = caughtChannels(
    {
      smtp: smtp === undefined ? { host: '127.0.0.1', port: 0 } : hostAndPort(smtp),
      sms: { baseUrl: sms ?? 'http://127.0.0.1:0', account: EMBEDDED_ACCOUNT },
    },
    publicUrl,
  )
  return {
    email: smtp === undefined ? waiting.email : caught.email,
    sms: sms === undefined ? waiting.sms : caught.sms,
  }
}

function hostAndPort(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url)
  return { host: hostname, port: Number(port || 25) }
}

function realSms(config: Config, publicUrl: string): SmsChannel {
  const sms = realSmsConfig(config, publicUrl)
  return sms === null ? noSmsChannel() : twilioChannel(sms)
}

/** Twilio's list of texts, where it has no address to call: OUTBOUND is turned, PUBLIC_URL not set. */
export function textInboxOf(config: Config): SmsInbox | null {
  if (config.OUTBOUND === 'catch' || config.PUBLIC_URL !== undefined) return null
  const sms = realSmsConfig(config, '')
  return sms === null ? null : twilioInbox(sms)
}

type SmsCatcher = {
  readonly sms: { readonly baseUrl: string; readonly account: EmulatedAccount }
}

/** Asks the catcher what kind of line a number is. */
export function caughtLookup({ sms }: SmsCatcher): Pick<PhoneLookupOptions, 'lookup' | 'mayAsk'> {
  const { account, baseUrl } = sms
  return { lookup: twilioLookup(emulatedConfig(account, baseUrl, null)), mayAsk: () => true }
}

/** Asks what kind of line a number is: of the catcher while nothing leaves, else of Twilio. */
export function phoneLookupOf(
  config: Config,
  catchers: SmsCatcher | null,
): Pick<PhoneLookupOptions, 'lookup' | 'mayAsk'> | null {
  if (catchers !== null) return caughtLookup(catchers)
  if (config.OUTBOUND === 'catch') return null
  const sms = realSmsConfig(config, '')
  if (sms === null) return null
  const mayAsk =
    config.OUTBOUND === 'live'
      ? () => true
      : (number: string) => isOnAllowlist(config.OUTBOUND_ALLOWLIST, number)
  return { lookup: twilioLookup(sms), mayAsk }
}

function emulatedConfig(
  { accountSid, authToken, number }: EmulatedAccount,
  baseUrl: string,
  statusCallbackUrl: string | null,
): SmsConfig {
  return {
    accountSid,
    authToken,
    sender: { kind: 'numbers', pool: [number] },
    statusCallbackUrl,
    baseUrl,
    stampTime: true,
  }
}

/** The Twilio account that is set; null when none is, or one without a sender. */
export function realSmsConfig(config: Config, publicUrl: string): SmsConfig | null {
  const {
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_AUTH_TOKEN: authToken,
    TWILIO_API_KEY_SID: keySid,
    TWILIO_API_KEY: keySecret,
    TWILIO_MESSAGING_SERVICE_SID: service,
    TWILIO_FROM: pool,
    TWILIO_API_URL: baseUrl,
  } = config
  if (!accountSid || !authToken || (!service && pool.length === 0)) return null
  return {
    accountSid,
    authToken,
    ...(keySid && keySecret ? { apiKey: { sid: keySid, secret: keySecret } } : {}),
    sender: service ? { kind: 'messaging_service', sid: service } : { kind: 'numbers', pool },
    // Twilio reaches nobody on this machine.
    statusCallbackUrl: config.PUBLIC_URL === undefined ? null : `${publicUrl}/hooks/twilio/status`,
    ...(baseUrl === undefined ? {} : { baseUrl }),
    stampTime: false,
  }
}
