// A second opinion on the hours: computed by Intl alone, sharing nothing with the policy.
import type { OutboxItem } from '../../src/local/outbox.ts'

export interface LocalTime {
  /** Minutes since local midnight. */
  readonly minute: number
  readonly weekday: string
  readonly date: string
}

function localTimeOf(at: number, zone: string): LocalTime {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(at)
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? ''
  return {
    minute: Number(of('hour')) * 60 + Number(of('minute')),
    weekday: of('weekday'),
    date: `${of('year')}-${of('month')}-${of('day')}`,
  }
}

/** Whether an instant lies between two hours of the day in each zone: [from, to). */
export function isBetween(at: number, hours: [number, number], ...zones: string[]): boolean {
  return zones.every((zone) => {
    const { minute } = localTimeOf(at, zone)
    return minute >= hours[0] * 60 && minute < hours[1] * 60
  })
}

/**
 * How far apart two times of day are, in minutes, on a clock that goes round; and whether their
 * weekdays differ.
 */
export function apart(a: OutboxItem, b: OutboxItem, zone: string) {
  const [one, other] = [localTimeOf(a.at, zone), localTimeOf(b.at, zone)]
  const minutes = Math.abs(one.minute - other.minute)
  return {
    minutes: Math.min(minutes, 24 * 60 - minutes),
    sameDate: one.date === other.date,
    sameWeekday: one.weekday === other.weekday,
  }
}
