/** What a company offers, and what lost leads wanted: whether the one is the other. */

export interface Offering {
  readonly name: string
  /** Tags of leads for whom it is meant. */
  readonly tags: readonly string[]
  /** Words and phrases under which people ask for it. */
  readonly words: readonly string[]
}

/** What a lead that found nothing had asked for. */
export interface Wish {
  readonly wanted: string | null
  readonly tags: readonly string[]
}

/**
 * Why an offering answers a wish, in words without what the lead wrote; null when it does not.
 * It does by a tag that both have, or when all words of its name or of one of its phrases stand in
 * the wish, in any order and whatever their case, accents and plural.
 */
export function matchOffering({ name, tags, words }: Offering, wish: Wish): string | null {
  const tag = tags.find((own) => wish.tags.some((theirs) => folded(theirs) === folded(own)))
  if (tag !== undefined) return `by the tag ${tag}`
  const wanted = new Set(tokens(wish.wanted ?? ''))
  const phrase = [name, ...words].find((each) => {
    const asked = tokens(each)
    return asked.length > 0 && asked.every((token) => wanted.has(token))
  })
  return phrase === undefined ? null : `by the words ${phrase}`
}

/** Too common to tell one offering from another. */
const EMPTY_WORDS = new Set(
  'a an and or the of for to in on at by with without your our we you i my it is are'.split(' '),
)

function tokens(text: string): readonly string[] {
  const words = folded(text).match(/[\p{L}\p{N}]+/gu) ?? []
  return words.filter((word) => !EMPTY_WORDS.has(word)).map(singular)
}

function folded(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().trim()
}

/** English plurals, as far as two spellings of one thing meet: families and family, boxes and box. */
function singular(word: string): string {
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`
  if (/(ss|x|ch|sh)es$/.test(word)) return word.slice(0, -2)
  if (word.length > 3 && word.endsWith('s') && !/(ss|us|is)$/.test(word)) return word.slice(0, -1)
  return word
}
