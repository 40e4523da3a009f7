/**
 * An answer as words that can be compared: one case, one spelling of each contraction, no accents,
 * no invisible characters, emoji that matter as words. Phrases of the rules go through the same
 * mill, so a rule's author never thinks about any of this.
 */
export interface Token {
  /** "stop"; "." and "?" stand for the end of a sentence. */
  readonly word: string
  /** Where it stands in the text it came from. */
  readonly start: number
  readonly end: number
  /** A comma, colon or dash stands before it: what is named ends there. */
  readonly pause: boolean
}

/** The words of a text, in order. Linear in its length. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  let pause = false
  for (const match of text.matchAll(TOKEN)) {
    const [raw] = match
    const start = match.index
    const end = start + raw.length
    const words = wordsOf(raw)
    if (words === null) {
      pause = true
      continue
    }
    for (const word of words) {
      const last = tokens.at(-1)
      if (END.has(word) && last !== undefined && END.has(last.word)) {
        // "?!" asks, and "..." ends once.
        if (word === '?' && last.word !== '?') {
          tokens[tokens.length - 1] = { ...last, word, end }
        }
        continue
      }
      if (END.has(word) && last === undefined) continue
      tokens.push({ word, start, end, pause })
      pause = false
    }
  }
  return unspelled(tokens)
}

/** The tokens as one line with a space around each word: what the rules' patterns read. */
export function lineOf(tokens: readonly Token[]): string {
  return ` ${tokens.map(({ word }) => word).join(' ')} `
}

/** The ends of sentences. */
export const END: ReadonlySet<string> = new Set(['.', '?'])

const EMOJI: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '👍': 'emojithumb',
    '👌': 'emojithumb',
    '🙏': 'emojithumb',
    '🙌': 'emojithumb',
    '👏': 'emojithumb',
    '✅': 'emojithumb',
    '❤': 'emojithumb',
    '🙂': 'emojithumb',
    '😊': 'emojithumb',
    '😀': 'emojithumb',
    '😄': 'emojithumb',
    '🛑': 'emojistop',
    '🚫': 'emojistop',
    '⛔': 'emojistop',
    '🖕': 'emojifinger',
  }),
)

/** Addresses and links are no words: what they spell ("unsubscribe@…") is nobody's wish. */
const TOKEN =
  /\b[a-z][*#]{2,8}[a-z]{0,6}|(?:https?:\/\/|www\.)\S{1,2000}|[\p{L}\p{N}._%+-]{1,100}@[\p{L}\p{N}.-]{1,200}|\p{N}{1,3}(?:[.,]\p{N}{1,3})+|[\p{L}\p{N}\p{M}$@\u200b-\u200d\u2060\ufeff\u00ad](?:[\p{L}\p{N}\p{M}$@\u200b-\u200d\u2060\ufeff\u00ad'’‘ʼ´\x60]{0,60}[\p{L}\p{N}\p{M}\u200b-\u200d\u2060\ufeff\u00ad])?|[.!?¿¡…。？！\n;]|[,:()"“”–—]|#(?![\p{L}\p{N}])|\p{Extended_Pictographic}/giu

/** The comparable words of one raw piece; null for a mere pause. */
function wordsOf(raw: string): readonly string[] | null {
  if (/^[,:()"“”–—¿¡]$/.test(raw)) return null
  if (raw === '?' || raw === '？') return ['?']
  if (raw === '#') return ['number']
  if (/^[.!…。！\n;]$/.test(raw)) return ['.']
  const emoji = EMOJI.get(raw)
  if (emoji !== undefined) return [emoji]
  if (/^\p{Extended_Pictographic}$/u.test(raw) && !/^\p{N}$/u.test(raw)) return []
  if (/^(https?:\/\/|www\.)/i.test(raw)) return ['weblink']
  if (/^[^@]+@[^@]+\.[^@]+$/.test(raw)) return ['emailaddress']
  if (/^[a-z][*#]/i.test(raw)) return [unveiled(raw)]
  const plain = foldWord(raw)
  if (plain === '') return []
  if (/['’‘ʼ´\x60]/.test(raw)) {
    const full = WITH_APOSTROPHE.get(plain)
    if (full !== undefined) return full
  }
  const clock = /^(\d{1,2})(am|pm|ish|st|nd|rd|th)$/.exec(plain)
  if (clock?.[1] !== undefined && clock[2] !== undefined) return [clock[1], clock[2]]
  return SPELLINGS.get(plain) ?? [mended(plain)]
}

/** "f***ing", "s**t": the word behind the stars, which everybody reads. */
function unveiled(raw: string): string {
  const ending = /(ing|er|ers|ed|y|face|hole|off)$/i.exec(raw)?.[1]?.toLowerCase() ?? ''
  const stems: Readonly<Record<string, string>> = { f: 'fuck', s: 'shit', b: 'bitch', a: 'ass' }
  const stem = stems[raw.charAt(0).toLowerCase()] ?? raw.charAt(0).toLowerCase()
  return `${stem}${ending}`
}

function foldWord(raw: string): string {
  return raw
    .normalize('NFKC')
    .normalize('NFD')
    .replace(/[\p{M}\u200b-\u200d\u2060\ufeff\u00ad'’‘ʼ´\x60]/gu, '')
    .toLowerCase()
    .replace(/[а-яё]/g, (letter) => LOOKALIKES[letter] ?? letter)
}

/** Cyrillic letters that look like Latin ones: a disguised word is still the word. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  а: 'a',
  е: 'e',
  о: 'o',
  р: 'p',
  с: 'c',
  т: 't',
  у: 'y',
  х: 'x',
  к: 'k',
  м: 'm',
  н: 'h',
  в: 'b',
}

const DIGITS_AS_LETTERS: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  $: 's',
  '@': 'a',
}

const STOP_TYPOS =
  /^(s+t+o+p+|stpo|sotp|tsop|tsop|stpop|sotop|stoop?p|stahp|stap|stob|stio?p|stiop|sytop|atop(?=$)|dtop|ztop|sto0p)$/
/** Words that mistyped or disguised still mean what they mean. */
const PLAIN_STOPS = new Set(['stop', 'stopall', 'unsubscribe', 'quit', 'cancel', 'end', 'optout'])

function mended(word: string): string {
  if (/[0-9$@]/.test(word) && /[a-z$@]/.test(word)) {
    const letters = word.replace(/[0-9$@]/g, (digit) => DIGITS_AS_LETTERS[digit] ?? digit)
    if (PLAIN_STOPS.has(letters)) return letters
  }
  if (word !== 'atop' && word !== 'stoop' && STOP_TYPOS.test(word)) return 'stop'
  if (/^uns[a-z]{3,10}$/.test(word) && nearUnsubscribe(word)) return 'unsubscribe'
  return word.replace(/[$@]/g, '')
}

function nearUnsubscribe(word: string): boolean {
  if (word === 'unsubscribed' || word === 'unsubscribing') return false
  return distanceWithin(word, 'unsubscribe', 3)
}

/** Whether two words differ by at most `most` letters put in, left out or changed. */
function distanceWithin(a: string, b: string, most: number): boolean {
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const change = a[row - 1] === b[column - 1] ? 0 : 1
      current.push(
        Math.min(
          (last[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (last[column - 1] ?? 0) + change,
        ),
      )
    }
    last = current
  }
  return (last[b.length] ?? most + 1) <= most
}

/** "S T O P", "s.t.o.p", "S-T-O-P": single letters in a row are one word that was spelled out. */
function unspelled(tokens: readonly Token[]): Token[] {
  const out: Token[] = []
  let index = 0
  while (index < tokens.length) {
    const run = spelledFrom(tokens, index)
    const word = run.map((at) => tokens[at]?.word ?? '').join('')
    const first = tokens[index]
    const last = tokens[run.at(-1) ?? index]
    if (first === undefined || last === undefined) break
    if (run.length >= 3 && PLAIN_STOPS.has(mended(word))) {
      out.push({ ...first, word: mended(word), end: last.end })
      index = (run.at(-1) ?? index) + 1
    } else {
      out.push(first)
      index += 1
    }
  }
  return out
}

/** Where the letters of a word spelled out from here stand; dots between them do not count. */
function spelledFrom(tokens: readonly Token[], from: number): number[] {
  const letters: number[] = []
  for (let at = from; at < tokens.length && letters.length < 12; at += 1) {
    const word = tokens[at]?.word ?? ''
    if (/^[a-z0-9]$/.test(word)) letters.push(at)
    else if (word !== '.' || letters.length === 0) break
  }
  return letters
}

/** What is another word without its apostrophe. */
const WITH_APOSTROPHE: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    well: 'we will',
    id: 'i would',
    wed: 'we would',
    were: 'we are',
    hell: 'he will',
    shell: 'she will',
    shed: 'she would',
    hed: 'he would',
  }).map(([short, full]) => [short, full.split(' ')]),
)

/** Contractions and texting shorthand in full; apostrophes are gone by then. */
const SPELLINGS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    dont: 'do not',
    donot: 'do not',
    doesnt: 'does not',
    didnt: 'did not',
    isnt: 'is not',
    arent: 'are not',
    wasnt: 'was not',
    werent: 'were not',
    wont: 'will not',
    wouldnt: 'would not',
    couldnt: 'could not',
    shouldnt: 'should not',
    cant: 'can not',
    cannot: 'can not',
    havent: 'have not',
    hasnt: 'has not',
    hadnt: 'had not',
    aint: 'am not',
    im: 'i am',
    ill: 'i will',
    youll: 'you will',
    youd: 'you would',
    theyll: 'they will',
    itll: 'it will',
    thatll: 'that will',
    theyd: 'they would',
    ive: 'i have',
    youre: 'you are',
    ur: 'your',
    u: 'you',
    r: 'are',
    theyre: 'they are',
    weve: 'we have',
    its: 'it is',
    thats: 'that is',
    whats: 'what is',
    whos: 'who is',
    hows: 'how is',
    heres: 'here is',
    theres: 'there is',
    lets: 'let us',
    pls: 'please',
    plz: 'please',
    plse: 'please',
    plea: 'please',
    pleae: 'please',
    thx: 'thanks',
    thnx: 'thanks',
    thnks: 'thanks',
    tks: 'thanks',
    ty: 'thanks',
    tysm: 'thanks',
    thankyou: 'thank you',
    gonna: 'going to',
    wanna: 'want to',
    gotta: 'have to',
    gimme: 'give me',
    lemme: 'let me',
    dnc: 'do not contact',
    txt: 'text',
    txts: 'texts',
    txting: 'texting',
    msg: 'message',
    msgs: 'messages',
    messeges: 'messages',
    msging: 'messaging',
    texing: 'texting',
    textng: 'texting',
    contactng: 'contacting',
    nbr: 'number',
    tmrw: 'tomorrow',
    tmw: 'tomorrow',
    tomorow: 'tomorrow',
    tommorow: 'tomorrow',
    tommorrow: 'tomorrow',
    wk: 'week',
    wks: 'weeks',
    mo: 'month',
    mos: 'months',
    yr: 'year',
    rn: 'right now',
    ooo: 'out of office',
    w: 'with',
    em: 'them',
    atm: 'at the moment',
    asap: 'soon',
    unsub: 'unsubscribe',
    optout: 'opt out',
    optin: 'opt in',
    emails: 'emails',
    mails: 'emails',
    'e-mail': 'email',
    wth: 'what the hell',
    wtf: 'what the fuck',
    stfu: 'shut the fuck up',
    gtfo: 'get the fuck out',
    intrested: 'interested',
    intersted: 'interested',
    interseted: 'interested',
    interrested: 'interested',
    interestd: 'interested',
    inetrested: 'interested',
    alrdy: 'already',
    bc: 'because',
    cuz: 'because',
    abt: 'about',
    appt: 'appointment',
    mtg: 'meeting',
  }).map(([short, full]) => [short, full.split(' ')]),
)
