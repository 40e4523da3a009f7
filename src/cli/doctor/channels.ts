import { resolveTxt as systemResolveTxt } from 'node:dns/promises'
import twilio from 'twilio'
import { checkMailbox } from '../../channels/email/imap.ts'
import { messageIdOf } from '../../channels/email/message-id.ts'
import { isOnAllowlist } from '../../channels/allowlist.ts'
import { checkMailbox } from '../../channels/email/imap.ts'
import { senderSetups } from '../../channels/sms/twilio-setup.ts'
import type { EmailChannel, Ready, SendOutcome } from '../../channels/types.ts'
import type { Config } from '../../config.ts'
import { type Company, sampleFieldsOf } from '../../domain/company/company.ts'
import { normalizeEmail, normalizePhone } from '../../domain/contact.ts'
import type { TouchId } from '../../domain/ids.ts'
import { newId } from '../../store/new-id.ts'
import { channelsOf, realSmsConfig } from '../../wiring/channels.ts'
import { realEmail } from '../../wiring/email-servers.ts'
import { imapOf } from '../../wiring/mailbox.ts'
import { type Check, checks } from './check.ts'
import { checkMailRecords, type ResolveTxt } from './mail-records.ts'

export interface ChannelsToCheck {
  readonly config: Config
  readonly company: Company
  /** Where a test message goes: an address or a number of the person who asks. */
  readonly to: string
  readonly resolveTxt?: ResolveTxt
}

/**
 * Whether email and texts would really arrive and come back: logs in, looks into the DNS, asks
 * Twilio, calls our own webhook as Twilio would, and sends one message to `to`. No secret is told.
 */
export async function checkChannels(asked: ChannelsToCheck): Promise<Check[]> {
  const { config, company } = asked
  const { privateKey } = { privateKey: config.DKIM_PRIVATE_KEY ?? null }
  const { DKIM_DOMAIN: domain, DKIM_SELECTOR: selector } = config
  const email = realEmail(config)
  try {
    return [
      checkCompany(company),
      ofReady('SMTP', await email.ready(), 'The mail server takes our connection and log-in.'),
      ...(await checkMailRecords(
        company.from.email.split('@')[1] ?? '',
        domain && selector ? { domain, selector, privateKey } : null,
        asked.resolveTxt ?? systemResolveTxt,
      )),
      await checkWayIn(config),
      ...(await checkTwilio(config)),
      await checkWebhook(config),
      await checkTestMessage(asked),
    ]
  } finally {
    await email.close()
  }
}

function checkCompany(company: Company): Check {
  const { ok, warning, missing } = checks('Company')
  const sample = sampleFieldsOf(company)
  if (sample.length > 0) {
    return missing(
      `The company is still the sample one: ${sample.join(', ')}.`,
      'Set it with PATCH /v1/settings (docs/going-live.md has an example).',
    )
  }
  if (company.helpContact === null) {
    const instead = company.phone ?? company.replyTo ?? company.from.email
    return warning(
      `No HELP contact is set: HELP is answered with ${instead}.`,
      'Set company.helpContact: a number, an address or a page where somebody helps.',
    )
  }
  return ok('Its name, postal address, sender and help contact are set.')
}

function ofReady(name: string, ready: Ready, well: string): Check {
  const { ok, info, missing } = checks(name)
  if (ready.ready) return ok(well)
  if (ready.kind === 'not_configured') return info(`${ready.because} ${ready.fix}`)
  return missing(ready.because, ready.fix)
}

async function checkWayIn(config: Config): Promise<Check> {
  const { ok, warning } = checks('Answers by email')
  const imap = imapOf(config)
  if (imap !== null) {
    return ofReady('Answers by email', await checkMailbox(imap), 'The mailbox can be read.')
  }
  if (config.SES_TOPIC_ARNS.length > 0) return ok('They come through Amazon SNS.')
  if (config.POSTMARK_WEBHOOK_TOKEN !== undefined) return ok('They come through Postmark.')
  return warning('Nothing reads them.', 'Set IMAP_URL, SES_TOPIC_ARNS or POSTMARK_WEBHOOK_TOKEN.')
}

async function checkTwilio(config: Config): Promise<Check[]> {
  const { ok, info, warning, missing } = checks('Twilio')
  const sms = realSmsConfig(config, config.PUBLIC_URL ?? '')
  if (sms === null) return [info('No Twilio account with a sender is set: no texts are sent.')]
  const inbound =
    config.PUBLIC_URL === undefined ? null : `${config.PUBLIC_URL}/hooks/twilio/inbound`
  try {
    return (await senderSetups(sms)).map(({ sender, known, sendsTexts, inboundUrl }) => {
      if (!known) return missing(`${sender} is not of this account.`, 'Set a sender that is.')
      if (!sendsTexts) return missing(`${sender} cannot send texts.`, 'Give it a number that can.')
      if (inbound === null) {
        return ok(`${sender} sends; answers are polled, because PUBLIC_URL is not set.`)
      }
      return inboundUrl === inbound
        ? ok(`${sender} sends, and answers come to ${inbound}.`)
        : warning(
            `${sender} sends; Twilio posts answers ${inboundUrl ? `to ${inboundUrl}` : 'nowhere'}.`,
            `Set ${inbound} for incoming messages, by POST, in Twilio's console.`,
          )
    })
  } catch {
    return [
      missing(
        'Twilio does not answer us with this account, key and sender.',
        'Check TWILIO_ACCOUNT_SID, the token or API key, and the sender.',
      ),
    ]
  }
}

/** A status of a message that nobody sent, signed as Twilio signs: it changes nothing. */
async function checkWebhook(config: Config): Promise<Check> {
  const { ok, info, missing } = checks('Webhook')
  const { PUBLIC_URL: publicUrl, TWILIO_AUTH_TOKEN: token } = config
  if (publicUrl === undefined || token === undefined) {
    return info('Without PUBLIC_URL and a Twilio token there is no webhook to try.')
  }
  const url = `${publicUrl}/hooks/twilio/status`
  const form = { MessageSid: `SM${'0'.repeat(32)}`, MessageStatus: 'queued' }
  const post = (signature: string) =>
    fetch(url, {
      method: 'POST',
      headers: { 'X-Twilio-Signature': signature },
      body: new URLSearchParams(form),
      redirect: 'manual',
      signal: AbortSignal.timeout(10_000),
    })
  try {
    const signed = await post(twilio.getExpectedTwilioSignature(token, url, form))
    const forged = await post('forged')
    if (signed.ok && forged.status === 403)
      return ok(`${url} takes what Twilio signs, and no more.`)
    return missing(
      `${url} answered ${signed.status} to a signed report, and ${forged.status} to a forged one.`,
      'PUBLIC_URL must be the very address that Twilio calls, and TWILIO_AUTH_TOKEN that of the running instance.',
    )
  } catch {
    return missing(
      `${url} does not answer.`,
      'Start Rekindle, and let your proxy pass /hooks/ on to the public listener.',
    )
  }
}

async function checkTestMessage({ config, company, to }: ChannelsToCheck): Promise<Check> {
  const { ok, info, missing } = checks('Test message')
  if (config.OUTBOUND === 'catch') {
    return info('None was sent: OUTBOUND is catch. Set allowlist, with this contact point on it.')
  }
  if (config.OUTBOUND === 'allowlist' && !isOnAllowlist(config.OUTBOUND_ALLOWLIST, to)) {
    return missing('The contact point is not on OUTBOUND_ALLOWLIST.', 'Add it, or name another.')
  }
  const channels = channelsOf(config, config.PUBLIC_URL ?? 'http://127.0.0.1')
  try {
    const outcome = await sendTest(channels, company, to)
    if (outcome === null) return missing('That is no address and no number.', 'Write me@acme.com.')
    return outcome.kind === 'accepted'
      ? ok('One was taken by the provider; see that it arrived.')
      : missing(`It was not taken: ${outcome.because} (${outcome.code})`, 'Mend that, and repeat.')
  } finally {
    await channels.email.close()
    await channels.sms.close()
  }
}

async function sendTest(
  { email, sms }: ReturnType<typeof channelsOf>,
  company: Company,
  to: string,
): Promise<SendOutcome | null> {
  const touch: TouchId = newId('doctor')
  const options = { deadlineMs: 30_000 }
  const text = `${company.brand}: this is a test by rekindle doctor. Nothing is to be done.`
  if (to.includes('@')) {
    const address = normalizeEmail(to)
    if (!address.ok) return null
    return sendMail(email, { company, touch, to: address.value, text }, options.deadlineMs)
  }
  const number = normalizePhone(to)
  if (!number.ok) return null
  return sms.send({ touch, to: number.value, body: text, validForMs: 600_000 }, options)
}

function sendMail(
  email: EmailChannel,
  mail: { company: Company; touch: TouchId; to: string; text: string },
  deadlineMs: number,
): Promise<SendOutcome> {
  const { company, touch, to, text } = mail
  return email.send(
    {
      touch,
      from: { address: company.from.email, name: company.from.name },
      to,
      subject: 'A test by rekindle doctor',
      text,
      messageId: messageIdOf(touch, { address: company.from.email }),
    },
    { deadlineMs },
  )
}
