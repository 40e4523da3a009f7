import { describeLocal } from '../../time-zones.ts'
import { limitsFile } from '../data.ts'
import { stops, stopWords } from '../emergency.ts'
import { type Rule, verdictOf } from '../rule.ts'

/**
 * Nothing leaves against an emergency stop, whoever it concerns: everybody, a cadence, a channel,
 * a state. Time alone lifts none; a person does.
 */
export const emergencyStop: Rule = ({ person, channel, messageClass, location, zone }) => {
  const { cadence } = person
  const on = person.stops.find((stop) => stops(stop, { cadence, location }, channel, messageClass))
  if (on === undefined) {
    const because =
      person.stops.length === 0
        ? 'No emergency stop is on.'
        : 'The emergency stops that are on do not concern this message.'
    return { verdict: verdictOf('emergency_stop', 'allow', { because }) }
  }
  const law = on.scope === 'state' ? limitsFile.emergencies[on.key ?? ''] : undefined
  return {
    verdict: verdictOf('emergency_stop', 'deny', {
      because: `An emergency stop for ${stopWords(on)} is on since ${describeLocal(on.since, zone.zone)}: ${on.because}.`,
      inputs: { stop: on.id, scope: on.scope, key: on.key },
      ...(law !== undefined && { source: law.statute }),
      fix: 'Everything waits until a person lifts the stop.',
    }),
  }
}
