import { lineOf, tokensOf } from './tokens.ts'

/**
 * The little language in which rules name what people say, for people who write no code:
 *
 *   take me off          these words, in whatever case, spelling and punctuation
 *   (text|call) me       one of several
 *   stop [it|this]       may stand there or not
 *   went with {name}     what stands there is kept; {who} is a name with a capital letter
 *   not ... interested   up to four other words in between, in the same sentence
 *   ^ yes $              the beginning and the end of a sentence
 *   buy*                 any word that begins so
 *   <?>                  a question mark
 *   <end>                any end of a sentence
 */
export type PhraseReading =
  | { readonly ok: true; readonly source: string; readonly names: readonly string[] }
  | { readonly ok: false; readonly because: string }

/** Longest gap, in words, and longest capture: bounded, so that no answer makes a rule slow. */
const GAP = '(?:(?![.?] )\\S+ ){0,4}?'
const CAPTURES: ReadonlyMap<string, number> = new Map([
  ['who', 3],
  ['wanted', 30],
])
const CAPTURE_WORDS = 10

const PIECE = /\(|\)|\[|\]|\||\.\.\.|\^|\$|<\?>|<end>|\{[a-zA-Z]+\}|[^\s()[\]|^$<{]+/g

/** A phrase as the source of a regular expression over `lineOf(tokens)`. */
export function readPhrase(phrase: string): PhraseReading {
  const names: string[] = []
  const closers: string[] = []
  let source = ''
  let words = 0
  for (const [piece] of phrase.matchAll(PIECE)) {
    if (piece === '(' || piece === '[') {
      closers.push(piece === '(' ? ')' : ')?')
      source += '(?:'
    } else if (piece === ')' || piece === ']') {
      const closer = closers.pop()
      if (closer === undefined || (piece === ']') !== (closer === ')?')) {
        return { ok: false, because: `"${piece}" closes nothing` }
      }
      source += closer
    } else if (piece === '|') {
      if (closers.length === 0) return { ok: false, because: '"|" stands outside of ( ) and [ ]' }
      source += '|'
    } else if (piece === '...') source += GAP
    else if (piece === '^') source += '(?<=^ |[.?] )'
    else if (piece === '$') source += '(?=[.?] |$)'
    else if (piece === '<?>') source += '\\? '
    else if (piece === '<end>') source += '[.?] '
    else if (piece.startsWith('{')) {
      const name = piece.slice(1, -1)
      if (names.includes(name)) return { ok: false, because: `{${name}} stands there twice` }
      names.push(name)
      source += `(?<${name}>(?:(?![.?] )\\S+ ){1,${CAPTURES.get(name) ?? CAPTURE_WORDS}})`
    } else {
      const word = wordSource(piece)
      if (word === null) return { ok: false, because: `"${piece}" is no word` }
      words += 1
      source += word
    }
  }
  if (closers.length > 0) return { ok: false, because: 'a bracket is not closed' }
  if (words === 0 && !source.includes('\\?')) return { ok: false, because: 'it names no word' }
  return { ok: true, source: `(?<= )${source}`, names }
}

function wordSource(piece: string): string | null {
  const open = piece.endsWith('*')
  const line = lineOf(tokensOf(open ? piece.slice(0, -1) : piece)).trim()
  if (line === '' || /[.?]/.test(line)) return null
  const escaped = line.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  return open ? `${escaped}\\S* ` : `${escaped} `
}
