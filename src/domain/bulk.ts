import type { Condition } from './cadence/conditions/conditions.ts'
import { minuteOfDay } from './cadence/duration.ts'
import type { BulkId, LeadId } from './ids.ts'
import type { DeadDetails, DeadReason, LeadStatus } from './lead.ts'
import type { ResumeMode } from './pauses.ts'
import type { EmergencyStop, PreferredHours } from './policy/types.ts'
import { DAY_MS, type Instant, MINUTE_MS, plus } from './time.ts'
import { atLocal, localTime, weekdayOf } from './time-zones.ts'

/** What is done to each lead of a bulk run. Free text in it stays in the store. */
export type BulkWork =
  | BulkAction
  /** Makes their plans anew, because what held them is over. */
  | { readonly kind: 'wake'; readonly because: string }

/** What an operator may ask of many leads at once: what can be asked of one, but for stops. */
export type BulkAction =
  | { readonly kind: 'enroll'; readonly cadence: string; readonly replace: boolean }
  | { readonly kind: 'pause'; readonly because: string }
  | { readonly kind: 'resume'; readonly mode: ResumeMode }
  | { readonly kind: 'skip' }
  | { readonly kind: 'jump'; readonly step: string }
  | { readonly kind: 'hold'; readonly until: Instant; readonly because: string }
  | { readonly kind: 'send_now' }
  | { readonly kind: 'mark_dead'; readonly details: DeadDetails }
  | { readonly kind: 'revive'; readonly cadence: string | null }

/** Whom a bulk run concerns. Leads that come after it began are not among them. */
export type BulkWhom =
  /** A segment is kept as it was when the run began. */
  | {
      readonly kind: 'query'
      readonly filter: LeadFilter
      readonly segment?: { readonly name: string; readonly when: Condition }
    }
  /** The leads that waited for an emergency stop, which is lifted. */
  | { readonly kind: 'stop'; readonly stop: EmergencyStop }
  /** All whose plan is to wait until something is lifted. */
  | { readonly kind: 'held' }

/** Everything that is given must hold. */
export interface LeadFilter {
  readonly status?: LeadStatus | 'held' | undefined
  readonly reason?: DeadReason | undefined
  /** The cadence that it is in. */
  readonly cadence?: string | undefined
  /** The step at which it stands. */
  readonly step?: string | undefined
  readonly source?: string | undefined
  readonly owner?: string | undefined
  readonly tag?: string | undefined
  /** As given, in capitals: "NY". */
  readonly state?: string | undefined
  readonly ids?: readonly LeadId[] | undefined
}

/** How fast a bulk run goes. */
export type BulkPace =
  | { readonly kind: 'per_minute'; readonly perMinute: number }
  /** Spread evenly over the company's preferred hours of each day. */
  | { readonly kind: 'per_day'; readonly perDay: number }

/** A batch that may be done now, and when the next one begins. */
export interface Batch {
  readonly count: number
  readonly nextAt: Instant
}

/** The company's hours and its IANA zone. */
export interface PaceHours {
  readonly hours: PreferredHours | null
  readonly zone: string
}

/** A batch stands for so many seconds of its rate: short enough to be stopped at once. */
const BATCH_SECONDS = 5
const DEFAULT_HOURS = { from: '09:00', to: '19:00' }
/** A week of rest days would leave no day at all. */
const DAYS_AHEAD = 8

/**
 * The batch that may be done at `now`. It depends on the clock alone and not on what was missed: a
 * run that stood still goes on at its pace, and makes up for nothing in a burst.
 */
export function planBatch(pace: BulkPace, now: Instant, hours: PaceHours): Batch {
  if (pace.kind === 'per_day') return dayBatch(pace.perDay, now, hours)
  const { perMinute } = pace
  const count = Math.max(1, Math.floor((perMinute * BATCH_SECONDS) / 60))
  return { count, nextAt: plus(now, Math.ceil((count * MINUTE_MS) / perMinute)) }
}

/** Each minute of the day's hours has its own share, so that they add up to the day's number. */
function dayBatch(perDay: number, now: Instant, { hours, zone }: PaceHours): Batch {
  const { from, to } = hours ?? DEFAULT_HOURS
  const opens = minuteOfDay(from)
  const minutes = minuteOfDay(to) - opens
  const { day: today, msOfDay } = localTime(now, zone)
  const current = Math.floor(msOfDay / MINUTE_MS) - opens
  const isOpen = current >= 0 && current < minutes && !rests(hours, weekdayOf(today))
  const count = isOpen ? shareOf(current, perDay, minutes) : 0
  for (let day = today; day < today + DAYS_AHEAD; day += 1) {
    if (rests(hours, weekdayOf(day))) continue
    for (let minute = day === today ? Math.max(current, 0) : 0; minute < minutes; minute += 1) {
      if (shareOf(minute, perDay, minutes) === 0) continue
      const nextAt = atLocal(day, (opens + minute) * MINUTE_MS, zone)
      if (nextAt > now) return { count, nextAt }
    }
  }
  return { count, nextAt: plus(now, DAY_MS) }
}

/** How many of `perDay` fall into this minute, by Bresenham's rule. */
function shareOf(minute: number, perDay: number, minutes: number): number {
  return Math.floor(((minute + 1) * perDay) / minutes) - Math.floor((minute * perDay) / minutes)
}

/** A day on which every channel rests. */
function rests(hours: PreferredHours | null, weekday: number): boolean {
  if (hours === null) return false
  const { email, sms } = hours.restDays
  return email.includes(weekday) && sms.includes(weekday)
}

/** What a run does to a lead, by which it is done once however often it is tried. */
export function bulkEventId(bulkId: BulkId, leadId: LeadId): string {
  return `${bulkId}:${leadId}`
}

/** How long `count` leads take at the least, in milliseconds; days count as whole ones. */
export function lastsFor(pace: BulkPace, count: number): number {
  switch (pace.kind) {
    case 'per_minute':
      return Math.ceil((count * MINUTE_MS) / pace.perMinute)
    case 'per_day':
      return Math.ceil(count / pace.perDay) * DAY_MS
  }
}
