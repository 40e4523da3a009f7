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
import { PRIORITY, type Priority } from './contract.ts'
import type { EpisodeId, LeadId } from './ids.ts'
import type { EpisodeKind, LeadStatus } from './lead.ts'
import {
  bestZone,
  type Channel,
  type Decision,
  decide,
  type PolicyPerson,
  type PolicyRules,
  type RuleName,
  withPreferredHours,
} from './policy/index.ts'
import { DAY_MS, type Instant, MINUTE_MS, plus } from './time.ts'

/** An earlier attempt at the step the lead stands on. */
export interface AttemptFact {
  readonly attempt: number
  readonly state: 'sent' | 'delivered' | 'uncertain' | 'failed' | 'abandoned' | 'dispatching'
  readonly failure: 'permanent' | 'transient' | 'sender_fault' | null
  readonly because: string | null
  readonly settledAt: Instant
  /** What the provider asked us to wait, in milliseconds. */
  readonly retryAfterMs: number | null
}

export interface EpisodeFacts {
  readonly id: EpisodeId
  readonly kind: EpisodeKind
  readonly cadence: Cadence
  /** Fresh: by the lead's own form, which is answered at once. Bulk: spread over a span. */
  readonly begun: 'fresh' | 'calm' | 'bulk'
  /** null after the last step. */
  readonly position: Position | null
  readonly anchorAt: Instant
  readonly pausedMs: number
  readonly sendNow: boolean
  /** Attempts at the current step and visit, oldest first. */
  readonly attempts: readonly AttemptFact[]
  /** What reached out to the lead before, any step, oldest first. */
  readonly previous: readonly Attempt[]
}

/**
 * What holds a lead, in words for histories: what an operator wrote beside a hold is free text
 * and stays in the store.
 */
const HOLD_WORDS = {
  paused: 'it is paused',
  held_until: 'it waits for a date',
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
  readonly episode: EpisodeFacts | null
  readonly checkInAt: Instant | null
  /** When a dead lead leaves Temporal; null for those that wait for nothing. */
  readonly archiveAt: Instant | null
  readonly rules: PolicyRules
}

export interface TouchPlan {
  readonly step: MessageStep
  readonly position: Position
  readonly attempt: number
  readonly priority: Priority
}

/** What comes next for a lead. Everything but `touch`, `look`, `bell`, `complete` is done now. */
export type Planned =
  | {
      readonly kind: 'touch'
      readonly at: Instant
      readonly touch: TouchPlan
      readonly why: string
    }
  | { readonly kind: 'look'; readonly at: Instant; readonly why: string }
  | { readonly kind: 'bell'; readonly why: string }
  | { readonly kind: 'complete'; readonly why: string }
  | { readonly kind: 'advance'; readonly why: string }
  | { readonly kind: 'drop'; readonly step: MessageStep; readonly drop: Drop }
  | { readonly kind: 'task'; readonly step: TaskStep }
  | { readonly kind: 'end'; readonly end: CadenceEnd }
  | { readonly kind: 'check_in' }

export type Drop =
  | { readonly kind: 'denied'; readonly by: RuleName; readonly decision: Decision }
  | { readonly kind: 'stale'; readonly because: string }
  | { readonly kind: 'failed'; readonly because: string }

/** A held lead is looked at once a day, in case the bell that should lift it was lost. */
const HELD_LOOK_MS = DAY_MS
const MAX_ATTEMPTS = 5
const BACKOFF_MS: readonly number[] = [MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 120 * MINUTE_MS]

/** What comes next for this lead, from facts alone. `now` is the planner's clock. */
export function planLead(facts: PlanFacts, now: Instant): Planned {
  switch (facts.status) {
    case 'erased':
      return { kind: 'complete', why: 'erased' }
    case 'converted':
      return { kind: 'complete', why: 'converted' }
    case 'engaged':
      return { kind: 'bell', why: 'a person is talking with the lead' }
    case 'dead':
      return planDead(facts, now)
    case 'nurturing':
      return planNurturing(facts, now)
  }
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

function waitHeld(hold: HoldFact, now: Instant): Planned {
  const check = plus(now, HELD_LOOK_MS)
  const at = hold.untilAt !== null && hold.untilAt < check ? hold.untilAt : check
  return { kind: 'look', at, why: `held: ${HOLD_WORDS[hold.kind]}` }
}

function planEnd({ cadence, anchorAt, pausedMs }: EpisodeFacts, now: Instant): Planned {
  const at = plus(anchorAt, (cadence.endAfterMs ?? DEFAULT_END_AFTER_MS) + pausedMs)
  if (at > now) return { kind: 'look', at, why: 'waits for an answer to the last message' }
  return { kind: 'end', end: cadence.end }
}

function planTask(facts: PlanFacts, episode: EpisodeFacts, step: TaskStep, now: Instant): Planned {
  const { at } = stepDue(facts, episode, step)
  if (at <= now || episode.sendNow) return { kind: 'task', step }
  return { kind: 'look', at, why: `step ${step.id}, a task for a person` }
}

function planMessage(
  facts: PlanFacts,
  episode: EpisodeFacts,
  position: Position,
  step: MessageStep,
  now: Instant,
): Planned {
  const last = episode.attempts.at(-1) ?? null
  const settled = last === null ? null : judgeAttempt(last, step, episode.attempts)
  if (settled?.kind === 'over') return settled.planned
  const halted = facts.holds.find((hold) => hold.channel === step.channel)
  if (halted) return waitHeld(halted, now)

  const due = episode.sendNow ? now : stepDue(facts, episode, step).at
  const earliest = later(due, settled?.retryAt ?? due, now)
  const rules = rulesFor(step, episode, facts.rules)
  const decision = decide(facts.person, step.channel, 'marketing', earliest, rules)
  // Only the answer to a fresh form is urgent; what its cadence plans for later is not.
  const urgent = episode.begun === 'fresh' && step.timing.kind === 'asap'
  const priority = urgent ? PRIORITY.form : PRIORITY.normal
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

type AttemptVerdict =
  | { readonly kind: 'over'; readonly planned: Planned }
  | { readonly kind: 'again'; readonly retryAt: Instant }

/** Whether the last attempt ends the step, or when the next may be made. */
function judgeAttempt(
  last: AttemptFact,
  step: MessageStep,
  attempts: readonly AttemptFact[],
): AttemptVerdict {
  const dropped = (because: string): AttemptVerdict => ({
    kind: 'over',
    planned: { kind: 'drop', step, drop: { kind: 'failed', because } },
  })
  switch (last.state) {
    case 'sent':
    case 'delivered':
      return { kind: 'over', planned: { kind: 'advance', why: 'sent' } }
    case 'uncertain':
      return { kind: 'over', planned: { kind: 'advance', why: 'it may have been sent' } }
    case 'dispatching':
      return {
        kind: 'over',
        planned: { kind: 'look', at: plus(last.settledAt, MINUTE_MS), why: 'a send is under way' },
      }
    case 'abandoned':
      return { kind: 'again', retryAt: last.settledAt }
    case 'failed': {
      if (last.failure === 'permanent') return dropped(last.because ?? 'it cannot be delivered')
      const failures = attempts.filter(
        (each) => each.state === 'failed' && each.failure !== 'sender_fault',
      ).length
      if (failures >= MAX_ATTEMPTS) return dropped(`failed ${failures} times`)
      const backoff = BACKOFF_MS[Math.max(failures - 1, 0)] ?? 120 * MINUTE_MS
      return {
        kind: 'again',
        retryAt: plus(last.settledAt, Math.max(backoff, last.retryAfterMs ?? 0)),
      }
    }
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
    zone: bestZone(facts.person, rules.companyZone).zone,
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
  if (step.hours === 'any' || episode.sendNow) return withPreferredHours(rules, null)
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
    freshForm: episode.sendNow || (episode.begun === 'fresh' && step.timing.kind === 'asap'),
  })
  return decide(facts.person, step.channel, 'marketing', spread, rules).allowed ? spread : opensAt
}

function whyDenied(decision: Decision): string {
  if (decision.allowed) return 'allowed then'
  return decision.rules.find(({ rule }) => rule === decision.deniedBy)?.because ?? decision.deniedBy
}

function later(...instants: readonly Instant[]): Instant {
  return instants.reduce((a, b) => (a > b ? a : b))
}
