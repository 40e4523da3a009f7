import type { Reference } from './dates.ts'
import { dayNamed } from './dates.ts'
import type { Token } from './tokens.ts'
import type { CompetitorWhy, ReplyFacts } from './types.ts'

/** Words with which a name is over. */
const NAME_ENDS = new Set(
  'because but and so since for who which that as instead last already now thanks thank few weeks week month months year years until through due from after when while over rather yesterday today recently earlier before to with at in on i we they you it is are was were has have had not please sorry also there this these their its who he she him her if then though although this'.split(
    ' ',
  ),
)
/** Words with which a name or a wish does not begin. */
const NAME_BEGINS = new Set('a an the our my your some another other different'.split(' '))
/** What stands where a name would, and is none. */
const NO_NAMES =
  /^(someone|somebody|another|a |an |other|others|else|different|competitor|company|vendor|provider|one|them|him|her|it|us|this|that|what|something|anything|nothing|solution|option|option|direction|going|it all|all|set|happy|good|fine|elsewhere|inhouse|in-house|house|internal|service|product|team|agency|person|people|us all|local)\b/i
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

/** Words with a capital letter that are nobody. */
const NOBODY =
  /^(I|Me|Us|You|We|It|The|This|That|Your|My|Our|A|An|Interested|Sure|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|Yet|Not|Ready|STOP|Stop)$/

/** The person that was named: words with a capital letter, as they were written. */
export function personNamed(text: string, tokens: readonly Token[]): string | null {
  const kept: Token[] = []
  for (const token of tokens) {
    const written = text.slice(token.start, token.end)
    if (kept.length > 0 && token.pause) break
    if (!/^\p{Lu}/u.test(written) || NOBODY.test(written)) break
    kept.push(token)
  }
  const [first] = kept
  const last = kept.at(-1)
  return first && last ? text.slice(first.start, last.end).replace(/['’]s$/, '') : null
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
