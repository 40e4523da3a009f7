import { END, tokensOf } from './tokens.ts'

export type Keyword = 'stop' | 'start' | 'help'

/**
 * The words that alone make an opt-out, joined without spaces ("opt out" and "opt-out" count).
 * Twilio's defaults: STOP, STOPALL, UNSUBSCRIBE, CANCEL, END, QUIT, REVOKE, OPTOUT. The FCC's
 * seven of 47 CFR 64.1200(a)(10): stop, quit, end, revoke, opt out, cancel, unsubscribe. The
 * Spanish ones are what carriers and senders in the United States take beside them.
 */
const STOP_WORDS = new Set(
  'stop stopall unsubscribe cancel end quit revoke optout alto parar pare pares baja cancelar detener detenga terminar salir emojistop'.split(
    ' ',
  ),
)
/**
 * Twilio also takes YES for an opt-in, but YES is what people answer to a question: from us, it
 * is no consent.
 */
const START_WORDS = new Set(['start', 'unstop'])
const HELP_WORDS = new Set(['help', 'info', 'ayuda'])

/**
 * What a text means that is one of the carriers' words and nothing else, whatever its case,
 * punctuation, spacing, emoji or slip of a finger; null for any other text, which others read.
 */
export function keywordOf(text: string): Keyword | null {
  if (text.length > 200) return null
  const words = tokensOf(text)
    .map((token) => token.word)
    .filter((word) => !END.has(word))
  const spoken = words
    .filter((word) => !word.startsWith('emoji'))
    // "STOP STOP STOP" is the word, and no other.
    .filter((word, at, all) => word !== all[at - 1])
  const word = (spoken.length > 0 ? spoken : words.slice(0, 1)).join('')
  if (STOP_WORDS.has(word)) return 'stop'
  if (START_WORDS.has(word)) return 'start'
  if (HELP_WORDS.has(word)) return 'help'
  return null
}
