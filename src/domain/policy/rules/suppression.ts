import { toIso } from '../../time.ts'
import { type Rule, verdictOf } from '../rule.ts'
import { standingSuppression } from '../standing.ts'
import type { Channel, Suppression } from '../types.ts'

const SOURCES: Readonly<Record<Channel, string>> = {
  email: '15 USC 7704(a)(4)',
  sms: '47 CFR 64.1200(a)(10)-(12), (d)',
}

const CAUSES: Readonly<Record<Suppression['cause'], string>> = {
  opt_out: 'opted out',
  complaint: 'complained',
  erasure: 'asked for erasure',
  import: 'is on an imported list of people not to contact',
  operator: 'was put on the list of people not to contact by us',
  provider: 'is blocked at the provider',
}

/** Who said stop is left alone; only the one answer that the law expects passes. */
export const suppression: Rule = ({ person, channel, messageClass }) => {
  const standing = standingSuppression(person, channel)
  const source = SOURCES[channel]
  if (standing === null) {
    const because =
      person.suppressions.length === 0
        ? 'Nothing suppresses this person.'
        : `Nothing suppresses this person on this channel now.`
    return { verdict: verdictOf('suppression', 'allow', { because, source }) }
  }
  const inputs = { cause: standing.cause, scope: standing.channel, since: toIso(standing.at) }
  if (messageClass === 'required') {
    return {
      verdict: verdictOf('suppression', 'not_applicable', {
        because: 'This is the one answer to STOP, START or HELP, which is owed even then.',
        inputs,
        source,
      }),
    }
  }
  const scope = standing.channel === 'all' ? 'every channel' : channelWord(channel)
  return {
    verdict: verdictOf('suppression', 'deny', {
      because: `This person ${CAUSES[standing.cause]}, which stops ${scope}.`,
      inputs,
      source,
      fix:
        standing.cause === 'complaint'
          ? 'Leave this person alone: a complaint is final.'
          : 'Only a fresh consent that the lead gives in person lifts this, for example by a form.',
    }),
  }
}

function channelWord(channel: Channel): string {
  return channel === 'email' ? 'email' : 'texts'
}
