import { DAY_MS, toIso } from '../../time.ts'
import { type Rule, type RuleAnswer, type RuleInput, verdictOf } from '../rule.ts'
import { standingConsents } from '../standing.ts'

const SOURCE = '47 CFR 64.1200(c)(2); 16 CFR 310.4(b)(3)(iv)'
/** A caller keeps the list no longer than this between two looks at the registry. */
const FRESH_MS = 31 * DAY_MS

/**
 * The national do-not-call list is asked where no written consent stands, and only about planned
 * messages: what a person answers, or is owed, solicits nothing. A list that is too old, or has no
 * number of the area code, counts as not asked.
 */
export const doNotCall: Rule = (input) => {
  if (input.channel === 'email') return skip('The do-not-call list is about calls and texts.')
  if (input.messageClass !== 'marketing') {
    return skip('What the lead is owed, or asked for, is no solicitation.')
  }
  const written = standingConsents(input.person, 'sms').some(
    ({ basis }) => basis === 'express_written',
  )
  if (written) {
    return skip('There is written consent, so the national do-not-call list is not asked.')
  }
  return judge(input)
}

function judge({ person, now }: RuleInput): RuleAnswer {
  const { listed = false, asOf = null, covered = false } = person.doNotCall ?? {}
  const ageDays = asOf === null ? null : Math.floor((now - asOf) / DAY_MS)
  const inputs = { listed, asOf: asOf === null ? null : toIso(asOf), ageDays, covered }
  const deny = (because: string, fix: string): RuleAnswer => ({
    verdict: verdictOf('do_not_call', 'deny', { because, inputs, source: SOURCE, fix }),
  })
  if (listed) {
    return deny(
      'The number is on the national do-not-call list, and there is no written consent.',
      'Ask for written consent, or write by email.',
    )
  }
  if (asOf === null) {
    return deny('No national do-not-call list was ever loaded, so it counts as not asked.', LOAD)
  }
  if (now - asOf > FRESH_MS) {
    return deny(
      `The national do-not-call list on file is ${ageDays} days old; older than 31 it counts as not asked.`,
      LOAD,
    )
  }
  if (!covered) {
    return deny(
      'The national do-not-call list on file has no number of this area code, so it counts as not asked.',
      LOAD,
    )
  }
  return {
    verdict: verdictOf('do_not_call', 'allow', {
      because: `The number is not on the national do-not-call list of ${toIso(asOf).slice(0, 10)}.`,
      inputs,
      source: SOURCE,
    }),
  }
}

const LOAD =
  'Load the newest list with `rekindle suppressions import FILE.csv --list dnc`, or get written consent.'

function skip(because: string): RuleAnswer {
  return { verdict: verdictOf('do_not_call', 'not_applicable', { because }) }
}
