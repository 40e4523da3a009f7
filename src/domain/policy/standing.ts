import type { Instant } from '../time.ts'
import type { Channel, Consent, PolicyPerson, Suppression } from './types.ts'

/**
 * Which consents and suppressions count now. Both lists only grow, so each fact is judged by what
 * came after it.
 */

/** The suppression that stands in the way of a channel; null when there is none. */
export function standingSuppression(person: PolicyPerson, channel: Channel): Suppression | null {
  return suppressionsOf(person, channel).find((one) => !isLifted(one, person, channel)) ?? null
}

/**
 * The consents that count for a channel, as given. One that the lead gave before an opt-out died
 * with it: opting in again revives the channel, not the older and broader permission.
 */
export function standingConsents(person: PolicyPerson, channel: Channel): readonly Consent[] {
  const last = lastSuppressionAt(person, channel)
  return person.consents.filter(
    (consent) => consent.channel === channel && (last === null || consent.at > last),
  )
}

/**
 * A suppression lifts only by an express consent that the lead gave in person, for this channel,
 * after it; never by a list, an import or a sync. A complaint never lifts: writing again to
 * somebody who reported us as spam costs everybody's mail.
 */
function isLifted(suppression: Suppression, person: PolicyPerson, channel: Channel): boolean {
  if (suppression.cause === 'complaint') return false
  return person.consents.some(
    (consent) =>
      consent.channel === channel &&
      consent.byLead &&
      (consent.basis === 'express' || consent.basis === 'express_written') &&
      consent.at > suppression.at,
  )
}

function suppressionsOf(person: PolicyPerson, channel: Channel): readonly Suppression[] {
  return person.suppressions.filter((one) => one.channel === channel || one.channel === 'all')
}

function lastSuppressionAt(person: PolicyPerson, channel: Channel): Instant | null {
  return suppressionsOf(person, channel).reduce<Instant | null>(
    (last, { at }) => (last === null || at > last ? at : last),
    null,
  )
}
