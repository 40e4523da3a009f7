import { readFileSync } from 'node:fs'
import { checkMailbox } from '../../channels/email/imap.ts'
import type { EmailChannel, Ready } from '../../channels/types.ts'
import type { Config } from '../../config.ts'
import { sampleFieldsOf } from '../../domain/company/company.ts'
import { domainOf } from '../../domain/contact.ts'
import { realEmail, sendsEmail } from '../../wiring/email-servers.ts'
import { imapOf } from '../../wiring/mailbox.ts'
import type { ChannelsToCheck } from './channels.ts'
import { because, type Check, checks } from './check.ts'
import { checkInboundDomain, checkMailRecords, type Dkim } from './mail-records.ts'
import type { NameServers } from './name-servers.ts'

/** Whether each mail server takes our connection and log-in. */
export async function checkServers(config: Config): Promise<Check[]> {
  const { SMTP_URL: common, SMTP_SENDERS: senders = [] } = config
  const own = senders.flatMap(({ address, url }) => (url === undefined ? [] : [address]))
  let email: EmailChannel
  try {
    email = realEmail(config)
  } catch (error) {
    const { message, fix } = because(error)
    return [checks('SMTP').missing(message, fix ?? 'Correct SMTP_SENDERS.')]
  }
  try {
    const asked = common === undefined && own.length > 0 ? own : [undefined, ...own]
    return await Promise.all(
      asked.map(async (sender) =>
        ofReady(
          'SMTP',
          await email.ready(sender),
          sender === undefined
            ? 'The mail server takes our connection and log-in.'
            : `The mail server of ${sender} takes our connection and log-in.`,
        ),
      ),
    )
  } finally {
    await email.close()
  }
}

/** Everybody that emails may come from. */
type Senders = Pick<ChannelsToCheck, 'company' | 'senders' | 'ownerSenders'>

/** What is published for the domains that emails come from and come back to. */
export async function checkDomains(
  config: Config,
  { company, senders, ownerSenders }: Senders,
  dns: NameServers,
): Promise<Check[]> {
  if (!sendsEmail(config)) return []
  const named = senders.length > 0 ? senders.map(({ email }) => email) : [company.from.email]
  const owners = ownerSenders.map((each) => ('email' in each ? each.email : `@${each.domain}`))
  if (sampleFieldsOf(company).includes('from.email') && senders.length === 0) {
    return [
      checks('SPF, DKIM, DMARC').info(
        'They are looked up once the company has a sender of its own.',
      ),
    ]
  }
  const byDomain = new Map([...owners, ...named].map((address) => [domainOf(address), address]))
  const inbound = config.INBOUND_EMAIL_DOMAIN
  const found = await Promise.all([
    ...[...byDomain].map(([domain, address]) =>
      checkMailRecords(domain, dkimOf(config, address), dns),
    ),
    ...(inbound === undefined ? [] : [checkInboundDomain(inbound, dns)]),
  ])
  return found.flat()
}

/** Whether answers and bounces find their way back. */
export async function checkWayIn(config: Config): Promise<Check> {
  const { ok, info, missing } = checks('Answers by email')
  const imap = imapOf(config)
  if (imap !== null) {
    return ofReady('Answers by email', await checkMailbox(imap), 'The mailbox can be read.')
  }
  if (config.SES_TOPIC_ARNS.length > 0) return ok('They come through Amazon SNS.')
  if (config.POSTMARK_WEBHOOK_TOKEN !== undefined) return ok('They come through Postmark.')
  if (config.REPLIES_BY_EMAIL === 'elsewhere') {
    return info('REPLIES_BY_EMAIL is elsewhere: people read them, and report them to /v1/signals.')
  }
  return sendsEmail(config)
    ? missing(
        'Nothing reads them, so no answer or bounce would stop an email.',
        'Set IMAP_URL, SES_TOPIC_ARNS or POSTMARK_WEBHOOK_TOKEN (docs/how-to/receive-email.md), or REPLIES_BY_EMAIL=elsewhere.',
      )
    : info('No emails are sent, so none are answered.')
}

function ofReady(name: string, ready: Ready, well: string): Check {
  const { ok, info, missing } = checks(name)
  if (ready.ready) return ok(well)
  if (ready.kind === 'not_configured') return info(`${ready.because} ${ready.fix}`)
  return missing(ready.because, ready.fix)
}

function dkimOf(config: Config, address: string): Dkim | null {
  const own = config.SMTP_SENDERS?.find((sender) => sender.address === address)?.dkim
  if (own !== undefined) {
    const { domain, selector, privateKey, privateKeyFile = '' } = own
    return { domain, selector, privateKey: privateKey ?? readFileSync(privateKeyFile, 'utf8') }
  }
  const { DKIM_DOMAIN: domain, DKIM_SELECTOR: selector, DKIM_PRIVATE_KEY: privateKey } = config
  return domain && selector ? { domain, selector, privateKey: privateKey ?? null } : null
}
