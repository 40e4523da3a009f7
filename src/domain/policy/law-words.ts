import { type Law, weekTexts } from './laws.ts'

/** Calling hours in words that a marketer and a lawyer both understand. */

/** A law's row in one line: hours, statute, how sure we are, and what is not settled. */
export function lawWords(law: Law, lifted: boolean): string {
  const words = kept.get(law) ?? rowWords(law)
  kept.set(law, words)
  return lifted ? `${words}; set aside for texts under written consent` : words
}

/** There are some fifty laws, each with its words. */
const kept = new Map<Law, string>()

function rowWords(law: Law): string {
  const statute = law.statute === null ? '' : ` (${law.statute})`
  const from = law.effectiveFrom === null ? '' : ` from ${law.effectiveFrom} on`
  const sure = `confidence ${law.confidence}`
  const doubt = law.doubt === null ? '' : `: ${law.doubt}`
  return `${law.name}: ${hoursWords(law)}${from}${statute}, ${sure}${doubt}`
}

/** "Mon–Fri 09:00–18:00, Sat 10:00–17:00, none on Sundays, closed on holidays". */
function hoursWords({ hours, calendars }: Law): string {
  const { weekdays, saturday, sunday, atUtcOffset } = hours
  const parts =
    weekdays === saturday && weekdays === sunday
      ? [`${spanWords(weekdays)} every day`]
      : weekdays === saturday
        ? [`Mon–Sat ${spanWords(weekdays)}`, dayWords('Sun', sunday)]
        : [`Mon–Fri ${spanWords(weekdays)}`, dayWords('Sat', saturday), dayWords('Sun', sunday)]
  if (atUtcOffset !== undefined) {
    parts.push(`and ${spanWords(atUtcOffset.hours)} ${atUtcOffset.clock} all year`)
  }
  if (calendars.length > 0) parts.push('closed on legal holidays')
  return parts.join(', ')
}

function dayWords(day: string, hours: string | null): string {
  return hours === null
    ? `none on ${day === 'Sun' ? 'Sundays' : 'Saturdays'}`
    : `${day} ${spanWords(hours)}`
}

/** "08:00–20:00" for "08:00-20:00". */
export function spanWords(hours: string | null): string {
  return hours === null ? 'closed' : hours.replace('-', '–')
}

/** The hours that a law has on a weekday (ISO), as written; null on a day without any. */
export function hoursOn(law: Law, weekday: number): string | null {
  return weekTexts(law.hours)[weekday - 1] ?? null
}

/** The statutes of laws, each once. */
export function statutesOf(laws: readonly Law[]): string {
  return [...new Set(laws.flatMap(({ statute }) => statute ?? []))].join('; ')
}
