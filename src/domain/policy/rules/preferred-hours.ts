import type { Instant } from '../../time.ts'
import { describeClock, describeLocal, type LocalDay, localTime } from '../../time-zones.ts'
import { closedBecause, openWeekdays } from '../open-days.ts'
import { type Rule, type RuleAnswer, type RuleInput, verdictOf } from '../rule.ts'
import type { Channel, OpenDays, PreferredHours } from '../types.ts'
import {
  dayWindow,
  everyDay,
  nextAllowedAt,
  type Week,
  type WindowConstraint,
  windowAllows,
} from '../windows.ts'

/**
 * Manners, not law: planned messages keep the company's or the cadence's hours. An email in the
 * best known zone of the lead, a text in every zone where the lead may be.
 */
export const preferredHours: Rule = (input) => {
  const { preferredHours: hours, openDays } = input.rules
  if (input.messageClass !== 'marketing') {
    return notApplicable('Preferred hours are for planned messages; this one is awaited.')
  }
  if (hours === null && openDays == null) return notApplicable('Any hour is preferred.')
  return judge(input, hours ?? ANY_HOUR, openDays ?? null)
}

/** For a message that leaves at any hour of the days that its cadence has. */
const ANY_HOUR: PreferredHours = { from: '00:00', to: '24:00', restDays: { email: [], sms: [] } }

function judge(
  { channel, location, zone, now }: RuleInput,
  hours: PreferredHours,
  openDays: OpenDays | null,
): RuleAnswer {
  const week = weekOf(hours, channel)
  const zones = channel === 'email' ? [zone.zone] : location.zones
  const closes = openDays === null ? null : closedOn(openDays)
  const constraints = zones.map(
    (one): WindowConstraint => ({ zone: one, week, ...(closes !== null && { closedOn: closes }) }),
  )
  const closed = constraints.find((one) => !windowAllows(one, now))
  return {
    verdict: verdictOf('preferred_hours', closed === undefined ? 'allow' : 'deny', {
      because: wordsOf(now, closed?.zone ?? null, zone.zone, { hours, openDays, channel }),
      inputs: {
        from: hours.from,
        to: hours.to,
        restDays: hours.restDays[channel].map(String),
        ...(openDays !== null && {
          days: openDays.business ? ['business'] : openWeekdays(openDays).map(String),
          calendars: [...new Set(openDays.closed.map(({ calendar }) => calendar))],
        }),
        zones,
        zone: zone.zone,
        zoneFrom: zone.from,
      },
    }),
    nextOpen: (at, limit) => nextAllowedAt(constraints, at, limit - at),
  }
}

function closedOn(openDays: OpenDays): (day: LocalDay) => boolean {
  return (day) => closedBecause(openDays, day) !== null
}

interface Manners {
  readonly hours: PreferredHours
  readonly openDays: OpenDays | null
  readonly channel: Channel
}

function wordsOf(
  now: Instant,
  closedZone: string | null,
  zone: string,
  { hours, openDays, channel }: Manners,
): string {
  const clock = describeClock(now, closedZone ?? zone)
  if (closedZone === null) {
    return `It is ${clock}, within the preferred hours ${hours.from}–${hours.to}.`
  }
  const day = openDays && closedBecause(openDays, localTime(now, closedZone).day)
  if (day !== null) return `It is ${describeLocal(now, closedZone)}, ${day}.`
  const rest = restWords(hours.restDays[channel])
  return `It is ${clock}, outside the preferred hours ${hours.from}–${hours.to}${rest}.`
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
