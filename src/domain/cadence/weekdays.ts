/** ISO: 1 Monday … 7 Sunday. */
const WEEKDAY_NAMES = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

export const WEEKDAY_PATTERN =
  '^(mon|tue|wed|thu|fri|sat|sun)(\\.\\.(mon|tue|wed|thu|fri|sat|sun))?$'

/**
 * "mon", or a run of days "mon..thu" (which may go over Sunday: "sat..mon"), as ISO weekdays in
 * their order; null when it is neither.
 */
export function parseWeekdays(text: string): readonly number[] | null {
  const [from, to = from, ...rest] = text.split('..')
  const [first, last] = [from, to].map((name) => WEEKDAY_NAMES.findIndex((each) => each === name))
  if (first === undefined || last === undefined || rest.length > 0) return null
  if (first === -1 || last === -1) return null
  const length = ((last - first + 7) % 7) + 1
  return Array.from({ length }, (_, index) => ((first + index) % 7) + 1)
}

/** Weekdays in the order of the week, each once. */
export function inWeekOrder(weekdays: readonly number[]): readonly number[] {
  return [...new Set(weekdays)].toSorted((a, b) => a - b)
}

/** "Mon, Tue and Wed"; "any day" for all seven or none. */
export function weekdayWords(weekdays: readonly number[]): string {
  if (weekdays.length === 0 || weekdays.length === 7) return 'any day'
  const names = weekdays.map((day) => {
    const name = WEEKDAY_NAMES[day - 1] ?? ''
    return name.charAt(0).toUpperCase() + name.slice(1)
  })
  const last = names.pop() ?? ''
  return names.length === 0 ? last : `${names.join(', ')} and ${last}`
}
