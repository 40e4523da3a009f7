import type { Channel } from '../policy/types.ts'
import { dayNamed, type NamedDay, type Reference } from './dates.ts'
import { keywordOf } from './keywords.ts'
import { factsNamed, nameOf, personNamed } from './named.ts'
import { END, lineOf, type Token, tokensOf } from './tokens.ts'
import type { Intent, ReplyFacts, ReplyReading, ReplyRule, ReplyRules } from './types.ts'
import { visibleText } from './visible.ts'

export interface ReplyInput {
  readonly channel: Channel
  readonly text: string
  readonly subject: string | null
  /** Its headers say that a machine wrote it. */
  readonly auto: boolean
}

/**
 * What an answer means: the first rule that takes it decides, opt-outs first. Pure, total, and
 * linear in the text. `reference` tells what "tomorrow" is.
 */
export function readReply(
  input: ReplyInput,
  rules: ReplyRules,
  reference: Reference,
): ReplyReading {
  const visible = visibleText(input.text, input.channel)
  const { intent, confidence, rule, facts } = judge(input, visible, rules, reference)
  return {
    intent,
    detail: detailOf(intent, facts),
    confidence,
    visibleText: visible,
    rule,
    rulesVersion: rules.version,
    facts,
  }
}

type Judged = Pick<ReplyReading, 'intent' | 'confidence' | 'rule' | 'facts'>

const NO_FACTS: Omit<ReplyFacts, 'stops'> = {
  literal: false,
  thanks: false,
  competitor: null,
  why: null,
  contractEnds: null,
  wanted: null,
  instead: null,
  day: null,
}

function judge(
  input: ReplyInput,
  visible: string,
  rules: ReplyRules,
  reference: Reference,
): Judged {
  const facts = { ...NO_FACTS, stops: input.channel }
  const word = keywordOf(visible) ?? (visible === '' ? subjectWord(input.subject) : null)
  if (word !== null) {
    const intent = WORDS[word]
    return { intent, confidence: 1, rule: `word-${word}`, facts: { ...facts, literal: true } }
  }
  const read = readable(visible, reference)
  const stop = rules.rules.find((rule) => rule.intent === 'opt_out' && takes(rule, read))
  if (input.auto && stop === undefined) {
    return {
      intent: 'out_of_office',
      confidence: 0.95,
      rule: 'headers',
      facts: withDay(facts, read),
    }
  }
  if (read.tokens.length === 0) {
    return { intent: 'unknown', confidence: 0, rule: 'nothing-written', facts }
  }
  const rule = stop ?? rules.rules.find((each) => takes(each, read))
  if (rule === undefined) return { intent: 'unknown', confidence: 0.2, rule: 'none', facts }
  return {
    intent: rule.intent,
    confidence: rule.confidence,
    rule: rule.id,
    facts: factsOf(rule, read, facts),
  }
}

const WORDS = { stop: 'opt_out', start: 'opt_in', help: 'help' } as const satisfies Record<
  string,
  Intent
>

/** Mail programs unsubscribe with an empty message whose subject is the word. */
function subjectWord(subject: string | null): ReturnType<typeof keywordOf> {
  return keywordOf((subject ?? '').replace(/^\s*((re|fwd?|aw|wg)\s*:\s*)+/i, ''))
}

interface Readable {
  readonly text: string
  readonly tokens: readonly Token[]
  readonly line: string
  /** Words, without the ends of sentences. */
  readonly words: number
  readonly day: () => NamedDay | null
  readonly reference: Reference
}

function readable(text: string, reference: Reference): Readable {
  const tokens = tokensOf(text)
  let day: NamedDay | null | undefined
  return {
    text,
    reference,
    tokens,
    line: lineOf(tokens),
    words: tokens.filter(({ word }) => !END.has(word)).length,
    day: () => {
      day ??= dayNamed(text, reference)
      return day
    },
  }
}

function takes(rule: ReplyRule, read: Readable): boolean {
  if (rule.atMostWords !== null && read.words > rule.atMostWords) return false
  const line = masked(rule, read.line)
  if (!rule.says.some((pattern) => isSaid(pattern, line, read))) return false
  if (rule.unless.some((pattern) => pattern.test(read.line))) return false
  return fitsDay(rule, read)
}

/** Whether the line has the phrase; where it names somebody, there must be a name. */
function isSaid(pattern: RegExp, line: string, read: Readable): boolean {
  if (!NAMES_SOMEBODY.test(pattern.source)) return pattern.test(line)
  const groups = pattern.exec(line)?.indices?.groups
  const person = groups?.who ?? groups?.instead
  if (person !== undefined) return personNamed(read.text, tokensIn(read.tokens, person)) !== null
  const company = groups?.name
  return company !== undefined && nameOf(read.text, tokensIn(read.tokens, company), 'name') !== null
}

const NAMES_SOMEBODY = /\(\?<(who|instead|name)>/

/** The line with what the rule overlooks blanked out, at its length. */
function masked(rule: ReplyRule, line: string): string {
  return rule.ignoring.reduce(
    (text, pattern) => text.replace(pattern, (found) => found.replace(/\S/g, '_')),
    line,
  )
}

/** Today and tomorrow are an appointment; later is a postponement. */
const FAR_FROM_DAYS = 2

function fitsDay({ day: wanted }: ReplyRule, read: Readable): boolean {
  if (wanted === null) return true
  const day = read.day()
  if (day === null) return false
  if (wanted === 'named') return true
  return wanted === 'far' ? day.daysAhead >= FAR_FROM_DAYS : day.daysAhead < FAR_FROM_DAYS
}

function withDay(facts: ReplyFacts, read: Readable): ReplyFacts {
  return { ...facts, day: read.day()?.iso ?? null }
}

function factsOf(rule: ReplyRule, read: Readable, facts: ReplyFacts): ReplyFacts {
  switch (rule.intent) {
    case 'opt_out':
      return { ...facts, stops: rule.stops ?? stopsOf(read.line, facts.stops) }
    case 'hostile':
      return { ...facts, stops: 'all' }
    case 'out_of_office':
    case 'postpone':
      return withDay(facts, read)
    case 'competitor':
      return {
        ...facts,
        ...factsNamed(read.text, read.line, read.reference),
        competitor: captured(rule, read, 'name') ?? captured(rule, read, 'who'),
        ...(rule.why !== null && { why: rule.why }),
      }
    case 'no_matching_offering':
      return { ...facts, wanted: captured(rule, read, 'wanted') ?? read.text.slice(0, 500) }
    case 'wrong_person':
      return { ...facts, instead: captured(rule, read, 'instead') }
    case 'unknown':
      return { ...facts, thanks: rule.thanks }
    case 'help':
    case 'opt_in':
    case 'unqualified_budget':
    case 'not_interested':
    case 'interested':
    case 'question':
      return facts
  }
}

const EMAIL_WORDS = / (email|emails|emailing|newsletter|newsletters|inbox|mailing|mail) /
const TEXT_WORDS =
  / (text|texts|texting|sms|message me|messages|messaging|phone|number|call|calls|calling|called|dial|cell|mobile) /
const ALL_WORDS =
  / (all|everything|everywhere|any (way|form|kind|channel|further)|anymore in any|contact|contacting|communication|communications|communicate|correspondence|solicit|solicitation|bother|bothering|harass|harassing|alone|database|records|hear from you|reach out|reaching out|delete my|remove my (info|information|data|details)|list|lists|system) /

/** Which channels the words cover: both when they name both, or when they say all. */
function stopsOf(line: string, channel: Channel | 'all'): Channel | 'all' {
  const emails = EMAIL_WORDS.test(line)
  const texts = TEXT_WORDS.test(line)
  if (emails && texts) return 'all'
  if (emails) return channel === 'sms' ? 'all' : 'email'
  if (texts) return channel === 'email' ? 'all' : 'sms'
  if (ALL_WORDS.test(line) && !/ (mailing list|email list|text list) /.test(line)) return 'all'
  return channel
}

/** What the first phrase that names it found, as it was written. */
function captured(rule: ReplyRule, read: Readable, name: string): string | null {
  const line = masked(rule, read.line)
  for (const pattern of rule.says) {
    const match = pattern.hasIndices ? pattern.exec(line) : null
    const span = match?.indices?.groups?.[name]
    if (match === null || span === undefined) continue
    const inside = tokensIn(read.tokens, span)
    const found =
      name === 'instead' || name === 'who'
        ? personNamed(read.text, inside)
        : nameOf(read.text, inside, name)
    if (found !== null) return found
  }
  return null
}

/** The tokens whose words stand between two places of the line. */
function tokensIn(tokens: readonly Token[], [from, to]: readonly [number, number]): Token[] {
  const inside: Token[] = []
  let at = 1
  for (const token of tokens) {
    if (at >= from && at < to) inside.push(token)
    at += token.word.length + 1
  }
  return inside
}

function detailOf(intent: Intent, facts: ReplyFacts): string | null {
  switch (intent) {
    case 'opt_out':
      return facts.stops
    case 'competitor':
      return facts.competitor
    case 'no_matching_offering':
      return facts.wanted
    case 'unqualified_budget':
      return 'budget'
    case 'wrong_person':
      return facts.instead
    case 'out_of_office':
    case 'postpone':
      return facts.day
    case 'unknown':
      return facts.thanks ? 'thanks' : null
    case 'help':
    case 'opt_in':
    case 'hostile':
    case 'not_interested':
    case 'interested':
    case 'question':
      return null
  }
}
