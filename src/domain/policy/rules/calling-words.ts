import { type Instant, MINUTE_MS } from '../../time.ts'
import { describeClock, describeLocal, type LocalTime, localTime } from '../../time-zones.ts'
import { hoursOn, spanWords } from '../law-words.ts'
import type { Law, LegalWindowConstraint } from '../laws.ts'
import type { Location } from '../locate.ts'
import type { OverrideName } from '../types.ts'

/** What the calling windows say of an instant, as sentences without contact data. */

/** "It is 12:00 New York, within 08:00–21:00 (federal law) and 08:00–20:00 (Florida)." */
export function openWords(now: Instant, { zones }: Location, laws: readonly Law[]): string {
  const [zone = 'UTC'] = zones
  const { weekday } = localTime(now, zone)
  const names = new Map<string, string[]>()
  for (const law of [...laws].reverse()) {
    const hours = spanWords(hoursOn(law, weekday))
    names.set(hours, [...(names.get(hours) ?? []), law.name])
  }
  const spans = [...names].map(([hours, who]) => `${hours} (${who.join(', ')})`)
  return `It is ${clocks(now, zones)}, within ${spans.join(' and ')}.`
}

/** Why it is closed: the law of the first closed window with its hours, day or holiday. */
export function closedWords(
  now: Instant,
  closed: readonly LegalWindowConstraint[],
  marginMs: number,
): string {
  const [first] = closed
  if (first === undefined) return ''
  const same = closed.filter(({ law, clock }) => law === first.law && clock === first.clock)
  const others = [...new Set(closed.map(({ law }) => law.name))].filter(
    (name) => name !== first.law.name,
  )
  const also = others.length === 0 ? '' : ` Closed by ${others.join(' and ')}, too.`
  return `${sentence(now, first, same, marginMs)}${also}`
}

function sentence(
  now: Instant,
  first: LegalWindowConstraint,
  same: readonly LegalWindowConstraint[],
  marginMs: number,
): string {
  const { law, zone, clock } = first
  const local = localTime(now, zone)
  const cited = citation(law)
  const holiday = first.closing(local.day)
  if (holiday !== null) {
    const observed = holiday.observed ? ', observed' : ''
    const careful = holiday.careful ? ' (it may not bind, and is kept)' : ''
    return `It is ${describeLocal(now, zone)}, and ${law.name} is closed on this day: ${holiday.name}${observed}${careful}${cited}.`
  }
  if (clock !== null) {
    const hours = spanWords(law.hours.atUtcOffset?.hours ?? null)
    return `It is ${timeOf(local)} ${clock}, outside the ${hours} of that clock that ${law.name} allows${margin(marginMs)}${cited}.`
  }
  const hours = hoursOn(law, local.weekday)
  if (hours === null) {
    const day = local.weekday === 7 ? 'Sundays' : 'Saturdays'
    return `It is ${describeLocal(now, zone)}, and ${law.name} allows no texts and calls on ${day}${cited}.`
  }
  const zones = same.map((one) => one.zone)
  return `It is ${clocks(now, zones)}, outside the ${spanWords(hours)} that ${law.name} allows${margin(marginMs)}${cited}.`
}

/** The statute, and the doubt about it: the stricter reading holds, and the reader is told. */
function citation({ statute, doubt, confidence }: Law): string {
  const unsure = doubt === null ? '' : `${confidence} confidence: ${doubt}`
  const parts = [statute, unsure].filter((part) => part !== null && part !== '')
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`
}

function margin(marginMs: number): string {
  if (marginMs === 0) return ''
  return ` less ${marginMs / MINUTE_MS} minutes kept free before closing`
}

/** Which override was used; decisions that use one say so. */
export function overrideWords(overrides: readonly OverrideName[]): string {
  if (overrides.length === 0) return ''
  return ` The company's override ${overrides.join(' and ')} was used.`
}

/** Names a few clocks and counts the rest. */
function clocks(now: Instant, zones: readonly string[]): string {
  const shown = zones.slice(0, 3).map((zone) => describeClock(now, zone))
  const more = zones.length - shown.length
  return more === 0 ? shown.join(', ') : `${shown.join(', ')} and in ${more} more zones`
}

function timeOf({ hour, minute }: LocalTime): string {
  return [hour, minute].map((value) => String(value).padStart(2, '0')).join(':')
}
