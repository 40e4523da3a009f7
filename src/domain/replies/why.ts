import type { Channel } from '../policy/types.ts'
import type { Intent, ReplyFacts, ReplyReading } from './types.ts'

/**
 * The one question before a lead is given up: what kept you? Asking is how granular reasons are
 * won, so each answer has its place in the reports on lost leads. In the order of their numbers.
 */
export const WHY_ANSWERS = ['price', 'timing', 'competitor', 'need', 'interested'] as const
export type WhyAnswer = (typeof WHY_ANSWERS)[number]

interface Meaning {
  readonly intent: Intent
  /** What the lead is on record to have said, when it pressed a button. */
  readonly words: string
}

const MEANINGS: Readonly<Record<WhyAnswer, Meaning>> = {
  price: { intent: 'unqualified_budget', words: 'The price' },
  timing: { intent: 'postpone', words: 'It is the wrong time' },
  competitor: { intent: 'competitor', words: 'I chose somebody else' },
  need: { intent: 'no_matching_offering', words: 'It is not what I needed' },
  interested: { intent: 'interested', words: 'I am still interested' },
}

/** What somebody adds to an answer is at most so long. */
export const LONGEST_DETAIL = 500

/** When a better time is, as the page offers it; English, because the calendar reads it. */
export const LATER = {
  '1': 'in 1 month',
  '3': 'in 3 months',
  '6': 'in 6 months',
  '12': 'in 1 year',
}
export type Later = keyof typeof LATER

/** What was said by a press: in words for people, and as the reply that it is. */
export function pressedWhy(
  pressed: WhyAnswer,
  detail: string | null,
  channel: Channel,
): { readonly text: string; readonly reading: ReplyReading } {
  const { words } = MEANINGS[pressed]
  const text = detail === null ? words : `${words}: ${detail}`
  return { text, reading: readingOf(pressed, { channel, detail, text, rule: 'why-pressed' }) }
}

/**
 * An answer by number to a message that asked why: "3", "#3.", "option 3", "3 - went with Initech",
 * or in its word: "price", "timing". Null for anything else, and for more than one number.
 */
export function answeredWhy(text: string): { answer: WhyAnswer; detail: string | null } | null {
  const said = SAID.find(([words]) => words.test(text))
  if (said !== undefined) return { answer: said[1], detail: null }
  const [, digit = '', rest = ''] = NUMBERED.exec(text.trim()) ?? []
  const answer = WHY_ANSWERS[Number(WORDS[digit.toLowerCase()] ?? digit) - 1]
  const detail = rest.replace(/^[\s.):,!–—-]+/, '').trim()
  if (answer === undefined || ANOTHER.test(detail)) return null
  return { answer, detail: detail === '' ? null : detail.slice(0, LONGEST_DETAIL) }
}

/** The answers in a word, which without our question would mean something else: "Price?" asks. */
const SAID: readonly (readonly [RegExp, WhyAnswer])[] = [
  [/^\W*(?:(?:it(?:'|’)?s |it was |just )?the )?(?:price|pricing|cost)[\s.!]*$/i, 'price'],
  [/^\W*(?:(?:it(?:'|’)?s |it was |just )?the )?timing[\s.!]*$/i, 'timing'],
]

const WORDS: Readonly<Record<string, string>> = {
  one: '1',
  two: '2',
  three: '3',
  four: '4',
  five: '5',
}
/** "1, 2": who gives two answers is read by a person; "2, in 3 months" gives one. */
const ANOTHER = /^(?:(?:and|or|&)\s*)?[1-5]\b(?!\s*[a-z])/i
/** A number alone, or one that is set apart from what follows: "3 people" is no answer. */
const NUMBERED =
  /^["'(#*\s]*(?:(?:option|answer|number|no\.?|nr\.?|it'?s|its)\s*#?\s*)?([1-5]|one|two|three|four|five)["'*]*(\s*[.):,–—-][\s\S]*|\s*\n[\s\S]*|[!.\s]*)$/i

/** The reading of an answer by number, when what was read otherwise knows no better. */
export function readWhy(
  read: ReplyReading,
  channel: Channel,
  { answer, detail }: { readonly answer: WhyAnswer; readonly detail: string | null },
): ReplyReading {
  const { intent } = MEANINGS[answer]
  const text = read.visibleText
  const { rulesVersion } = read
  const own = { ...readingOf(answer, { channel, detail, text, rule: 'why-number' }), rulesVersion }
  // The same meaning, by the words beside the number: they may name more.
  return read.intent === intent ? { ...own, facts: { ...own.facts, ...known(read.facts) } } : own
}

function known(facts: ReplyFacts): Partial<ReplyFacts> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null))
}

function readingOf(
  answer: WhyAnswer,
  said: {
    readonly channel: Channel
    readonly detail: string | null
    readonly text: string
    readonly rule: string
  },
): ReplyReading {
  const { intent } = MEANINGS[answer]
  const { channel, detail, text, rule } = said
  return {
    intent,
    detail: answer === 'price' ? 'budget' : detail,
    confidence: 1,
    visibleText: text,
    rule,
    rulesVersion: 'why',
    facts: {
      stops: channel,
      literal: false,
      thanks: false,
      competitor: answer === 'competitor' ? detail : null,
      why: null,
      contractEnds: null,
      wanted: answer === 'need' ? detail : null,
      instead: null,
      day: null,
      answersWhy: true,
    },
  }
}
