import { describeClock } from '../../time-zones.ts'
import { type Rule, type RuleAnswer, type RuleInput, verdictOf } from '../rule.ts'
import type { Channel, PreferredHours } from '../types.ts'
import {
  dayWindow,
  everyDay,
  nextAllowedAt,
  type Week,
  windowAllows,
  type WindowConstraint,
} from '../windows.ts'

/**
 * Manners, not law: planned messages keep the company's or the cadence's hours. An email in the
 * best known zone of the lead, a text in every zone where the lead may be.
 */
export const preferredHours: Rule = (input) => {
  const { preferredHours: hours } = input.rules
  if (input.messageClass !== 'marketing') {
    return notApplicable('Preferred hours are for planned messages; this one is awaited.')
  }
  if (hours === null) return notApplicable('Any hour is preferred.')
  return judge(input, hours)
}

function judge({ channel, location, zone, now }: RuleInput, hours: PreferredHours): RuleAnswer {
  const week = weekOf(hours, channel)
  const zones = channel === 'email' ? [zone.zone] : location.zones
  const constraints = zones.map((one): WindowConstraint => ({ zone: one, week }))
  const closed = constraints.find((one) => !windowAllows(one, now))
  const clock = describeClock(now, closed?.zone ?? zone.zone)
  const rest = restWords(hours.restDays[channel])
  return {
    verdict: verdictOf('preferred_hours', closed === undefined ? 'allow' : 'deny', {
      because:
        closed === undefined
          ? `It is ${clock}, within the preferred hours ${hours.from}–${hours.to}.`
          : `It is ${clock}, outside the preferred hours ${hours.from}–${hours.to}${rest}.`,
      inputs: {
        from: hours.from,
        to: hours.to,
        restDays: hours.restDays[channel].map(String),
        zones,
        zone: zone.zone,
        zoneFrom: zone.from,
      },
    }),
    nextOpen: (at, limit) => nextAllowedAt(constraints, at, limit - at),
  }
}

/** Weeks by their settings, kept as long as the settings are. */
const kept = new WeakMap<PreferredHours, Map<Channel, Week>>()

function weekOf(hours: PreferredHours, channel: Channel): Week {
  const weeks = kept.get(hours) ?? new Map<Channel, Week>()
  kept.set(hours, weeks)
  const known = weeks.get(channel)
  if (known !== undefined) return known
  const week = everyDay(dayWindow(hours.from, hours.to), hours.restDays[channel])
  weeks.set(channel, week)
  return week
}

const DAYS = ['Mondays', 'Tuesdays', 'Wednesdays', 'Thursdays', 'Fridays', 'Saturdays', 'Sundays']

function restWords(restDays: readonly number[]): string {
  const names = restDays.flatMap((weekday) => DAYS[weekday - 1] ?? [])
  return names.length === 0 ? '' : ` (none on ${names.join(', ')})`
}

function notApplicable(because: string): RuleAnswer {
  return { verdict: verdictOf('preferred_hours', 'not_applicable', { because }) }
}
