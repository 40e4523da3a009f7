export type Keyword = 'stop' | 'start' | 'help'

/**
 * The words that alone make an opt-out, joined without spaces ("opt out" and "opt-out" count).
 * Twilio's defaults: STOP, STOPALL, UNSUBSCRIBE, CANCEL, END, QUIT, REVOKE, OPTOUT. The FCC's
 * seven of 47 CFR 64.1200(a)(10): stop, quit, end, revoke, opt out, cancel, unsubscribe.
 */
const STOP_WORDS = new Set('stop stopall unsubscribe cancel end quit revoke optout'.split(' '))
/**
 * Twilio also takes YES for an opt-in, but YES is what people answer to a question: from us, it
 * is no consent.
 */
const START_WORDS = new Set(['start', 'unstop'])
const HELP_WORDS = new Set(['help', 'info'])

/**
 * What a text means that is one of the carriers' words and nothing else, whatever its case,
 * punctuation, spacing or emoji; null for any other text, which others have to read.
 */
export function keywordOf(text: string): Keyword | null {
  const word = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
  if (STOP_WORDS.has(word)) return 'stop'
  if (START_WORDS.has(word)) return 'start'
  if (HELP_WORDS.has(word)) return 'help'
  return null
}
