import { en } from 'chrono-node'
import { DAY_MS, HOUR_MS, type Instant, MINUTE_MS } from '../time.ts'
import { atLocal, type LocalDay, localDay, localTime, stretchAt, weekdayOf } from '../time-zones.ts'

/** A day that somebody named, on the calendar of a zone. */
export interface NamedDay {
  /** "2027-02-01" */
  readonly iso: string
  /** Nine in the morning of that day. */
  readonly at: Instant
  /** Whole days from the reference; 0 is today. */
  readonly daysAhead: number
}

export interface Reference {
  readonly at: Instant
  /** The zone on whose calendar "tomorrow" is meant. */
  readonly zone: string
}

/** People are written to from nine in the morning of the day they named. */
const MORNING_MS = 9 * HOUR_MS
/** A calendar cannot be planned further ahead than this; longer is a slip of the pen. */
export const MOST_DAYS_AHEAD = 3 * 366
const MOST_CHARS = 2_000

/**
 * The day that a text names, in words or figures, as seen from `reference`; of several the last
 * one that lies ahead ("away until the 3rd, call me on the 10th"). Null when it names none.
 */
export function dayNamed(text: string, reference: Reference): NamedDay | null {
  const said = text.slice(0, MOST_CHARS)
  const today = localTime(reference.at, reference.zone)
  const { days: periods, rest } = periodsNamed(said, today)
  const dates = datesNamed(rest, reference)
  const days = [
    ...periods,
    ...dates,
    ...(periods.length + dates.length === 0 ? ordinals(rest, today) : []),
  ]
  const ahead = days
    .filter((day) => day - today.day >= 0 && day - today.day <= MOST_DAYS_AHEAD)
    .toSorted((a, b) => a - b)
  const day = ahead.at(-1)
  return day === undefined ? null : asNamed(day, today.day, reference.zone)
}

/** A day as it is written down: "2027-02-01". */
function isoDay(day: LocalDay): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}

function asNamed(day: LocalDay, today: LocalDay, zone: string): NamedDay {
  return { iso: isoDay(day), at: atLocal(day, MORNING_MS, zone), daysAhead: day - today }
}

/** What a calendar library finds: "next Tuesday", "March 3rd", "in six weeks", "12/1". */
function datesNamed(text: string, { at, zone }: Reference): LocalDay[] {
  const timezone = Math.round(stretchAt(zone, at).offsetMs / MINUTE_MS)
  const plain = text.replace(
    /\bin (\d+|a|an|one|two|three|four|six|twelve) mos?\b/gi,
    'in $1 months',
  )
  const found = en.casual.parse(plain, { instant: new Date(at), timezone }, { forwardDate: true })
  return found.flatMap(({ start, end, text: words }) => {
    const known = end ?? start
    if (isTimeAlone(words)) return []
    const [year, month, day] = [known.get('year'), known.get('month'), known.get('day')]
    if (year === null || month === null || day === null) return []
    return [localDay(year, month, known.isCertain('day') || !known.isCertain('month') ? day : 1)]
  })
}

/** "now", "3pm", "this morning": an hour is no day to come back on. */
function isTimeAlone(words: string): boolean {
  return /^(now|today|this (morning|afternoon|evening)|tonight|\d{1,2}(:\d{2})?\s*(am|pm)?|at \d.*|noon|midnight|\d+ (min|minute|hour|hr)s?.*|in \d+ (min|minute|hour|hr)s?.*)$/i.test(
    words.trim(),
  )
}

type Today = ReturnType<typeof localTime>

/** Periods that no calendar library knows, each with the first day behind it, and what is left. */
function periodsNamed(text: string, today: Today): { days: LocalDay[]; rest: string } {
  const days: LocalDay[] = []
  let rest = text
  for (const [pattern, dayOf] of PERIODS) {
    const match = pattern.exec(rest)
    if (match === null) continue
    days.push(dayOf(today, match))
    rest = rest.replace(match[0], ' , ')
  }
  return { days, rest }
}

/** "On the 15th", when nothing else was named: of this month, or of the next. */
function ordinals(text: string, today: Today): LocalDay[] {
  const match = /\b(?:on|until|till|by|after|before|from) the (\d{1,2})(?:st|nd|rd|th)\b/i.exec(
    text,
  )
  const dayOfMonth = Number(match?.[1] ?? 0)
  if (dayOfMonth < 1 || dayOfMonth > 31) return []
  const month = dayOfMonth > today.dayOfMonth ? today.month : today.month + 1
  return [localDay(today.year, month, dayOfMonth)]
}

type DayOf = (today: Today, match: RegExpExecArray) => LocalDay

const WORDS_AS_NUMBERS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    a: 1,
    an: 1,
    one: 1,
    two: 2,
    couple: 2,
    three: 3,
    few: 3,
    several: 3,
    four: 4,
    five: 5,
    six: 6,
    seven: 7,
    eight: 8,
    nine: 9,
    ten: 10,
    eleven: 11,
    twelve: 12,
  }),
)
const COUNT =
  '(\\d{1,3}|a couple|a few|several|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)'

const PERIODS: readonly (readonly [RegExp, DayOf])[] = [
  [/\bnext (quarter|qtr)\b/i, (today) => quarterDay(today, 1)],
  [/\b(end of|after|when) (the|this) (quarter|qtr)\b/i, (today) => quarterDay(today, 1)],
  [
    /\bq([1-4])\b(?:\s*(?:of\s*)?(20\d\d))?/i,
    (today, [, quarter, year]) => quarterNamed(today, Number(quarter), year),
  ],
  [
    /\b(first|second|third|fourth|last) quarter\b/i,
    (today, [, ordinal = '']) =>
      quarterNamed(
        today,
        (['first', 'second', 'third', 'fourth', 'last'].indexOf(ordinal.toLowerCase()) % 4) +
          (ordinal.toLowerCase() === 'last' ? 4 : 1),
        undefined,
      ),
  ],
  [/\b(after|past|until after|till after|once|when)\b.{0,20}\bholidays?\b/i, afterHolidays],
  [
    /\b(after|past|until after|till after) (the )?(christmas|xmas|new ?years?( day| eve)?|winter break)\b/i,
    (today) => nextDate(today, 1, 4),
  ],
  [/\b(after|past) thanksgiving\b/i, afterThanksgiving],
  [/\b(after|past) easter\b/i, afterEaster],
  [
    /\b(after|in|start of|beginning of|early) the new year\b|\bnew year\b/i,
    (today) => nextDate(today, 1, 4),
  ],
  [/\b(early|beginning of|start of) next year\b/i, (today) => localDay(today.year + 1, 1, 11)],
  [/\b(second half of|mid|later) next year\b/i, (today) => localDay(today.year + 1, 7, 1)],
  [/\b(next|the following) year\b/i, (today) => localDay(today.year + 1, 1, 4)],
  [/\b(end of|later this|late this) (the |this )?year\b/i, (today) => yearEnd(today)],
  [/\b(next|the following) month\b/i, (today) => localDay(today.year, today.month + 1, 1)],
  [
    /\b(end of|after|later this) (the |this )?month\b/i,
    (today) => localDay(today.year, today.month + 1, 1),
  ],
  [/\b(next|the following|later next) week\b/i, (today) => today.day + 8 - today.weekday],
  [/\b(after|end of|later) (the |this )?week(end)?\b/i, (today) => today.day + 8 - today.weekday],
  [
    new RegExp(`\\b${COUNT}\\s*(?:of )?(?:more )?(weeks?|wks?)\\b`, 'i'),
    (today, [, count = '']) => today.day + 7 * countOf(count),
  ],
  [
    new RegExp(`\\b${COUNT}\\s*(?:of )?(?:more )?(months?|mos?)\\b`, 'i'),
    (today, [, count = '']) => monthsAhead(today, countOf(count)),
  ],
  [
    new RegExp(`\\b${COUNT}\\s*(?:of )?(?:more )?(days)\\b`, 'i'),
    (today, [, count = '']) => today.day + countOf(count),
  ],
  [
    new RegExp(`\\b(?:in|after|for|another) ${COUNT}\\s*(?:of )?(?:more )?years?\\b`, 'i'),
    (today, [, count = '']) => monthsAhead(today, 12 * countOf(count)),
  ],
  [/\b(a|one) year from (now|today)\b/i, (today) => monthsAhead(today, 12)],
  [/\bhalf a year\b|\bsix months\b/i, (today) => monthsAhead(today, 6)],
  [/\b(in|this|next|until|till|by|after|the) (the )?spring\b/i, (today) => nextDate(today, 3, 20)],
  [
    /\b(in|this|next|until|till|by|after|the) (the )?summer\b/i,
    (today, [said]) => nextDate(today, /after/i.test(said) ? 9 : 6, /after/i.test(said) ? 8 : 21),
  ],
  [
    /\b(in|this|next|until|till|by|after) (the )?(fall|autumn)\b/i,
    (today) => nextDate(today, 9, 22),
  ],
  [/\b(in|this|next|until|till|by|after) (the )?winter\b/i, (today) => nextDate(today, 12, 21)],
  [/\b(after|when|once) .{0,20}\b(tax season)\b/i, (today) => nextDate(today, 4, 16)],
]

function countOf(words: string): number {
  const last = words.toLowerCase().split(' ').at(-1) ?? ''
  return Number(words) || WORDS_AS_NUMBERS.get(last) || 1
}

function quarterDay(today: Today, quarters: number): LocalDay {
  const quarter = Math.floor((today.month - 1) / 3) + quarters
  return localDay(today.year, quarter * 3 + 1, 1)
}

function quarterNamed(today: Today, quarter: number, year: string | undefined): LocalDay {
  if (year !== undefined) return localDay(Number(year), quarter * 3 - 2, 1)
  const day = localDay(today.year, quarter * 3 - 2, 1)
  const ends = localDay(today.year, quarter * 3 + 1, 1)
  // "In Q4", said in the middle of it, is later in it.
  if (day <= today.day && today.day < ends) return Math.min(today.day + 30, ends)
  return day > today.day ? day : localDay(today.year + 1, quarter * 3 - 2, 1)
}

function monthsAhead(today: Today, months: number): LocalDay {
  const month = today.month + months
  const lastDay = new Date(Date.UTC(today.year, month, 0)).getUTCDate()
  return localDay(today.year, month, Math.min(today.dayOfMonth, lastDay))
}

/** The next time that this day of the year comes. */
function nextDate(today: Today, month: number, dayOfMonth: number): LocalDay {
  const day = localDay(today.year, month, dayOfMonth)
  return day > today.day ? day : localDay(today.year + 1, month, dayOfMonth)
}

function yearEnd(today: Today): LocalDay {
  return Math.max(localDay(today.year, 12, 1), today.day + 7)
}

/** The holidays of a year's end, which in the United States begin with Thanksgiving. */
function afterHolidays(today: Today): LocalDay {
  return nextDate(today, 1, 4)
}

/** The Monday after the fourth Thursday of November. */
function afterThanksgiving(today: Today): LocalDay {
  for (const year of [today.year, today.year + 1]) {
    const first = localDay(year, 11, 1)
    const day = first + ((4 - weekdayOf(first) + 7) % 7) + 21 + 4
    if (day > today.day) return day
  }
  return today.day + 7
}

/** The Tuesday after Easter Sunday of the Western churches, by the method of Butcher and Meeus. */
function afterEaster(today: Today): LocalDay {
  for (const year of [today.year, today.year + 1]) {
    const day = easterSunday(year) + 2
    if (day > today.day) return day
  }
  return today.day + 7
}

function easterSunday(year: number): LocalDay {
  const golden = year % 19
  const century = Math.floor(year / 100)
  const inCentury = year % 100
  const moon =
    (19 * golden +
      century -
      Math.floor(century / 4) -
      Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3) +
      15) %
    30
  const toSunday =
    (32 + 2 * (century % 4) + 2 * Math.floor(inCentury / 4) - moon - (inCentury % 4)) % 7
  const late = Math.floor((golden + 11 * moon + 22 * toSunday) / 451)
  const days = moon + toSunday - 7 * late + 114
  return localDay(year, Math.floor(days / 31), (days % 31) + 1)
}
