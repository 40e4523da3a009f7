import { MINUTE_MS } from '../../time.ts'
import { foreignFix } from '../area-codes.ts'
import { lawWords, statutesOf } from '../law-words.ts'
import {
  constraintsOf,
  FEDERAL_STATUTE,
  hoursKey,
  type Law,
  type LegalWindowConstraint,
  lawsOf,
  liftedByConsent,
} from '../laws.ts'
import type { Location } from '../locate.ts'
import { type Rule, type RuleAnswer, type RuleInput, verdictOf } from '../rule.ts'
import { standingConsents } from '../standing.ts'
import type { OverrideName, PolicyPerson, PolicyRules } from '../types.ts'
import { nextAllowedAt, windowAllows } from '../windows.ts'
import { closedWords, openWords, overrideWords } from './calling-words.ts'

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

function judgeText(input: RuleInput): RuleAnswer {
  const { location, rules, now, zone } = input
  if (location.phone?.kind === 'foreign') return foreign(input, location.phone.country)
  const bound = boundBy(location, rules, isConsented(input.person, rules))
  const closed = bound.constraints.filter((one) => !windowAllows(one, now))
  const [first] = closed
  const { closingMarginMs } = rules
  const words =
    first === undefined
      ? openWords(now, location, bound.laws)
      : closedWords(now, closed, closingMarginMs)
  return {
    verdict: verdictOf('calling_window', first === undefined ? 'allow' : 'deny', {
      because: `${words}${overrideWords(bound.overrides)}`,
      inputs: {
        states: location.states,
        zones: location.zones,
        evidence: location.evidence,
        warnings: location.warnings,
        windows: bound.words,
        overrides: bound.overrides,
        closingMarginMinutes: closingMarginMs / MINUTE_MS,
        zone: zone.zone,
      },
      source: first?.law.statute ?? bound.statutes,
    }),
    nextOpen: (at, limit) => nextAllowedAt(bound.constraints, at, limit - at),
  }
}

function foreign({ location, zone }: RuleInput, country: string): RuleAnswer {
  return {
    verdict: verdictOf('calling_window', 'deny', {
      because: `The phone number belongs to ${country}, whose calling hours we do not know; it is never texted.`,
      inputs: {
        states: location.states,
        zones: location.zones,
        evidence: location.evidence,
        warnings: location.warnings,
        zone: zone.zone,
      },
      source: FEDERAL_STATUTE,
      fix: foreignFix(country),
    }),
  }
}

/** Only a written consent that stands lets the override for consented texts count. */
export function isConsented(person: PolicyPerson, rules: PolicyRules): boolean {
  if (!rules.overrides.includes('consented-texts-federal-hours')) return false
  return standingConsents(person, 'sms').some(({ basis }) => basis === 'express_written')
}

/** Everything that binds texts to one place under one company's settings. */
interface Bound {
  readonly laws: readonly Law[]
  readonly constraints: readonly LegalWindowConstraint[]
  /** The laws in words, for the inputs of a verdict. */
  readonly words: readonly string[]
  readonly statutes: string
  /** The overrides that made a difference. */
  readonly overrides: readonly OverrideName[]
}

/** Kept as long as the place is: it is asked for at every decision. */
const kept = new WeakMap<Location, Map<string, Bound>>()
const MOST_SETTINGS = 20

/** What binds a text to a place. `consented` lifts what the override for consented texts lifts. */
export function boundBy(
  location: Location,
  rules: Pick<PolicyRules, 'closingMarginMs' | 'closedDays'>,
  consented: boolean,
): Bound {
  const key = `${consented} ${hoursKey(rules)}`
  const known = kept.get(location) ?? new Map<string, Bound>()
  kept.set(location, known)
  const found = known.get(key)
  if (found !== undefined) return found
  const built = build(location, rules, consented)
  if (known.size >= MOST_SETTINGS) known.clear()
  known.set(key, built)
  return built
}

function build(
  location: Location,
  rules: Pick<PolicyRules, 'closingMarginMs' | 'closedDays'>,
  consented: boolean,
): Bound {
  const strict = lawsOf(location)
  const laws = consented ? strict.map(liftedByConsent) : strict
  const lifted = laws.some((law, index) => law !== strict[index])
  const overrides: OverrideName[] = []
  if (location.setAside !== null) overrides.push(location.setAside)
  if (lifted) overrides.push('consented-texts-federal-hours')
  return {
    laws,
    constraints: constraintsOf(laws, location.zones, rules),
    words: strict.map((law, index) => lawWords(law, laws[index] !== law)),
    statutes: statutesOf(laws),
    overrides,
  }
}

function notApplicable(because: string): RuleAnswer {
  return { verdict: verdictOf('calling_window', 'not_applicable', { because }) }
}
