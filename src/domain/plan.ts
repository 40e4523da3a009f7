import { type AttemptFact, type AttemptsVerdict, judgeAttempts } from './attempts.ts'
import { type Attempt, type Due, dueAt, spreadOverPreferredHours } from './cadence/timing.ts'
import {
  type Cadence,
  type CadenceEnd,
  DEFAULT_END_AFTER_MS,
  type MessageStep,
  type Position,
  type TaskStep,
} from './cadence/types.ts'
import { stepAt } from './cadence/walk.ts'
import type { WatchRules } from './company.ts'
import { PRIORITY, type Priority } from './contract.ts'
import type { EpisodeId, LeadId } from './ids.ts'
import type { EpisodeKind, LeadStatus } from './lead.ts'
import type { MessageFact } from './messages.ts'
import { type PlannedMessage, planMessages } from './plan-messages.ts'
import {
  bestZone,
  callWaits,
  type Channel,
  type Decision,
  decide,
  type PolicyPerson,
  type PolicyRules,
  type RuleName,
  withoutManners,
  withPreferredHours,
} from './policy/index.ts'
import { DAY_MS, type Instant, plus } from './time.ts'

export interface EpisodeFacts {
  readonly id: EpisodeId
  readonly kind: EpisodeKind
  readonly cadence: Cadence
  /** Fresh: by the lead's own form, which is answered at once. Bulk: spread over a span. */
  readonly begun: 'fresh' | 'calm' | 'bulk'
  /** null after the last step. */
  readonly position: Position | null
  readonly anchorAt: Instant
  /** When the current step was due already, for one that failed after it had left. */
  readonly dueAt?: Instant | null
  readonly pausedMs: number
  readonly sendNow: boolean
  /** Attempts at the current step and visit, oldest first. */
  readonly attempts: readonly AttemptFact[]
  /** What reached out to the lead before, any step, oldest first. */
  readonly previous: readonly Attempt[]
  /** A message of this episode has reached out already. */
  readonly reachedOut: boolean
}

/**
 * What holds a lead, in words for histories: what an operator wrote beside a hold is free text
 * and stays in the store.
 */
const HOLD_WORDS = {
  paused: 'it is paused',
  held_until: 'it waits for a date',
  lead_paused: 'it asked for a pause',
  no_cadence: 'it is in no cadence',
  cadence_paused: 'its cadence is paused',
  sender_halted: 'the sender is halted',
  emergency_stop: 'an emergency stop is on',
  parked: 'it is parked',
  reconciling: 'open sends are being reconciled',
} as const
export type HoldKind = keyof typeof HOLD_WORDS

export interface HoldFact {
  readonly kind: HoldKind
  /** Only this channel rests (a halted sender); null holds the whole lead. */
  readonly channel: Channel | null
  readonly untilAt: Instant | null
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
  /** Who is waited for while a person talks with the lead; null: nobody. */
  readonly watch: WatchFact | null
  /** When a dead lead leaves Temporal; null for those that wait for nothing. */
  readonly archiveAt: Instant | null
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
  | { readonly kind: 'drop'; readonly step: MessageStep; readonly drop: Drop }
  | { readonly kind: 'task'; readonly step: TaskStep }
  | { readonly kind: 'end'; readonly end: CadenceEnd }
  | { readonly kind: 'check_in' }
  /** Nobody has said yet what became of the lead. */
  | { readonly kind: 'watch'; readonly step: WatchStep }

export type Drop =
  | { readonly kind: 'denied'; readonly by: RuleName; readonly decision: Decision }
  | { readonly kind: 'stale'; readonly because: string }
  | { readonly kind: 'failed'; readonly because: string }

/** A held lead is looked at once a day, in case the bell that should lift it was lost. */
const HELD_LOOK_MS = DAY_MS

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

function planDead({ checkInAt, archiveAt }: PlanFacts, now: Instant): Planned {
  if (archiveAt === null) return { kind: 'complete', why: 'dead, and left alone' }
  if (checkInAt !== null && checkInAt <= now) return { kind: 'check_in' }
  if (archiveAt <= now && checkInAt === null) return { kind: 'complete', why: 'dead, archived' }
  if (checkInAt !== null) return { kind: 'look', at: checkInAt, why: 'dead; check-in is due then' }
  return { kind: 'look', at: archiveAt, why: 'dead; leaves the engine then' }
}

function planNurturing(facts: PlanFacts, now: Instant): Planned {
  const held = facts.holds.find((hold) => hold.channel === null)
  if (held) return waitHeld(held, now)
  const { episode } = facts
  if (episode === null) return { kind: 'bell', why: 'no cadence' }
  if (episode.position === null) return planEnd(episode, now)
  const step = stepAt(episode.cadence, episode.position)
  return step.kind === 'task'
    ? planTask(facts, episode, step, now)
    : planMessage(facts, episode, episode.position, step, now)
}

function waitHeld(hold: HoldFact, now: Instant) {
  const check = plus(now, HELD_LOOK_MS)
  const at = hold.untilAt !== null && hold.untilAt < check ? hold.untilAt : check
  return { kind: 'look', at, why: `held: ${HOLD_WORDS[hold.kind]}` } as const
}

function planEnd({ cadence, anchorAt, pausedMs }: EpisodeFacts, now: Instant): Planned {
  const at = plus(anchorAt, (cadence.endAfterMs ?? DEFAULT_END_AFTER_MS) + pausedMs)
  if (at > now) return { kind: 'look', at, why: 'waits for an answer to the last message' }
  return { kind: 'end', end: cadence.end }
}

function planTask(facts: PlanFacts, episode: EpisodeFacts, step: TaskStep, now: Instant): Planned {
  const { at } = stepDue(facts, episode, step)
  if (at > now && !episode.sendNow) {
    return { kind: 'look', at, why: `step ${step.id}, a task for a person` }
  }
  // Whoever hurries a task does not loosen the law.
  const wait = step.task === 'other' ? null : callWaits(facts.person, now, facts.rules)
  if (wait === null) return { kind: 'task', step }
  return { kind: 'look', at: wait.untilAt, why: `step ${step.id}, a call, waits: ${wait.because}` }
}

function planMessage(
  facts: PlanFacts,
  episode: EpisodeFacts,
  position: Position,
  step: MessageStep,
  now: Instant,
): Planned {
  const last = episode.attempts.at(-1) ?? null
  const settled = settledBy(step, episode.attempts)
  if (settled?.kind === 'over') return settled.planned
  const halted = facts.holds.find((hold) => hold.channel === step.channel)
  if (halted) return waitHeld(halted, now)

  const due = episode.sendNow ? now : (episode.dueAt ?? stepDue(facts, episode, step).at)
  const earliest = later(due, settled?.retryAt ?? due, now)
  const rules = rulesFor(step, episode, facts.rules)
  const decision = decide(facts.person, step.channel, 'marketing', earliest, rules)
  // Planned holds say so first; whatever else the policy finds is asked when the stop is over.
  if (!decision.allowed && decision.deniedBy === 'emergency_stop') {
    return waitHeld({ kind: 'emergency_stop', channel: step.channel, untilAt: null }, now)
  }
  const priority = answersForm(episode, step) ? PRIORITY.form : PRIORITY.normal
  const touch: TouchPlan = { step, position, attempt: (last?.attempt ?? 0) + 1, priority }
  if (!decision.allowed && decision.nextAllowedAt === null) {
    // The facts may change until it is due: consent may come.
    if (due > now) return { kind: 'look', at: due, why: whyDenied(decision) }
    return { kind: 'drop', step, drop: { kind: 'denied', by: decision.deniedBy, decision } }
  }
  const opensAt = decision.allowed ? null : decision.nextAllowedAt
  const at = opensAt === null ? earliest : opening(facts, episode, step, opensAt, rules)
  // Also when it is allowed now: an outage or a hold may have taken days.
  if (step.staleAfterMs !== null && at - due > step.staleAfterMs) {
    const because = 'it would leave too late to be of use'
    return { kind: 'drop', step, drop: { kind: 'stale', because } }
  }
  return { kind: 'touch', at, touch, why: whyDenied(decision) }
}

type Settled =
  | { readonly kind: 'over'; readonly planned: Planned }
  | { readonly kind: 'again'; readonly retryAt: Instant }

/** Whether the attempts so far end the step, or when the next may be made. */
function settledBy(step: MessageStep, attempts: readonly AttemptFact[]): Settled | null {
  const verdict = judgeAttempts(attempts)
  if (verdict === null || verdict.kind === 'again') return verdict
  return { kind: 'over', planned: afterAttempts(step, verdict) }
}

function afterAttempts(
  step: MessageStep,
  verdict: Exclude<AttemptsVerdict, { kind: 'again' }>,
): Planned {
  switch (verdict.kind) {
    case 'sent':
      return { kind: 'advance', why: 'sent' }
    case 'uncertain':
      return { kind: 'advance', why: 'it may have been sent' }
    case 'under_way':
      return { kind: 'look', at: verdict.lookAt, why: 'a send is under way' }
    case 'failed':
      return { kind: 'drop', step, drop: { kind: 'failed', because: verdict.because } }
  }
}

function stepDue(facts: PlanFacts, episode: EpisodeFacts, step: MessageStep | TaskStep): Due {
  const { rules } = facts
  const hours = episode.cadence.preferredHours ?? rules.preferredHours
  const rests = step.kind === 'message' ? rules.preferredHours?.restDays[step.channel] : undefined
  return dueAt({
    step,
    leadSeed: facts.leadId,
    episodeSeed: episode.id,
    anchor: episode.anchorAt,
    pausedMs: episode.pausedMs,
    zone: bestZone(facts.person, rules).zone,
    previousAttempts: episode.previous,
    hours: hours && { from: hours.from, to: hours.to, restDays: rests ?? [] },
    spreadMs: episode.begun === 'bulk' ? episode.cadence.spreadImportsMs : 0,
  })
}

/** The policy with the manners of this step: law stays, preferred hours are the cadence's. */
export function rulesFor(
  step: MessageStep,
  episode: Pick<EpisodeFacts, 'cadence' | 'sendNow'>,
  rules: PolicyRules,
): PolicyRules {
  return { ...hoursFor(step, episode, rules), topic: episode.cadence.topic ?? null }
}

function hoursFor(
  step: MessageStep,
  episode: Pick<EpisodeFacts, 'cadence' | 'sendNow'>,
  rules: PolicyRules,
): PolicyRules {
  if (episode.sendNow) return withoutManners(rules)
  if (step.hours === 'any') return withPreferredHours(rules, null)
  const own = episode.cadence.preferredHours
  return own === null ? rules : withPreferredHours(rules, own)
}

/**
 * What waited for an opening leaves spread out after it, but for the answer to a fresh form,
 * which leaves at the first legal second.
 */
function opening(
  facts: PlanFacts,
  episode: EpisodeFacts,
  step: MessageStep,
  opensAt: Instant,
  rules: PolicyRules,
): Instant {
  const spread = spreadOverPreferredHours({
    opensAt,
    leadSeed: facts.leadId,
    episodeSeed: episode.id,
    stepId: step.id,
    freshForm: episode.sendNow || answersForm(episode, step),
  })
  return decide(facts.person, step.channel, 'marketing', spread, rules).allowed ? spread : opensAt
}

/** Only the answer to a fresh form is urgent: its first message. What is planned for later is not. */
function answersForm({ begun, reachedOut }: EpisodeFacts, step: MessageStep): boolean {
  return begun === 'fresh' && !reachedOut && step.timing.kind === 'asap'
}

function whyDenied(decision: Decision): string {
  if (decision.allowed) return 'allowed then'
  return decision.rules.find(({ rule }) => rule === decision.deniedBy)?.because ?? decision.deniedBy
}

function later(...instants: readonly Instant[]): Instant {
  return instants.reduce((a, b) => (a > b ? a : b))
}
