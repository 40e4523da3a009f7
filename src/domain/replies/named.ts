import type { Reference } from './dates.ts'
import { dayNamed } from './dates.ts'
import type { Token } from './tokens.ts'
import type { CompetitorWhy, ReplyFacts } from './types.ts'

/** Words with which a name is over. */
const NAME_ENDS = new Set(
  'because but and so since for who which that as instead last already now thanks thank few weeks week month months year years until till til through thru due from after when while over rather yesterday today recently earlier before to with at in on i we they you it is are was were has have had not please sorry also there this these their its who he she him her if then though although this'.split(
    ' ',
  ),
)
/** Words with which a name or a wish does not begin. */
const NAME_BEGINS = new Set('a an the our my your some another other different'.split(' '))
/** What stands where a name would, and is none. */
const NO_NAMES =
  /^(someone|somebody|another|a |an |other|others|else|different|competitor|company|vendor|provider|one|them|him|her|it|us|this|that|what|something|anything|nothing|solution|option|direction|going|it all|all|set|happy|good|fine|elsewhere|inhouse|in-house|house|internal|service|product|team|agency|person|people|us all|local|(mon|tues|wednes|thurs|fri|satur|sun)day(?!\.[a-z])|tomorrow|today|tonight|about|around|up|down|client|clients|customer|customers|kids|family|budget|new|old|option [a-d]|option \d|plan|flow|gut|time|lot)\b/i
const WANTED_ENDS = new Set('thanks thank but sorry regards cheers'.split(' '))

const MOST_NAME_WORDS = 4
const MOST_WANTED_CHARS = 200

/** What was captured, as it was written, cut where the name or the wish ends. */
export function nameOf(text: string, tokens: readonly Token[], kind: string): string | null {
  const wanted = kind === 'wanted'
  const kept: Token[] = []
  for (const [index, token] of tokens.entries()) {
    if (index > 0 && token.pause && !(wanted && kept.length < 3)) break
    if ((wanted ? WANTED_ENDS : NAME_ENDS).has(token.word)) break
    if (kept.length === 0 && !wanted && NAME_BEGINS.has(token.word)) continue
    kept.push(token)
    if (!wanted && kept.length === MOST_NAME_WORDS) break
  }
  const [first] = kept
  const last = kept.at(-1)
  if (first === undefined || last === undefined) return null
  // "Monday.com": a point between two words without a space is part of the name.
  const end = last.end + (/^\.[a-z]{2,6}\b/i.exec(text.slice(last.end))?.[0].length ?? 0)
  const found = text
    .slice(first.start, wanted ? last.end : end)
    .replace(/\s+/g, ' ')
    .slice(0, MOST_WANTED_CHARS)
  return !wanted && NO_NAMES.test(found) ? null : found
}

/** Words that begin with a capital letter somewhere, and are nobody. */
const NOBODY = new Set(
  'i me us you we it the this that these those your my our a an at all interested sure monday tuesday wednesday thursday friday saturday sunday today tomorrow tonight now later soon yet not really quite ready stop anymore much many more bad good great happy true available able here there home worth possible likely necessary needed helpful urgent funny fair cheap free exactly particularly currently anytime ever never again too so very worries problem problems rush hurry signal service reception interest need needs money budget cash way thanks thank please sorry one idea time doubt question questions'.split(
    ' ',
  ),
)
/** "Buying", "Looking": what somebody does. */
const DOES = /^.{2,}ing$/i

/**
 * The person that was named: words with a capital letter, as they were written. None where a
 * capital tells nothing: in a text all in capitals, and where every word begins with one.
 */
export function personNamed(text: string, tokens: readonly Token[]): string | null {
  if (!capitalsTell(text)) return null
  const kept: Token[] = []
  for (const token of tokens) {
    const written = text.slice(token.start, token.end)
    if (kept.length > 0 && token.pause) break
    if (!/^\p{Lu}/u.test(written) || NOBODY.has(token.word) || DOES.test(written)) break
    kept.push(token)
  }
  const [first] = kept
  const last = kept.at(-1)
  return first && last ? text.slice(first.start, last.end).replace(/['’]s$/, '') : null
}

/** "Not Ada" is short enough to be two words of their own; "I Am Not Paying That" is a habit. */
const MOST_TITLE_WORDS = 2

function capitalsTell(text: string): boolean {
  if (!/\p{Ll}/u.test(text)) return false
  const words = text.match(/\p{L}[\p{L}'’]*/gu) ?? []
  return words.length <= MOST_TITLE_WORDS || words.some((word) => /^\p{Ll}/u.test(word))
}

const WHYS: readonly (readonly [CompetitorWhy, RegExp])[] = [
  [
    'price',
    / (price|prices|pricing|cheaper|cost|costs|costly|expensive|affordable|budget|discount|deal|less money|lower|rate|rates|quote) /,
  ],
  [
    'feature',
    / (feature|features|functionality|integration|integrations|integrates|better fit|capabilities|capability|offers|offered|includes|supports|quality) /,
  ],
  [
    'timing',
    / (faster|sooner|quicker|timing|too late|too slow|first to|availability|available|earlier|in time|responded|got back) /,
  ],
]

/** Why the competitor, and until when: what stands beside the name. */
export function factsNamed(
  text: string,
  line: string,
  reference: Reference,
): Pick<ReplyFacts, 'why' | 'contractEnds'> {
  const why = WHYS.find(([, pattern]) => pattern.test(line))?.[0] ?? null
  const speaksOfTerm =
    / (contract|agreement|renew|renewal|renews|renewed|until|through|expires|expire|expiring|locked|term|committed|subscription|ends|up in|lease) /.test(
      line,
    )
  const contractEnds = speaksOfTerm ? (dayNamed(text, reference)?.iso ?? null) : null
  return { why, contractEnds }
}
