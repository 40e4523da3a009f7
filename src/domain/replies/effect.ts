import {
  CHOSEN_INTENTS,
  type ChosenIntent,
  type ReplyRule,
  type ReplyRulesOfCadence,
} from '../cadence/header-types.ts'
import type { DeadReason } from '../lead.ts'
import { answer, type Phase } from '../lifecycle.ts'
import { type Intent, type ReplyFacts, type ReplyReading, SURE_FROM } from './types.ts'

/** What follows from an answer, besides that it is on record. */
export type ReplyEffect =
  | { readonly do: 'record'; readonly because: string }
  /** A person takes over, with the text. */
  | { readonly do: 'engage'; readonly because: string }
  /** The person is suppressed; the lead dies `opted_out` when `mayDie` and no channel is left. */
  | { readonly do: 'stop'; readonly mayDie: boolean; readonly because: string }
  /** Silence for ever, on every channel. */
  | { readonly do: 'silence'; readonly mayDie: boolean; readonly because: string }
  /** The address or number belongs to somebody else. */
  | { readonly do: 'close_point'; readonly mayDie: boolean; readonly because: string }
  /** `reason` where the cadence chose it; absent: that of the answer. */
  | { readonly do: 'die'; readonly because: string; readonly reason?: DeadReason }
  /** The cadence rests until the day, the return or the next day; the planner's clock says when. */
  | {
      readonly do: 'hold'
      /** `rest`: because the cadence says so; a person is told. */
      readonly for: 'postponed' | 'away' | 'thanks' | 'rest'
      readonly because: string
      /** How long, where no day was named and the cadence says it. */
      readonly forMs?: number
    }
  /** A person who talks with the lead is told the day it named. */
  | { readonly do: 'remind'; readonly because: string }

/** Whose lead it is when the answer comes: what the same words mean depends on it. */
type Standing = 'nurtured' | 'talking' | 'customer' | 'dead' | 'left_alone'

/**
 * What an answer does to a lead in this phase. Total: there is always an effect. `chosen` is what
 * the lead's cadence wants instead; it never loosens a stop, and counts for sure answers only.
 */
export function effectOfReply(
  phase: Phase,
  reading: ReplyReading | null,
  chosen: ReplyRulesOfCadence = {},
): ReplyEffect {
  const usual = usualEffect(phase, reading)
  const key = phase === 'nurturing' && reading !== null ? chosenIntent(reading) : undefined
  const rule = key === undefined ? undefined : chosen[key]
  return key === undefined || rule === undefined ? usual : chosenEffect(rule, key, usual.because)
}

/** The answer as a cadence may choose for it; what is not sure is read by a person. */
function chosenIntent({ intent, confidence, facts }: ReplyReading): ChosenIntent | undefined {
  if (intent !== 'out_of_office' && confidence < SURE_FROM) return undefined
  // Nothing of the cadence is left to wait with.
  if (intent === 'postpone' && facts.answersWhy === true) return undefined
  const asked = intent === 'unknown' && facts.thanks ? 'thanks' : intent
  return CHOSEN_INTENTS.find((each) => each === asked)
}

function chosenEffect(rule: ReplyRule, intent: ChosenIntent, because: string): ReplyEffect {
  switch (rule.do) {
    case 'hand_off':
      return engage(because)
    case 'die':
      return { do: 'die', because, reason: rule.reason }
    case 'hold':
      return { do: 'hold', for: HELD_AS[intent] ?? 'rest', because, forMs: rule.forMs }
  }
}

const HELD_AS: Readonly<Partial<Record<ChosenIntent, 'postponed' | 'away' | 'thanks'>>> = {
  thanks: 'thanks',
  postpone: 'postponed',
  out_of_office: 'away',
}

function usualEffect(phase: Phase, reading: ReplyReading | null): ReplyEffect {
  const standing = standingOf(phase)
  if (reading === null) return engage('the lead answered')
  const { intent, confidence, facts } = reading
  const mayDie = standing !== 'customer' && standing !== 'left_alone'
  if (intent === 'opt_out') return { do: 'stop', mayDie, because: 'asked us to stop' }
  if (intent === 'hostile') return { do: 'silence', mayDie, because: 'answered with hostility' }
  if (intent === 'out_of_office') {
    return standing === 'nurtured' && facts.day !== null
      ? { do: 'hold', for: 'away', because: 'the lead is away' }
      : { do: 'record', because: 'an automatic answer is no answer' }
  }
  if (confidence < SURE_FROM) return engage('an answer that a person should read')
  switch (intent) {
    case 'wrong_person':
      return {
        do: 'close_point',
        mayDie: standing === 'nurtured',
        because: 'reaches somebody else',
      }
    case 'competitor':
    case 'no_matching_offering':
    case 'unqualified_budget':
    case 'not_interested':
      return refused(standing, REFUSALS[intent])
    case 'postpone':
      return postponed(standing, facts)
    case 'unknown':
      return facts.thanks ? thanked(standing) : engage('an answer that a person should read')
    case 'interested':
      return engage('the lead is interested')
    case 'question':
      return engage('the lead asks something')
    case 'help':
      return engage('the lead asks for help')
    case 'opt_in':
      return engage('the lead asks to hear from us again')
  }
}

const REFUSALS = {
  competitor: 'chose somebody else',
  no_matching_offering: 'wants what we do not offer',
  unqualified_budget: 'has no budget',
  not_interested: 'is not interested',
} as const satisfies Partial<Record<Intent, string>>

function engage(because: string): ReplyEffect {
  return { do: 'engage', because }
}

function refused(standing: Standing, because: string): ReplyEffect {
  switch (standing) {
    case 'nurtured':
    case 'dead':
      return { do: 'die', because }
    case 'talking':
    case 'customer':
      return engage(because)
    case 'left_alone':
      return { do: 'record', because: 'it is left alone already' }
  }
}

function postponed(standing: Standing, { answersWhy }: ReplyFacts): ReplyEffect {
  const because = 'asked for later'
  // The cadence is at its end: nothing of it is left to wait with.
  if (answersWhy === true && (standing === 'nurtured' || standing === 'dead')) {
    return { do: 'die', because: 'the time is wrong' }
  }
  switch (standing) {
    case 'nurtured':
      return { do: 'hold', for: 'postponed', because }
    case 'talking':
    case 'customer':
      return { do: 'remind', because }
    case 'dead':
    case 'left_alone':
      return engage(because)
  }
}

function thanked(standing: Standing): ReplyEffect {
  return standing === 'nurtured'
    ? { do: 'hold', for: 'thanks', because: 'said thanks' }
    : { do: 'record', because: 'said thanks' }
}

function standingOf(phase: Phase): Standing {
  if (phase === 'nurturing') return 'nurtured'
  if (phase === 'engaged') return 'talking'
  if (phase === 'converted' || phase === 'erased') return 'customer'
  // A visit revives whoever may still come back by our own doing.
  const alone = answer(phase, 'revive').do === 'refuse' || phase === 'dead:spam'
  return alone ? 'left_alone' : 'dead'
}
