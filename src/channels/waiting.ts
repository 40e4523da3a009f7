import type { EmailChannel, Ready, SmsChannel, Transient } from './types.ts'

/** Channels on which nothing moves and nothing is lost: every step waits until they can send. */
export function waitingChannels(because: string): { email: EmailChannel; sms: SmsChannel } {
  const notYet: Ready = {
    ready: false,
    kind: 'transient',
    code: 'no_catcher',
    because,
    fix: 'Name a catcher (CATCH_SMTP_URL, CATCH_SMS_URL), or turn OUTBOUND.',
  }
  const refused: Transient = { kind: 'transient', code: 'no_catcher', because }
  const base = {
    ready: () => Promise.resolve(notYet),
    send: () => Promise.resolve(refused),
    close: () => Promise.resolve(),
  }
  const find = () => Promise.resolve({ kind: 'unavailable', code: 'no_catcher', because } as const)
  return { email: base, sms: { ...base, find } }
}
