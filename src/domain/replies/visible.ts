import EmailReplyParser from 'email-reply-parser'
import type { Channel } from '../policy/types.ts'

/** Longer answers are read up to here: the parsers' patterns are safe on bounded input only. */
const MOST_CHARS = 12_000
const MOST_LINE_CHARS = 1_000
const MOST_LINES = 600

const parser = new EmailReplyParser()

/**
 * What somebody wrote themselves: without quoted history, signature, the phone's advertisement and
 * the legal notice below. Quoted words never decide anything. Empty when nothing is left.
 */
export function visibleText(text: string, channel: Channel): string {
  const plain = text
    .slice(0, MOST_CHARS)
    .replace(/\r\n?/g, '\n')
    .replace(/\u0000/g, '')
  return channel === 'sms' ? visibleInText(plain) : visibleInEmail(plain)
}

function visibleInEmail(text: string): string {
  const bounded = text
    .split('\n')
    .map((line) => line.slice(0, MOST_LINE_CHARS).trimEnd())
    // The parser takes seconds for thousands of blank lines.
    .filter((line, at, all) => line !== '' || all[at - 1] !== '' || all[at - 2] !== '')
    .slice(0, MOST_LINES)
  const own = withoutQuotes(bounded)
  const parsed = parser.parseReply(own.join('\n'))
  const lines = parsed.split('\n')
  return tidy(withoutFooter(withoutSignature(lines)))
}

/** Quotes of Apple's reactions to a text; what stands between the marks is ours. */
const REACTION =
  /^\s*(liked|loved|emphasi[sz]ed|laughed at|disliked|questioned|reacted \S{1,8} to|removed an? \w+ from|me gusta|le gusta)\s+[“"«]([\s\S]*)[”"»]\s*$/i
const EMOJI_REACTION = /^\s*(\p{Extended_Pictographic}\S{0,4})\s+to\s+[“"«][\s\S]*[”"»]\s*$/iu

function visibleInText(text: string): string {
  const reaction = REACTION.exec(text)
  if (reaction?.[1] !== undefined) return reactionWords(reaction[1])
  const emoji = EMOJI_REACTION.exec(text)
  if (emoji?.[1] !== undefined) return emoji[1]
  return tidy(text.split('\n').filter((line) => !/^\s*>/.test(line)))
}

function reactionWords(verb: string): string {
  const said = verb.toLowerCase()
  if (/^(liked|loved|emphasi|me gusta|le gusta)/.test(said)) return '👍'
  if (said === 'questioned') return '?'
  const emoji = /reacted (\S+) to/.exec(said)?.[1]
  return emoji ?? verb
}

/** Headers with which mail programs begin what they quote; all below is history. */
const QUOTE_BEGINS: readonly RegExp[] = [
  /^\s*-{2,}\s*(original message|forwarded message|urspr[üu]ngliche nachricht|message d.origine|mensaje original|messaggio originale|oorspronkelijk bericht|weitergeleitete nachricht|reply above this line)\s*-*\s*$/i,
  /^\s*(begin forwarded message|anfang der weitergeleiteten nachricht):?\s*$/i,
  /^\s*#*-*\s*(please )?(type|write|reply) (your reply )?above this line\b/i,
  /^\s*(on|am|le|el|il|em|op|den|w dniu)\b.{4,400}(wrote|schrieb|a écrit|escribió|ha scritto|escreveu|schreef|skrev|napisał)[^:]{0,120}:\s*$/i,
  /^.{1,200}<[^<>@\s]+@[^<>\s]+>\s*(wrote|schrieb|a écrit|escribió|ha scritto|schreef):\s*$/i,
  /^\s*_{20,}\s*$/,
]
/** The first line of Outlook's block, when a second of its kind follows. */
const HEADER_LINE =
  /^\s*\*?(from|sent|to|cc|subject|date|reply-to|von|gesendet|an|betreff|datum|de|envoyé|à|objet|enviado|para|asunto|fecha|da|inviato|a|oggetto|van|verzonden|aan|onderwerp)\s?:\*?\s?\S/i

function withoutQuotes(lines: readonly string[]): string[] {
  const own: string[] = []
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    if (/^\s*[>|]/.test(line)) continue
    const header = quoteHeaderAt(lines, at)
    if (header === 0) {
      own.push(line)
      continue
    }
    // Who answers below the quote quotes with marks: what follows them is theirs again.
    const after = firstUnmarked(lines, at + header)
    if (after === null) break
    at = after - 1
  }
  return own
}

/** How many lines the header that begins here takes; 0 when none does. */
function quoteHeaderAt(lines: readonly string[], at: number): number {
  for (let count = 1; count <= 4; count += 1) {
    const joined = lines
      .slice(at, at + count)
      .map((line) => line.trim())
      .join(' ')
    if (count > 1 && !/^\s*(on|am|le|el|il|em|op|den)\b/i.test(lines[at] ?? '')) break
    if (joined.length < 700 && QUOTE_BEGINS.some((begin) => begin.test(joined))) return count
  }
  const block = [0, 1, 2].map((offset) => HEADER_LINE.test(lines[at + offset] ?? ''))
  if (block[0] === true && block[1] === true && /[@:]/.test(lines[at] ?? '')) return 2
  return 0
}

/** The first line behind a marked quote, when one follows the header directly. */
function firstUnmarked(lines: readonly string[], from: number): number | null {
  let at = from
  while (at < lines.length && (lines[at] ?? '').trim() === '') at += 1
  if (!/^\s*>/.test(lines[at] ?? '')) return null
  for (; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    if (line.trim() !== '' && !/^\s*>/.test(line)) return at
  }
  return null
}

const SENT_FROM =
  /^\s*(sent (from|via|with) |get outlook for|gesendet (von|mit) |von meinem .{1,60} gesendet|envoyé de(puis)? |enviado desde |inviato da |verzonden (vanaf|met) |sent using |von .{1,60} gesendet|download the .{1,40} app|yahoo mail:)/i
const SIGN_OFF =
  /^\s*(best|kind|warm|warmest|many|with|kindest|all the best|thanks|thank you|thx|regards|cheers|sincerely|respectfully|cordially|yours|best wishes|take care|talk soon|mit freundlichen|viele|saludos|gracias|atentamente)\b[\w\s&,.!'’üÜßöä]{0,40}$/i
const NOTICE =
  /^\s*\*{0,2}(confidentiality|confidential|disclaimer|privileged|legal notice|this (e-?mail|message|communication)( message)?(,)? (and any|is (intended|confidential|for)|may contain|contains|was sent)|the information (contained )?in this|please consider the environment|caution:|external email|if you (are not|have received this))/i

function withoutSignature(lines: readonly string[]): string[] {
  const cut = lines.findIndex(
    (line, at) =>
      (/^\s*(--|—|__+|==+|\*\*+|\+\+)\s*$/.test(line) || isSignOff(lines, at)) &&
      hasWords(lines, at),
  )
  // "Thanks, Ada" and no more: the thanks are what was said.
  const first = lines.findIndex((line) => line.trim() !== '')
  const only = cut === -1 && first !== -1 && isSignOff(lines, first) ? first + 1 : cut
  const kept = only === -1 ? lines : lines.slice(0, only)
  return kept.filter((line) => !SENT_FROM.test(line))
}

function hasWords(lines: readonly string[], until: number): boolean {
  return lines.slice(0, until).some((line) => /[\p{L}\p{N}]/u.test(line))
}

/** "Best regards," and below it a name: what follows says who writes, not what. */
function isSignOff(lines: readonly string[], at: number): boolean {
  const line = lines[at] ?? ''
  if (line.trim().length > 45 || !SIGN_OFF.test(line) || /\?/.test(line)) return false
  const rest = lines.slice(at + 1).filter((each) => each.trim() !== '')
  const [name] = rest
  if (name === undefined) return /,\s*$/.test(line)
  return /^\s*[\p{Lu}][\p{L}.'’-]*(\s+[\p{Lu}][\p{L}.'’-]*){0,3},?\s*$/u.test(name)
}

/** Footers that stand below everything: legal notices, and whole lines about unsubscribing. */
const FOOTER_LINE =
  /^\s*[[(*]*(to )?(unsubscribe|opt[- ]?out|manage (your )?(preferences|subscription)|update your preferences|view (this email )?in (your )?browser|privacy policy)\b.{0,120}(here|link|below|preferences|browser|from this list|https?:|www\.|\||<).{0,200}$/i

function withoutFooter(lines: readonly string[]): string[] {
  const cut = lines.findIndex((line, at) => NOTICE.test(line) && hasWords(lines, at))
  const kept = cut === -1 ? lines : lines.slice(0, cut)
  return kept.filter((line, at) => !(FOOTER_LINE.test(line) && hasWords(kept, at)))
}

function tidy(lines: readonly string[]): string {
  return lines
    .join('\n')
    .replace(/[ \t]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}
