import type { Instant } from '../time.ts'
import { decide } from './decide.ts'
import type { Channel, PolicyPerson, PolicyRules, RuleName } from './types.ts'

/** The rules that say what the person allowed, whatever the hour and the caps. */
const WISHES: readonly RuleName[] = ['erased', 'suppression', 'consent', 'do_not_call']

/** Whether the consent that planned messages need is there, and nothing suppresses the channel. */
export function mayMarket(
  person: PolicyPerson,
  channel: Channel,
  now: Instant,
  rules: PolicyRules,
): boolean {
  return decide(person, channel, 'marketing', now, rules).rules.every(
    ({ rule, verdict }) => verdict !== 'deny' || !WISHES.includes(rule),
  )
}
