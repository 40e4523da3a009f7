import {
  CHANNELS,
  type Channel,
  canEverBeTexted,
  decide,
  locate,
  type PolicyPerson,
  type PolicyRules,
  type RuleName,
} from '../../domain/policy/index.ts'
import type { Instant } from '../../domain/time.ts'
import type { FieldProblem } from '../intake.ts'

/** Whether a channel is open to planned messages, whatever the hour. */
export interface ChannelState {
  readonly allowed: boolean
  /** The first rule in the way, why, and what to do about it. */
  readonly rule?: RuleName
  readonly because?: string
  readonly fix?: string
}

/** Both channels; only what time alone will not mend counts as closed. */
export function channelStates(
  person: PolicyPerson,
  now: Instant,
  rules: PolicyRules,
): Readonly<Record<Channel, ChannelState>> {
  const [email, sms] = CHANNELS.map((channel) => channelState(person, channel, now, rules))
  return { email: email ?? { allowed: false }, sms: sms ?? { allowed: false } }
}

function channelState(
  person: PolicyPerson,
  channel: Channel,
  now: Instant,
  rules: PolicyRules,
): ChannelState {
  // What came before is over with the next episode.
  const decision = decide({ ...person, recent: [] }, channel, 'marketing', now, rules)
  if (decision.allowed || decision.nextAllowedAt !== null) return { allowed: true }
  // The first denial may be the hour; what stands in the way is one that time does not lift.
  const final = decision.rules.find(({ verdict, fix }) => verdict === 'deny' && fix !== undefined)
  const denial = final ?? decision.rules.find(({ rule }) => rule === decision.deniedBy)
  if (denial === undefined) return { allowed: false, rule: decision.deniedBy }
  const { rule, because, fix } = denial
  return { allowed: false, rule, because, ...(fix !== undefined && { fix }) }
}

/** What is odd about a person's data, though it was taken. */
export function dataWarnings(person: PolicyPerson, rules: PolicyRules): FieldProblem[] {
  const { phone: point } = person
  const textable = point === null ? null : canEverBeTexted(point.value, rules.countryPacks)
  const phone =
    textable === null || textable.ok
      ? []
      : [{ field: 'lead.phone', message: textable.because, fix: textable.fix }]
  const place = locate(person, rules).warnings.map((warning) => ({
    message: `${warning.charAt(0).toUpperCase()}${warning.slice(1)}.`,
    ...placeFix(warning),
  }))
  return [...phone, ...place]
}

function placeFix(warning: string): Pick<FieldProblem, 'field' | 'fix'> {
  if (warning.startsWith('the time zone')) {
    return { field: 'lead.timezone', fix: 'Write an IANA zone such as America/New_York.' }
  }
  if (warning.startsWith('the ZIP')) {
    return { field: 'lead.zip', fix: 'Write the five digits of a street address, such as 10001.' }
  }
  return { field: 'lead.state', fix: 'Write a two-letter state code such as NY.' }
}
