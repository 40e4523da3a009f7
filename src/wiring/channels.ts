import { smtpChannel } from '../channels/email/smtp.ts'
import { onlyTo } from '../channels/allowlist.ts'
import { noEmailChannel, noSmsChannel } from '../channels/not-configured.ts'
import { twilioChannel } from '../channels/sms/twilio.ts'
import type { EmailChannel, SmsChannel } from '../channels/types.ts'
import type { Config } from '../config.ts'
import type { EmulatedAccount } from '../local/sms-emulator/account.ts'
import { EMBEDDED_ACCOUNT } from '../local/catchers.ts'
import { waitingChannels } from '../channels/waiting.ts'

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
    email: smtpChannel({ ...catchers.smtp, stampTime: true }),
    sms: twilioChannel({
      accountSid: account.accountSid,
      authToken: account.authToken,
      sender: { kind: 'number', from: account.number },
      statusCallbackUrl: `${publicUrl}/hooks/twilio/status`,
      baseUrl,
      stampTime: true,
    }),
  }
}

/** The channels of a worker process, as OUTBOUND says. */
export function channelsOf(config: Config, publicUrl: string): Channels {
  if (config.OUTBOUND === 'catch') return catchingChannels(config, publicUrl)
  const channels = { email: realEmail(config), sms: realSms(config, publicUrl) }
  if (config.OUTBOUND === 'live') return channels
  return onlyTo(config.OUTBOUND_ALLOWLIST, channels)
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

function realEmail(config: Config): EmailChannel {
  if (config.SMTP_URL === undefined) return noEmailChannel()
  const { protocol, hostname, port, username, password } = new URL(config.SMTP_URL)
  const implicit = protocol === 'smtps:'
  const { DKIM_DOMAIN: domain, DKIM_SELECTOR: selector, DKIM_PRIVATE_KEY: privateKey } = config
  return smtpChannel({
    host: hostname,
    port: Number(port || (implicit ? 465 : 587)),
    ...(implicit ? { tls: 'implicit' } : {}),
    ...(username === ''
      ? {}
      : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    ...(domain && selector && privateKey ? { dkim: { domain, selector, privateKey } } : {}),
    stampTime: false,
  })
}

function realSms(config: Config, publicUrl: string): SmsChannel {
  const {
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_AUTH_TOKEN: authToken,
    TWILIO_MESSAGING_SERVICE_SID: service,
    TWILIO_FROM: from,
  } = config
  if (!accountSid || !authToken || (!service && !from)) return noSmsChannel()
  return twilioChannel({
    accountSid,
    authToken,
    sender: service
      ? { kind: 'messaging_service', sid: service }
      : { kind: 'number', from: from ?? '' },
    statusCallbackUrl: `${publicUrl}/hooks/twilio/status`,
    stampTime: false,
  })
}
