import * as chrono from 'chrono-node'

/** A date beyond this is a mistake of reading, or an absence for a person to look at. */
const MOST_DAYS = 180
const DAY_MS = 86_400_000

type Language = { readonly parser: Parser; readonly back: RegExp; readonly away: RegExp }
type Parser = Pick<typeof chrono.en, 'parse'>

/**
 * The words before a date that make it the first day back, and those that make it the last day
 * away. A range ("from the 3rd to the 14th") ends with the last day away.
 */
const LANGUAGES: readonly Language[] = [
  {
    parser: chrono.en.casual,
    back: /\b(?:return(?:ing|s)?|back|available again|resume|reachable again|in the office again|available from)\b/i,
    away: /\b(?:until|till|til|through|thru|to|up to and including|away|out|leave)\b/i,
  },
  {
    parser: chrono.de.casual,
    back: /\b(?:ab dem|ab|wieder|zurück|erreichbar)\b/i,
    away: /\b(?:bis(?: einschließlich| einschl\.| zum)?|abwesend|urlaub)\b/i,
  },
  {
    parser: chrono.fr.casual,
    back: /\b(?:de retour|retour|reprendrai|à partir du|disponible à)/i,
    away: /\b(?:jusqu.au|jusqu.à|au|absent|absente|congés?)\b/i,
  },
  {
    parser: chrono.es.casual,
    back: /\b(?:de vuelta|regreso|regresar[eé]|vuelvo|volver[eé]|a partir del?|de regreso)/i,
    away: /\b(?:hasta|al|ausente|vacaciones)\b/i,
  },
  {
    parser: chrono.pt.casual,
    back: /\b(?:de volta|retorno|retornarei|voltarei|regresso|a partir de)/i,
    away: /(?:\baté|\bausente|\bférias)/i,
  },
  {
    parser: chrono.nl.casual,
    back: /\b(?:terug|weer bereikbaar|weer aanwezig|vanaf)\b/i,
    away: /\b(?:tot en met|t\/m|tot|afwezig|vakantie)\b/i,
  },
  {
    parser: chrono.it.casual,
    back: /\b(?:torner[òo]|rientro|rientrer[òo]|di ritorno|a partire dal)/i,
    away: /\b(?:fino al|al|assente|ferie)\b/i,
  },
  {
    parser: chrono.sv.casual,
    back: /(?:\båter|\btillbaka)/i,
    away: /\b(?:till och med|t\.?o\.?m|till|borta|semester)\b/i,
  },
]

/**
 * The first day (YYYY-MM-DD) on which whoever wrote an out-of-office is back, as far as its words
 * tell; null when no day after `today` is named. Of several readings the latest counts: who is
 * unsure whether somebody is there waits.
 */
export function returnDate(text: string, today: string): string | null {
  const words = text.slice(0, 4_000)
  const reference = new Date(`${today}T12:00:00Z`)
  const days = [
    ...LANGUAGES.flatMap((language) => daysBack(words, language, reference)),
    ...numericDays(words, reference),
  ]
  const floor = Date.parse(`${today}T00:00:00Z`)
  const plausible = days.filter((day) => day > floor && day <= floor + MOST_DAYS * DAY_MS)
  return plausible.length === 0 ? null : new Date(Math.max(...plausible)).toISOString().slice(0, 10)
}

function daysBack(words: string, { parser, back, away }: Language, reference: Date): number[] {
  return passages(words, new RegExp(`${back.source}|${away.source}`, 'gi')).flatMap((passage) =>
    parser
      .parse(passage, { instant: reference, timezone: 0 }, { forwardDate: true })
      .flatMap(({ index, text, start, end }) => {
        if (!names(start) || NUMBERS_ALONE.test(text)) return []
        const before = passage.slice(0, index)
        const last = dayOf(end !== null && end !== undefined && names(end) ? end : start)
        const isBack = back.test(before) && !away.test(before.slice(before.search(back)))
        if (isBack && !end) return [last]
        return end || away.test(before) ? [last + DAY_MS] : []
      }),
  )
}

/**
 * The sentences that speak of coming back or being away, from those words on, when a number or a
 * weekday may follow. Reading dates is slow, so nothing else is read.
 */
function passages(words: string, trigger: RegExp): string[] {
  const sentences = words.split(/(?<!\d)[.!?](?:\s|$)|\n\s*\n/)
  const found = sentences.flatMap((sentence) => {
    const at = sentence.search(trigger)
    return at < 0 ? [] : [sentence.slice(at, at + 160)]
  })
  return found.slice(0, 4)
}

/** The languages disagree about these; see numericDays. */
const NUMBERS_ALONE = /^\d{1,2}[./-]\d{1,2}(?:[./-]\d{0,4})?$/

/** "on Monday", "12 January": a time of day, or a month alone, names no day. */
function names(part: chrono.ParsedComponents): boolean {
  return part.isCertain('day') || part.isCertain('weekday')
}

function dayOf(part: chrono.ParsedComponents): number {
  return Date.UTC(part.get('year') ?? 0, (part.get('month') ?? 1) - 1, part.get('day') ?? 1)
}

const AROUND_NUMBERS =
  /(back|return\w*|ab|zurück|retour|terug|åter|until|till|through|bis|jusqu.au|au|hasta|al|até|tot|till)\b[^.!?\d]{0,40}(\d{1,2})[./-](\d{1,2})(?:[./-](\d{4}|\d{2}))?/gi
const MAKES_FIRST_DAY_BACK = /^(?:back|return\w*|ab|zurück|retour|terug|åter)$/i

/** 05/01/2027 is a day of January for some and of May for others: the nearer one is meant. */
function numericDays(words: string, reference: Date): number[] {
  return [...words.matchAll(AROUND_NUMBERS)].flatMap(([, before = '', one, two, year]) => {
    const readings = [
      dayFrom(Number(one), Number(two), year, reference),
      dayFrom(Number(two), Number(one), year, reference),
    ].filter((day) => day !== null && day > reference.getTime())
    if (readings.length === 0) return []
    const nearest = Math.min(...readings.map(Number))
    return [MAKES_FIRST_DAY_BACK.test(before) ? nearest : nearest + DAY_MS]
  })
}

function dayFrom(
  day: number,
  month: number,
  year: string | undefined,
  reference: Date,
): number | null {
  if (month < 1 || month > 12 || day < 1 || day > 31) return null
  if (year !== undefined) return Date.UTC((Number(year) % 2_000) + 2_000, month - 1, day)
  const here = Date.UTC(reference.getUTCFullYear(), month - 1, day)
  return here > reference.getTime()
    ? here
    : Date.UTC(reference.getUTCFullYear() + 1, month - 1, day)
}
