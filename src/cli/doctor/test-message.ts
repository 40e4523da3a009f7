import { isOnAllowlist } from '../../channels/allowlist.ts'
import { messageIdOf } from '../../channels/email/message-id.ts'
import { smtpFix } from '../../channels/email/smtp-errors.ts'
import type { EmailChannel, SendOutcome, SmsChannel } from '../../channels/types.ts'
import type { Config } from '../../config.ts'
import type { Company } from '../../domain/company/company.ts'
import { normalizeEmail, normalizePhone } from '../../domain/contact.ts'
import type { TouchId } from '../../domain/ids.ts'
import { newId } from '../../store/new-id.ts'
import { channelsOf } from '../../wiring/channels.ts'
import { type Check, checks } from './check.ts'

const WITHIN_MS = 30_000

/** Sends one message to whoever asks, where OUTBOUND lets it: the proof of all the rest. */
export async function checkTestMessage(
  config: Config,
  company: Company,
  asked: string,
): Promise<Check> {
  const { ok, info, missing } = checks('Test message')
  const to = asked.includes('@') ? normalizeEmail(asked) : normalizePhone(asked)
  if (!to.ok) {
    return missing('That is no address and no number.', 'Write me@acme.com, or +12125550142.')
  }
  if (config.OUTBOUND === 'catch') {
    return info('None was sent: OUTBOUND is catch. Set allowlist, with this contact point on it.')
  }
  if (config.OUTBOUND === 'allowlist' && !isOnAllowlist(config.OUTBOUND_ALLOWLIST, to.value)) {
    return missing('The contact point is not on OUTBOUND_ALLOWLIST.', 'Add it, or name another.')
  }
  try {
    const outcome = await send(config, company, to.value)
    return outcome.kind === 'accepted'
      ? ok('One was taken by the provider; see that it arrived.')
      : missing(`It was not taken: ${outcome.because} (${outcome.code})`, fixOf(outcome.code))
  } catch {
    return missing('It could not be made ready.', 'See what is missing above, mend it, and repeat.')
  }
}

async function send(config: Config, company: Company, to: string): Promise<SendOutcome> {
  const { email, sms } = channelsOf(config, config.PUBLIC_URL ?? 'http://127.0.0.1')
  const touch: TouchId = newId('doctor')
  const text = `${company.brand}: this is a test by rekindle doctor. Nothing is to be done.`
  try {
    return to.includes('@')
      ? await sendMail(email, { company, touch, to, text })
      : await sendText(sms, { touch, to, text })
  } finally {
    await email.close()
    await sms.close()
  }
}

function sendText(
  sms: SmsChannel,
  { touch, to, text }: { touch: TouchId; to: string; text: string },
): Promise<SendOutcome> {
  return sms.send({ touch, to, body: text, validForMs: 600_000 }, { deadlineMs: WITHIN_MS })
}

function sendMail(
  email: EmailChannel,
  mail: { company: Company; touch: TouchId; to: string; text: string },
): Promise<SendOutcome> {
  const { company, touch, to, text } = mail
  const { from } = company
  return email.send(
    {
      touch,
      from: { address: from.email, name: from.name },
      to,
      subject: 'A test by rekindle doctor',
      text,
      messageId: messageIdOf(touch, { address: from.email }),
    },
    { deadlineMs: WITHIN_MS },
  )
}

function fixOf(code: string): string {
  const [, twilioCode] = /^sms_(\d{5})$/.exec(code) ?? []
  if (twilioCode !== undefined) {
    return `See https://www.twilio.com/docs/api/errors/${twilioCode}, mend it, and repeat.`
  }
  if (code === 'email_not_configured') return 'Set SMTP_URL, or name a number.'
  return code.startsWith('email_')
    ? smtpFix(code)
    : 'Mend what is missing above, and repeat; if nothing is, see status.twilio.com.'
}
