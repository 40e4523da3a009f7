import type { EmailChannel, Ready, SenderFault, SmsChannel } from './types.ts'

/** The email channel of an installation that has no mail server set. */
export function noEmailChannel(): EmailChannel {
  return missing(
    'email_not_configured',
    'No mail server is set.',
    'Set the address of a mail server.',
  )
}

/** The text channel of an installation that has no Twilio account set. */
export function noSmsChannel(): SmsChannel {
  const channel = missing(
    'sms_not_configured',
    'No Twilio account is set.',
    'Set the Twilio account, its token and a sender.',
  )
  const { code, because } = channel.refusal
  return { ...channel, find: async () => ({ kind: 'unavailable', code, because }) }
}

function missing(code: string, because: string, fix: string) {
  const refusal: SenderFault = { kind: 'sender_fault', code, because }
  const ready: Ready = { ready: false, kind: 'not_configured', code, because, fix }
  return {
    refusal,
    ready: async () => ready,
    send: async () => refusal,
    close: async () => {},
  }
}
