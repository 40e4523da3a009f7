import type { Config } from '../../config.ts'
import { type Company, sampleFieldsOf } from '../../domain/company/company.ts'
import { sendsEmail } from '../../wiring/email-servers.ts'
import { type Check, checks } from './check.ts'
import { checkDomains, checkServers, checkWayIn } from './email.ts'
import { type NameServers, nameServers } from './name-servers.ts'
import { checkPublicAddress, checkWebhook, type RunningAs } from './public-address.ts'
import { checkTestMessage } from './test-message.ts'
import { checkTwilio } from './texts.ts'

export interface ChannelsToCheck {
  readonly config: Config
  readonly company: Company
  /** Who emails come from, when it is not the company's one address. */
  readonly senders: readonly { readonly email: string }[]
  /** Owners that steps are sent as. */
  readonly ownerSenders: readonly ({ readonly email: string } | { readonly domain: string })[]
  readonly running: RunningAs
  /** Where a test message goes: an address or a number of the person who asks. */
  readonly to: string
  readonly dns?: NameServers
}

/**
 * Whether email and texts would really arrive and come back: logs in, looks into the DNS, asks
 * Twilio, calls our own webhook as Twilio would, and sends one message to `to`. Each question has
 * its own deadline, and they are asked side by side. No secret is told, and nobody's contact data.
 */
export async function checkChannels(asked: ChannelsToCheck): Promise<Check[]> {
  const { config, company, running, to } = asked
  const found = await Promise.all([
    checkServers(config),
    checkDomains(config, asked, asked.dns ?? nameServers()),
    checkWayIn(config),
    checkPublicAddress(config, sendsEmail(config)),
    checkTwilio(config),
    checkWebhook(config, running),
    checkTestMessage(config, company, to),
  ])
  return [checkCompany(company), ...found.flat()]
}

function checkCompany(company: Company): Check {
  const { ok, warning, missing } = checks('Company')
  const sample = sampleFieldsOf(company)
  if (sample.length > 0) {
    return missing(
      `The company is still the sample one: ${sample.join(', ')}.`,
      'Set it: `rekindle settings apply FILE` (docs/going-live.md has a file to begin with).',
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
