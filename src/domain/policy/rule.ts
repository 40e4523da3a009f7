import type { Instant } from '../time.ts'
import { type BestZone, bestZone, type Location, locate } from './locate.ts'
import type {
  Channel,
  MessageClass,
  PolicyPerson,
  PolicyRules,
  RuleName,
  RuleVerdict,
  Verdict,
} from './types.ts'
import type { NextOpen } from './windows.ts'

/** What every rule may look at. */
export interface RuleInput {
  readonly person: PolicyPerson
  readonly channel: Channel
  readonly messageClass: MessageClass
  readonly now: Instant
  readonly rules: PolicyRules
  /** Where the person may be. */
  readonly location: Location
  /** The zone to tell local times in. */
  readonly zone: BestZone
}

/** One rule's answer. */
export interface RuleAnswer {
  readonly verdict: RuleVerdict
  /**
   * When the rule allows next, for the rules that time alone can satisfy; present whether it
   * allows now or not. A denial without it lasts until somebody changes a fact.
   */
  readonly nextOpen?: NextOpen
}

/** A rule is one file that answers one question; decide() asks them all, in order. */
export type Rule = (input: RuleInput) => RuleAnswer

/** Gathers what the rules look at. */
export function ruleInput(
  person: PolicyPerson,
  channel: Channel,
  messageClass: MessageClass,
  now: Instant,
  rules: PolicyRules,
): RuleInput {
  const location = locate(person, rules)
  const zone = bestZone(person, rules)
  return { person, channel, messageClass, now, rules, location, zone }
}

interface Said {
  readonly because: string
  readonly inputs?: RuleVerdict['inputs']
  readonly source?: string
  readonly fix?: string
}

/** A verdict without inputs or source where none are said. */
export function verdictOf(rule: RuleName, verdict: Verdict, said: Said): RuleVerdict {
  const { because, inputs = {}, source = null, fix } = said
  return { rule, verdict, because, inputs, source, ...(fix === undefined ? {} : { fix }) }
}
