import { type Instant, MINUTE_MS } from '../../time.ts'
import { describeClock } from '../../time-zones.ts'
import { jurisdictionsFile } from '../data.ts'
import { type Rule, type RuleAnswer, type RuleInput, verdictOf } from '../rule.ts'
import {
  dayWindow,
  everyDay,
  nextAllowedAt,
  windowAllows,
  type WindowConstraint,
} from '../windows.ts'

const { federal } = jurisdictionsFile

/** Texts leave only when the law's hours are open in every place where the lead may be. */
export const callingWindow: Rule = (input) => {
  if (input.channel === 'email') {
    return notApplicable('Calling windows bind texts and calls; email keeps preferred hours.')
  }
  if (input.messageClass === 'required') {
    return notApplicable('The one answer to STOP, START or HELP may leave at any hour.')
  }
  return judgeText(input)
}

function judgeText({ location, rules, now, zone }: RuleInput): RuleAnswer {
  const inputs = {
    states: location.states,
    zones: location.zones,
    evidence: location.evidence,
    warnings: location.warnings,
    closingMarginMinutes: rules.closingMarginMs / MINUTE_MS,
    zone: zone.zone,
  }
  if (location.phone?.kind === 'foreign') {
    return {
      verdict: verdictOf('calling_window', 'deny', {
        because: `The phone number belongs to ${location.phone.country}, whose calling hours we do not know; it is never texted.`,
        inputs,
        source: federal.source,
        fix: 'Ask for a number of the United States, or write by email.',
      }),
    }
  }
  const constraints = constraintsOf(location.zones, rules.closingMarginMs)
  const closed = constraints.filter((one) => !windowAllows(one, now)).map(({ zone }) => zone)
  return {
    verdict: verdictOf('calling_window', closed.length === 0 ? 'allow' : 'deny', {
      because:
        closed.length === 0
          ? openWords(now, location.zones)
          : closedWords(now, closed, rules.closingMarginMs),
      inputs,
      source: federal.source,
    }),
    nextOpen: (at, limit) => nextAllowedAt(constraints, at, limit - at),
  }
}

/** The federal window of one zone, kept: it is asked for at every decision. */
const kept = new Map<string, WindowConstraint>()
const MOST_KEPT = 5_000

/** Every window that binds a text. State windows and holidays will join the federal one here. */
function constraintsOf(zones: readonly string[], marginMs: number): readonly WindowConstraint[] {
  return zones.map((zone) => {
    const key = `${zone} ${marginMs}`
    const known = kept.get(key)
    if (known !== undefined) return known
    const week = everyDay(dayWindow(federal.from, federal.to, marginMs))
    const constraint = { zone, week }
    if (kept.size >= MOST_KEPT) kept.clear()
    kept.set(key, constraint)
    return constraint
  })
}

function openWords(now: Instant, zones: readonly string[]): string {
  return `It is ${list(zones.map((zone) => describeClock(now, zone)))}, within the ${federal.from}–${federal.to} that the law allows.`
}

function closedWords(now: Instant, closed: readonly string[], marginMs: number): string {
  const margin =
    marginMs === 0 ? '' : ` less ${marginMs / MINUTE_MS} minutes kept free before closing`
  return `It is ${list(closed.map((zone) => describeClock(now, zone)))}, outside the ${federal.from}–${federal.to} that the law allows${margin}.`
}

/** Names a few and counts the rest. */
function list(items: readonly string[]): string {
  const shown = items.slice(0, 3)
  const more = items.length - shown.length
  return more === 0 ? shown.join(', ') : `${shown.join(', ')} and in ${more} more zones`
}

function notApplicable(because: string): RuleAnswer {
  return { verdict: verdictOf('calling_window', 'not_applicable', { because }) }
}
