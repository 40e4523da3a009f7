import { closedBecause, openWeekdays } from '../../policy/open-days.ts'
import type { Channel, OpenDays } from '../../policy/types.ts'
import { type Instant, instant, MINUTE_MS, plus } from '../../time.ts'
import { type LocalDay, localTime, weekdayOf } from '../../time-zones.ts'
import { stableFraction } from '../hash.ts'
import type { CadenceHours, MessageStep, Step, StepTiming } from '../types.ts'
import {
  awayFrom,
  type DayPart,
  lengthOf,
  partsOf,
  pointIn,
  type Span,
  spansOn,
  timesOfDay,
} from './day-parts.ts'
import type { DateWindow } from './on-date.ts'
import { CLOCK_DISTANCE_MS, delayInWords, differenceInWords } from './timing-words.ts'

/** When a step should happen, before the policy is asked whether it may. */

/** With less room than this left in a day, leads would crowd: the next day is taken. */
const LEAST_ROOM_MS = 30 * MINUTE_MS
/** Far enough for any mix of weekdays … */
const DAYS_AHEAD = 8
/** … and of days on which the cadence rests. */
const LONGEST_REST_DAYS = 120
const OPENING_SPREAD_MS = 45 * MINUTE_MS

/** The hours of manners when neither cadence nor company has any. */
export const DEFAULT_HOURS: CadenceHours = { from: '09:00', to: '19:00' }
const WHOLE_DAY: CadenceHours = { from: '00:00', to: '24:00' }

/** Preferred hours in the lead's zone, with the ISO weekdays on which the channel rests. */
export interface TimingHours extends CadenceHours {
  readonly restDays?: readonly number[]
  /** The days that the cadence has; null or absent: any. */
  readonly openDays?: OpenDays | null
}

export interface Attempt {
  readonly channel: Channel
  readonly at: Instant
}

export interface DueInput {
  readonly step: Step
  /** What tells this lead from others, and this episode from its others: their ids. */
  readonly leadSeed: string
  readonly episodeSeed: string
  /** When the step before finished; for the first, when the episode began. */
  readonly anchor: Instant
  /** How long the lead was held since the anchor. */
  readonly pausedMs: number
  /** The lead's best known IANA zone, else the company's. */
  readonly zone: string
  /** In any order and of any channel. */
  readonly previousAttempts: readonly Attempt[]
  /** The cadence's preferred hours, else the company's; null = DEFAULT_HOURS. */
  readonly hours: TimingHours | null
  /** Above 0 for imported leads' first step: they start within this span, in preferred hours. */
  readonly spreadMs: number
  /** For a step that hangs on a date: when that date wants it. */
  readonly date?: DateWindow | null
}

export interface Due {
  readonly at: Instant
  /** From when on it is late; the due time itself when absent. */
  readonly lateFrom?: Instant
  /** One sentence without contact data. */
  readonly because: string
}

/**
 * When a step is due. `asap` and steps that are no messages: to the millisecond after the delay. Otherwise at a time of
 * day of the lead's own, that differs from the last attempt on the channel in time of day (another
 * part of the day, 90 minutes or more away on the clock) and, on another date, in weekday.
 *
 * Never before anchor + delay + pause. For an exact delay at most two days later than that, and
 * one more per rest day in between; within a span, inside it whenever it leaves room. The same
 * input always gives the same answer; different leads spread evenly over the time there is.
 */
export function dueAt(input: DueInput): Due {
  const window = windowOf(input)
  const { date } = input
  const lateFrom = date == null ? {} : { lateFrom: plus(date.from, date.lengthMs) }
  if (input.step.kind !== 'message' || isAtOnce(input.step, input.spreadMs)) {
    const at = instant(window.earliest + Math.floor(fractionOf(input) * window.lengthMs))
    return { at, ...lateFrom, because: `${delayInWords(input)}.` }
  }
  return { ...variedDue(input, input.step, window), ...lateFrom }
}

export interface OpeningInput {
  /** The first instant at which everything is allowed again. */
  readonly opensAt: Instant
  readonly leadSeed: string
  readonly episodeSeed: string
  readonly stepId: string
  /** An answer to the lead's own fresh form leaves at the first legal second. */
  readonly freshForm: boolean
  /** How long the opening may be stretched, 45 minutes when absent. */
  readonly withinMs?: number
}

/**
 * When to leave once a wait for a window is over: what waited overnight would otherwise all go at
 * the second it opens. Evenly spread over 45 minutes, always the same for the same touch; the
 * policy must be asked about the answer again.
 */
export function spreadOverPreferredHours(input: OpeningInput): Instant {
  if (input.freshForm) return input.opensAt
  const seconds = (input.withinMs ?? OPENING_SPREAD_MS) / 1_000
  const fraction = stableFraction(input.leadSeed, input.episodeSeed, input.stepId, 'opening')
  return plus(input.opensAt, Math.floor(fraction * seconds) * 1_000)
}

/** The span in which a step is wanted; of no length for an exact delay. */
interface DelayWindow {
  readonly earliest: Instant
  readonly lengthMs: number
}

function windowOf({ step: { after }, anchor, pausedMs, spreadMs, date }: DueInput): DelayWindow {
  const minMs = after.kind === 'exactly' ? after.ms : after.minMs
  const maxMs = after.kind === 'exactly' ? after.ms : after.maxMs
  const earliest = plus(anchor, minMs + pausedMs)
  if (date == null) return { earliest, lengthMs: maxMs - minMs + spreadMs }
  const from = later(earliest, date.from)
  return { earliest: from, lengthMs: Math.max(0, plus(date.from, date.lengthMs) - from) }
}

function later(a: Instant, b: Instant): Instant {
  return a > b ? a : b
}

/** "At once" is for a lead's own form, not for an import at midnight. */
function isAtOnce(step: MessageStep, spreadMs: number): boolean {
  return step.timing.kind === 'asap' && spreadMs === 0
}

/** What a time must differ from, and by how much; the most wanted first. */
interface Variety {
  /** How many of the last attempts' parts of the day are avoided. */
  readonly avoidedParts: 0 | 1 | 2
  readonly clockDistanceMs: number
}

const WANTED: readonly Variety[] = [
  { avoidedParts: 2, clockDistanceMs: CLOCK_DISTANCE_MS },
  { avoidedParts: 1, clockDistanceMs: CLOCK_DISTANCE_MS },
]
/** For a cadence whose own slots leave no choice. */
const MAKESHIFT: readonly Variety[] = [
  { avoidedParts: 0, clockDistanceMs: CLOCK_DISTANCE_MS },
  { avoidedParts: 0, clockDistanceMs: 0 },
]

/** For a step that may come at the time of the last one. */
const ANY_TIME: readonly Variety[] = [{ avoidedParts: 0, clockDistanceMs: 0 }]

interface Choice {
  readonly input: DueInput
  readonly step: MessageStep
  readonly hours: TimingHours
  readonly parts: readonly DayPart[]
  /** On the step's channel, the latest first. */
  readonly attempts: readonly Attempt[]
  readonly window: DelayWindow
}

function variedDue(input: DueInput, step: MessageStep, window: DelayWindow): Due {
  const hours = hoursOf(input, step)
  const attempts = input.previousAttempts
    .filter(({ channel }) => channel === step.channel)
    .toSorted((a, b) => b.at - a.at)
  const parts = partsFor(step.timing, hours)
  const choice = { input, step, hours, parts, attempts, window }
  const wanted = variesTime(step) ? WANTED : ANY_TIME
  const spans =
    spansWithin(choice, wanted) ??
    spansOnFirstDay(choice, wanted) ??
    spansWithin(choice, MAKESHIFT) ??
    spansOnFirstDay(choice, MAKESHIFT)
  const at = pointIn(spans ?? [], fractionOf(input)) ?? window.earliest
  const difference = differenceInWords(
    attempts[0] ?? null,
    { channel: step.channel, at },
    input.zone,
  )
  const hoursInWords = step.timing.kind === 'slots' ? 'its slots' : `${hours.from}–${hours.to}`
  return {
    at,
    because: `${delayInWords(input)}, within ${hoursInWords}${difference}.`,
  }
}

function hoursOf(input: DueInput, step: MessageStep): TimingHours {
  return step.hours === 'any' && input.spreadMs === 0 ? WHOLE_DAY : (input.hours ?? DEFAULT_HOURS)
}

function partsFor(timing: StepTiming, hours: TimingHours): readonly DayPart[] {
  return timing.kind === 'slots' ? partsOf(timing.slots) : timesOfDay(hours)
}

/** All wanted time inside the delay's span; null when an exact delay has none, or it is crowded. */
function spansWithin(choice: Choice, varieties: readonly Variety[]): readonly Span[] | null {
  const { earliest, lengthMs } = choice.window
  if (lengthMs === 0) return null
  const latest = earliest + lengthMs
  const zone = choice.input.zone
  const lastDay = localTime(instant(latest), zone).day
  for (const variety of varieties) {
    const left = partsLeft(choice, variety)
    const spans = daysFrom(choice, lastDay).flatMap((day) =>
      spansOn(day, left, zone, earliest, latest),
    )
    if (lengthOf(spans) >= Math.min(LEAST_ROOM_MS, lengthMs / 4)) return spans
  }
  return null
}

/** All wanted time of the first day that has enough of it. */
function spansOnFirstDay(choice: Choice, varieties: readonly Variety[]): readonly Span[] | null {
  const { earliest } = choice.window
  const { zone } = choice.input
  const firstDay = localTime(earliest, zone).day
  const ahead = choice.hours.openDays == null ? DAYS_AHEAD : LONGEST_REST_DAYS
  for (const day of daysFrom(choice, firstDay + ahead).slice(0, DAYS_AHEAD + 1)) {
    for (const variety of varieties) {
      const left = partsLeft(choice, variety)
      const spans = spansOn(day, left, zone, earliest, Number.POSITIVE_INFINITY)
      if (spans.length > 0 && lengthOf(spans) >= leastRoom(choice.parts)) return spans
    }
  }
  return null
}

/** Half an hour, or half of what the cadence's own short slots give. */
function leastRoom(parts: readonly DayPart[]): number {
  const whole = parts.reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs), 0)
  return Math.min(LEAST_ROOM_MS, whole / 2)
}

/** Local days from the earliest on that are no rest day and not the last attempt's weekday. */
function daysFrom(choice: Choice, lastDay: LocalDay): readonly LocalDay[] {
  const { input, hours, attempts, window } = choice
  const firstDay = localTime(window.earliest, input.zone).day
  const previous = attempts[0] === undefined ? null : localTime(attempts[0].at, input.zone)
  const otherWeekday = variesWeekday(choice)
  return Array.from({ length: lastDay - firstDay + 1 }, (_, index) => firstDay + index).filter(
    (day) => {
      const weekday = weekdayOf(day)
      if (hours.restDays?.includes(weekday)) return false
      if (hours.openDays != null && closedBecause(hours.openDays, day) !== null) return false
      if (previous === null || !otherWeekday) return true
      return previous.day === day || previous.weekday !== weekday
    },
  )
}

function variesTime({ vary = 'both' }: MessageStep): boolean {
  return vary === 'both' || vary === 'time'
}

/** Whether another weekday is wanted than the last one, and there is any. */
function variesWeekday({ step: { vary = 'both' }, hours, parts }: Choice): boolean {
  if (vary !== 'both' && vary !== 'weekday') return false
  const open = openWeekdays(hours.openDays ?? ANY_DAY).filter(
    (weekday) =>
      hours.restDays?.includes(weekday) !== true &&
      parts.some(({ days }) => days === undefined || days.includes(weekday)),
  )
  return open.length > 1
}

const ANY_DAY: OpenDays = { business: false, weekdays: null, closed: [] }

function partsLeft(choice: Choice, variety: Variety): readonly DayPart[] {
  const { attempts, input } = choice
  const used = attempts
    .slice(0, variety.avoidedParts)
    .map(({ at }) => localTime(at, input.zone).msOfDay)
  const others = choice.parts.filter(
    ({ fromMs, toMs }) => !used.some((ms) => fromMs <= ms && ms < toMs),
  )
  const last = attempts[0]
  if (last === undefined || variety.clockDistanceMs === 0) return others
  return awayFrom(others, localTime(last.at, input.zone).msOfDay, variety.clockDistanceMs)
}

function fractionOf({ step, leadSeed, episodeSeed }: DueInput): number {
  return stableFraction(leadSeed, episodeSeed, step.id)
}
