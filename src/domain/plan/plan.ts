import type { AttemptFact } from '../attempts.ts'
import { exitOf } from '../cadence/exits.ts'
import type { EndStep } from '../cadence/flow-types.ts'
import type { KnownDates } from '../cadence/timing/on-date.ts'
import type { ThrottleFacts } from '../cadence/timing/throttle.ts'
import type { Attempt } from '../cadence/timing/timing.ts'
import {
  type Cadence,
  type CadenceEnd,
  DEFAULT_END_AFTER_MS,
  type MessageStep,
  type Position,
  type TaskStep,
} from '../cadence/types.ts'
import { hasEffect } from '../cadence/versions/migrate.ts'
import { stepAt } from '../cadence/walk.ts'
import type { WatchRules } from '../company/company.ts'
import type { Priority } from '../contract.ts'
import type { EpisodeId, LeadId } from '../ids.ts'
import type { EpisodeKind, LeadStatus } from '../lead.ts'
import type { MessageFact } from '../messages.ts'
import {
  type Channel,
  callWaits,
  type Decision,
  type PolicyPerson,
  type PolicyRules,
  type RuleName,
} from '../policy/index.ts'
import { type Instant, plus } from '../time.ts'
import { isPassedOver } from './late.ts'
import { type FlowDone, type FlowFacts, planFlow } from './plan-flow.ts'
import { type PlannedMessage, planMessages } from './plan-messages.ts'
import { planTouch, stepDue } from './plan-touch.ts'
import { type HoldFact, waitHeld } from './wait-held.ts'

export type { HoldFact } from './wait-held.ts'

export interface EpisodeFacts {
  readonly id: EpisodeId
  readonly kind: EpisodeKind
  readonly cadence: Cadence
  /** Fresh: by the lead's own form, which is answered at once. Bulk: spread over a span. */
  readonly begun: 'fresh' | 'calm' | 'bulk'
  /** null after the last step. */
  readonly position: Position | null
  readonly anchorAt: Instant
  /**
   * When the current step is due, whatever its delay says: it failed after it had left, or a move
   * into another version of the cadence kept the date.
   */
  readonly dueAt?: Instant | null
  /** It was done before a move into this version put it behind where the lead stood. */
  readonly passed?: boolean
  readonly pausedMs: number
  /** What was due by then fell into a pause, and is passed over. */
  readonly skippedUntil?: Instant | null
  /** When the current step may leave at the earliest, because it is late and others are too. */
  readonly releaseAt?: Instant | null
  readonly sendNow: boolean
  /** Attempts at the current step and visit, oldest first. */
  readonly attempts: readonly AttemptFact[]
  /** What reached out to the lead before, any step, oldest first. */
  readonly previous: readonly Attempt[]
  /** The current step found this channel without any provider. */
  readonly closedChannel?: Channel | null
  /** A message of this episode has reached out already. */
  readonly reachedOut: boolean
  /** For a step that writes to nobody, and for rules that end the cadence early; absent: none. */
  readonly flow?: FlowFacts
}

export interface PlanFacts {
  readonly leadId: LeadId
  readonly status: LeadStatus
  readonly person: PolicyPerson
  readonly holds: readonly HoldFact[]
  /** Messages outside a cadence that wait to leave, oldest first. */
  readonly messages: readonly MessageFact[]
  readonly episode: EpisodeFacts | null
  readonly checkInAt: Instant | null
  /** The check-in is a call by a person, which waits for room under the law's cap. */
  readonly checkInCalls?: boolean
  /** Who is waited for while a person talks with the lead; null: nobody. */
  readonly watch: WatchFact | null
  /** When a dead lead leaves Temporal; null for those that wait for nothing. */
  readonly archiveAt: Instant | null
  /** Dates that a step may hang on; absent: none is known. */
  readonly dates?: KnownDates
  /** What the cadence has sent of late, when it has a throttle. */
  readonly throttle?: ThrottleFacts | null
  readonly rules: PolicyRules
}

/** The watch over a lead that a person talks with, until they say what became of it. */
export interface WatchFact {
  readonly since: Instant
  /** How many of its steps are done. */
  readonly step: number
  readonly rules: WatchRules
}

export const WATCH_STEPS = ['remind', 'escalate', 'go_silent'] as const
export type WatchStep = (typeof WATCH_STEPS)[number]

export interface TouchPlan {
  readonly step: MessageStep
  readonly position: Position
  readonly attempt: number
  readonly priority: Priority
  /** Why it goes by the step's fallback; absent: it does not. */
  readonly instead?: string
}

/**
 * What comes next for a lead. Everything but `touch`, `message`, `look`, `bell`, `complete` is
 * done now.
 */
export type Planned =
  | PlannedMessage
  | {
      readonly kind: 'touch'
      readonly at: Instant
      readonly touch: TouchPlan
      readonly why: string
    }
  | { readonly kind: 'bell'; readonly why: string }
  | { readonly kind: 'complete'; readonly why: string }
  | { readonly kind: 'advance'; readonly why: string }
  /** The lead goes on to `goto`, else to the step after. */
  | {
      readonly kind: 'drop'
      readonly step: MessageStep | TaskStep
      readonly drop: Drop
      readonly goto?: string
    }
  | { readonly kind: 'task'; readonly step: TaskStep }
  /** It was due in a pause that passes over such steps; the next delay counts from `dueAt`. */
  | { readonly kind: 'pass'; readonly step: MessageStep | TaskStep; readonly dueAt: Instant }
  /** It is late, and is given a minute of its own among those that are. */
  | { readonly kind: 'line_up'; readonly step: MessageStep }
  /** A step that writes to nobody is done. */
  | { readonly kind: 'flow'; readonly done: FlowDone }
  /** `step`: the step that ends it; absent: the last one has passed. */
  | {
      readonly kind: 'end'
      readonly end: CadenceEnd
      readonly step?: EndStep
      /** The rule by which the lead leaves early, as a clause. */
      readonly exit?: string
    }
  | { readonly kind: 'check_in' }
  /** Nobody has said yet what became of the lead. */
  | { readonly kind: 'watch'; readonly step: WatchStep }

export type Drop =
  | { readonly kind: 'denied'; readonly by: RuleName; readonly decision: Decision }
  | { readonly kind: 'stale'; readonly because: string }
  | { readonly kind: 'failed'; readonly because: string }
  /** The step hangs on a date that the lead does not have. */
  | { readonly kind: 'no_date'; readonly because: string }
  | { readonly kind: 'no_channel'; readonly because: string }
  | { readonly kind: 'skipped'; readonly because: string }

/**
 * What comes next for this lead, from facts alone. `now` is the planner's clock. Messages outside
 * a cadence come before everything else, whatever the lead's status.
 */
export function planLead(facts: PlanFacts, now: Instant): Planned {
  const life = planLife(facts, now)
  if (facts.messages.length === 0 || facts.status === 'erased') return life
  const { person, rules } = facts
  const resting = (channel: Channel) => {
    // An emergency stop spares some messages; the policy tells which.
    const halted = facts.holds.find(
      (hold) => hold.channel === channel && hold.kind !== 'emergency_stop',
    )
    return halted === undefined ? null : waitHeld(halted, now)
  }
  const written = planMessages(facts.messages, { person, rules, resting }, now)
  return written === null ? life : sooner(written, life, now)
}

/** The message when it is due, and no later than the rest of the lead's life is. */
function sooner(written: PlannedMessage, life: Planned, now: Instant): Planned {
  if (written.kind === 'close_message' || written.at <= now) return written
  switch (life.kind) {
    case 'bell':
    case 'complete':
      return written
    case 'touch':
    case 'look':
      return life.at < written.at ? life : written
    default:
      return life
  }
}

function planLife(facts: PlanFacts, now: Instant): Planned {
  switch (facts.status) {
    case 'erased':
      return { kind: 'complete', why: 'erased' }
    case 'converted':
      return { kind: 'complete', why: 'converted' }
    case 'engaged':
      return planEngaged(facts, now)
    case 'dead':
      return planDead(facts, now)
    case 'nurturing':
      return planNurturing(facts, now)
  }
}

function planEngaged({ watch }: PlanFacts, now: Instant): Planned {
  const why = 'a person is talking with the lead'
  const step = watch === null ? undefined : WATCH_STEPS[watch.step]
  if (watch === null || step === undefined) return { kind: 'bell', why }
  const { remindAfterMs, escalateAfterMs, silentAfterMs } = watch.rules
  const afterMs = { remind: remindAfterMs, escalate: escalateAfterMs, go_silent: silentAfterMs }
  const at = plus(watch.since, afterMs[step])
  return at <= now ? { kind: 'watch', step } : { kind: 'look', at, why: `${why}; ${WAITS[step]}` }
}

const WAITS: Readonly<Record<WatchStep, string>> = {
  remind: 'reminded then if nobody says what became of it',
  escalate: 'escalated then if nobody says what became of it',
  go_silent: 'counts as gone silent then',
}

function planDead(facts: PlanFacts, now: Instant): Planned {
  const { checkInAt, archiveAt } = facts
  if (archiveAt === null) return { kind: 'complete', why: 'dead, and left alone' }
  if (checkInAt !== null && checkInAt <= now) {
    const wait = facts.checkInCalls === true ? waitToCall(facts, 'dead; the check-in', now) : null
    return wait ?? { kind: 'check_in' }
  }
  if (archiveAt <= now && checkInAt === null) return { kind: 'complete', why: 'dead, archived' }
  if (checkInAt !== null) return { kind: 'look', at: checkInAt, why: 'dead; check-in is due then' }
  return { kind: 'look', at: archiveAt, why: 'dead; leaves the engine then' }
}

function planNurturing(facts: PlanFacts, now: Instant): Planned {
  const held = facts.holds.find((hold) => hold.channel === null)
  if (held) return waitHeld(held, now)
  const { episode } = facts
  if (episode === null) return { kind: 'bell', why: 'no cadence' }
  const situation = episode.flow?.situation ?? null
  const exit = situation === null ? null : exitOf(episode.cadence, situation)
  if (exit !== null) return { kind: 'end', end: exit.end, exit: exit.because }
  if (episode.position === null) return planEnd(episode, now)
  const step = stepAt(episode.cadence, episode.position)
  if (episode.passed === true && hasEffect(step)) {
    return { kind: 'advance', why: 'it was done in another version of the cadence' }
  }
  switch (step.kind) {
    case 'task':
      return planTask(facts, episode, step, now)
    case 'message':
      return planTouch(facts, episode, episode.position, step, now)
    default:
      return planFlow(facts, episode, step, now)
  }
}

/** When the current step is due, or the cadence ends, before the policy is asked; null: never. */
export function currentDue(facts: PlanFacts): Instant | null {
  const { episode } = facts
  if (episode === null) return null
  if (episode.position === null) return endsAt(episode)
  const step = stepAt(episode.cadence, episode.position)
  if (episode.dueAt != null) return episode.dueAt
  if (step.kind !== 'message' && step.kind !== 'task') return null
  return stepDue(facts, episode, step)?.at ?? null
}

function planEnd(episode: EpisodeFacts, now: Instant): Planned {
  const at = endsAt(episode)
  if (at > now) return { kind: 'look', at, why: 'waits for an answer to the last message' }
  return { kind: 'end', end: episode.cadence.end }
}

function endsAt({ cadence, anchorAt, pausedMs, dueAt }: EpisodeFacts): Instant {
  return dueAt ?? plus(anchorAt, (cadence.endAfterMs ?? DEFAULT_END_AFTER_MS) + pausedMs)
}

function planTask(facts: PlanFacts, episode: EpisodeFacts, step: TaskStep, now: Instant): Planned {
  const at = episode.dueAt ?? stepDue(facts, episode, step)?.at ?? null
  if (at === null) {
    const because = `the lead has no date ${step.onDate?.field ?? ''}`.trimEnd()
    return { kind: 'drop', step, drop: { kind: 'no_date', because } }
  }
  if (isPassedOver(episode, at)) return { kind: 'pass', step, dueAt: at }
  if (at > now && !episode.sendNow) {
    return { kind: 'look', at, why: `step ${step.id}, a task for a person` }
  }
  // Whoever hurries a task does not loosen the law.
  const wait = step.task === 'other' ? null : waitToCall(facts, `step ${step.id}`, now)
  return wait ?? { kind: 'task', step }
}

/** A task to call is given once the law's cap has room; null when it has. */
function waitToCall({ person, rules }: PlanFacts, what: string, now: Instant): Planned | null {
  const wait = callWaits(person, now, rules)
  if (wait === null) return null
  return { kind: 'look', at: wait.untilAt, why: `${what}, a call, waits`, because: wait.because }
}
