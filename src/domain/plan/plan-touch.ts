import { type AttemptFact, type AttemptsVerdict, judgeAttempts } from '../attempts.ts'
import { fallbackOf } from '../cadence/fallback.ts'
import { type DateWindow, dateWindow } from '../cadence/timing/on-date.ts'
import { type ThrottleWait, throttleWait } from '../cadence/timing/throttle.ts'
import {
  DEFAULT_HOURS,
  type Due,
  dueAt,
  spreadOverPreferredHours,
  type TimingHours,
} from '../cadence/timing/timing.ts'
import type { Cadence, MessageStep, OnDate, Position, TaskStep } from '../cadence/types.ts'
import { PRIORITY } from '../contract.ts'
import {
  bestZone,
  type Channel,
  decide,
  explainDecision,
  isStopped,
  type OpenDays,
  type PolicyRules,
  type PreferredHours,
  withOpenDays,
  withoutManners,
  withPreferredHours,
} from '../policy/index.ts'
import type { Instant } from '../time.ts'
import { isLate, isPassedOver } from './late.ts'
import type { Drop, EpisodeFacts, PlanFacts, Planned, TouchPlan } from './plan.ts'
import { waitHeld } from './wait-held.ts'

/**
 * What becomes of a message step now: when it leaves, why it waits, or why it is dropped. For a
 * lead that the step's channel cannot reach its fallback is planned in its place.
 */
export function planTouch(
  facts: PlanFacts,
  episode: EpisodeFacts,
  position: Position,
  step: MessageStep,
  now: Instant,
): Planned {
  const over = overBy(step, episode.attempts)
  if (over !== null) return over
  const planned = planOn(facts, episode, position, step, now)
  const other = fallbackOf(step)
  if (other === null || planned.kind !== 'drop' || !isImpossible(planned.drop)) return planned
  const instead = planOn(facts, episode, position, other, now)
  if (instead.kind !== 'touch') return instead
  const because = `${nameOf(other.channel)} instead of ${nameOf(step.channel)}: ${whyDropped(planned.drop)}`
  const why = `${because.endsWith('.') ? because : `${because}.`} ${instead.why}`
  return { ...instead, touch: { ...instead.touch, instead: because }, why }
}

/** No time and no later attempt would let the channel reach this lead. */
function isImpossible(drop: Drop): boolean {
  return drop.kind === 'denied' || drop.kind === 'failed' || drop.kind === 'no_channel'
}

function nameOf(channel: Channel): string {
  return channel === 'email' ? 'an email' : 'a text'
}

function whyDropped(drop: Drop): string {
  return drop.kind === 'denied' ? explainDecision(drop.decision) : drop.because
}

/** The step on one channel, as far as this channel's own attempts go. */
function planOn(
  facts: PlanFacts,
  episode: EpisodeFacts,
  position: Position,
  step: MessageStep,
  now: Instant,
): Planned {
  if (episode.closedChannel === step.channel) {
    const because = `no provider is set for ${step.channel === 'email' ? 'emails' : 'texts'}`
    return { kind: 'drop', step, drop: { kind: 'no_channel', because } }
  }
  const settled = settledBy(step, episode.attempts)
  if (settled?.kind === 'over') return settled.planned
  const halted = facts.holds.find((hold) => hold.channel === step.channel)
  if (halted) return waitHeld(halted, now)

  const wanted = stepDue(facts, episode, step)
  if (wanted === null) {
    const because = `the lead has no date ${step.onDate?.field ?? ''}`.trimEnd()
    return { kind: 'drop', step, drop: { kind: 'no_date', because } }
  }
  const due = episode.sendNow ? now : (episode.dueAt ?? wanted.at)
  if (settled === null && isPassedOver(episode, due)) return { kind: 'pass', step, dueAt: due }
  const ready = later(due, settled?.retryAt ?? due, episode.releaseAt ?? due)
  const earliest = later(ready, now)
  const rules = rulesFor(step, episode, facts.rules)
  const decision = decide(facts.person, step.channel, 'marketing', earliest, rules)
  // Planned holds say so first; whatever else the policy finds is asked when the stop is over.
  if (isStopped(decision)) {
    return waitHeld({ kind: 'emergency_stop', channel: step.channel, untilAt: null }, now)
  }
  const priority = answersForm(episode, step) ? PRIORITY.form : PRIORITY.normal
  const attempt = (episode.attempts.at(-1)?.attempt ?? 0) + 1
  const touch: TouchPlan = { step, position, attempt, priority }
  const why = explainDecision(decision, earliest > now ? 'then' : 'now')
  if (!decision.allowed && decision.nextAllowedAt === null) {
    // The facts may change until it is due: consent may come.
    if (due > now) return { kind: 'look', at: due, why: notYet(step), because: why }
    return { kind: 'drop', step, drop: { kind: 'denied', by: decision.deniedBy, decision } }
  }
  const opensAt = decision.allowed ? null : decision.nextAllowedAt
  const at = opensAt === null ? earliest : opening(facts, episode, step, opensAt, rules)
  // Also when it is allowed now: an outage or a hold may have taken days.
  const stale = staleDrop(step, at, episode.sendNow ? now : (wanted.lateFrom ?? due))
  if (stale !== null) return stale
  const full = at > now ? null : throttled(facts, episode, step, now)
  if (full !== null)
    return { kind: 'look', at: full.at, why: `step ${step.id} waits: ${full.because}` }
  const urgent = episode.sendNow || answersForm(episode, step)
  if (!urgent && at <= now && isLate(ready, now, allowedFrom(facts, episode, step, rules))) {
    return { kind: 'line_up', step }
  }
  return { kind: 'touch', at, touch, why }
}

/** When the rules alone would have let a step leave, asked from an instant on. */
function allowedFrom(
  facts: PlanFacts,
  episode: EpisodeFacts,
  step: MessageStep,
  rules: PolicyRules,
): (at: Instant) => Instant | null {
  return (from) => {
    const then = decide(facts.person, step.channel, 'marketing', from, rules)
    if (then.allowed) return from
    const opensAt = then.nextAllowedAt
    return opensAt && opening(facts, episode, step, opensAt, rules)
  }
}

/** What becomes of a message that can only leave at `at`; null when that is no later than may be. */
function staleDrop(step: MessageStep, at: Instant, lateFrom: Instant): Planned | null {
  const { staleAfterMs, whenStale = { kind: 'skip' } } = step
  if (staleAfterMs === null || whenStale.kind === 'send') return null
  if (at - lateFrom <= staleAfterMs) return null
  const because = 'it would leave too late to be of use'
  const drop = { kind: 'stale', because } as const
  return { kind: 'drop', step, drop, ...(whenStale.kind === 'goto' && { goto: whenStale.stepId }) }
}

/** When the lead asks again, whose cadence has sent its share of late; null when there is room. */
function throttled(
  { leadId, throttle: sent }: PlanFacts,
  { cadence: { throttle }, reachedOut, id }: EpisodeFacts,
  step: MessageStep,
  now: Instant,
): ThrottleWait | null {
  if (throttle === undefined || sent == null) return null
  return throttleWait({ throttle, sent, isFirst: !reachedOut, seeds: [leadId, id, step.id] }, now)
}

type Settled =
  | { readonly kind: 'over'; readonly planned: Planned }
  | { readonly kind: 'again'; readonly retryAt: Instant }

/** What has left, or may have, ends the step whatever its channel was. */
function overBy(step: MessageStep, attempts: readonly AttemptFact[]): Planned | null {
  const verdict = judgeAttempts(attempts)
  if (verdict === null || verdict.kind === 'again' || verdict.kind === 'failed') return null
  return afterAttempts(step, verdict)
}

/** Whether the attempts on the step's channel end it, or when the next may be made. */
function settledBy(step: MessageStep, attempts: readonly AttemptFact[]): Settled | null {
  const own = attempts.filter(({ channel }) => channel === undefined || channel === step.channel)
  const verdict = judgeAttempts(own)
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

/** When a step is wanted; null when it hangs on a date that the lead does not have. */
export function stepDue(
  facts: PlanFacts,
  episode: EpisodeFacts,
  step: MessageStep | TaskStep,
): Due | null {
  const { rules } = facts
  const { zone } = bestZone(facts.person, rules)
  const date = step.onDate === undefined ? undefined : dateOf(step.onDate, facts, zone)
  if (date === null) return null
  const hours = episode.cadence.preferredHours ?? rules.preferredHours
  const rests = step.kind === 'message' ? rules.preferredHours?.restDays[step.channel] : undefined
  const openDays = step.kind === 'message' ? openDaysOf(step, episode.cadence, rules) : null
  return dueAt({
    step,
    leadSeed: facts.leadId,
    episodeSeed: episode.id,
    anchor: episode.anchorAt,
    pausedMs: episode.pausedMs,
    zone,
    previousAttempts: episode.previous,
    hours: timingHours(hours, rests, openDays),
    spreadMs: episode.begun === 'bulk' ? episode.cadence.spreadImportsMs : 0,
    ...(date !== undefined && { date }),
  })
}

function dateOf(onDate: OnDate, { dates }: PlanFacts, zone: string): DateWindow | null {
  return dates === undefined ? null : dateWindow(onDate, dates, zone)
}

function timingHours(
  hours: Pick<PreferredHours, 'from' | 'to'> | null,
  restDays: readonly number[] | undefined,
  openDays: OpenDays | null,
): TimingHours | null {
  if (hours === null && openDays === null) return null
  const { from, to } = hours ?? DEFAULT_HOURS
  return { from, to, restDays: restDays ?? [], openDays }
}

/** The policy with the manners of this step: law stays, hours and days are the cadence's. */
export function rulesFor(
  step: MessageStep,
  episode: Pick<EpisodeFacts, 'cadence' | 'sendNow'>,
  rules: PolicyRules,
): PolicyRules {
  return { ...mannersFor(step, episode, rules), topic: episode.cadence.topic ?? null }
}

function mannersFor(
  step: MessageStep,
  episode: Pick<EpisodeFacts, 'cadence' | 'sendNow'>,
  rules: PolicyRules,
): PolicyRules {
  if (episode.sendNow) return withoutManners(rules)
  const hours = hoursFor(step, episode.cadence, rules)
  const openDays = openDaysOf(step, episode.cadence, rules)
  return openDays === null ? hours : withOpenDays(hours, openDays)
}

function hoursFor(step: MessageStep, cadence: Cadence, rules: PolicyRules): PolicyRules {
  if (step.hours === 'any') return withPreferredHours(rules, null)
  const own = cadence.preferredHours
  return own === null ? rules : withPreferredHours(rules, own)
}

/**
 * The days on which a step may leave; null when its cadence says nothing of days. A step that
 * answers at any hour keeps no days but its own; calendars it keeps, unless it says otherwise.
 */
function openDaysOf(
  step: MessageStep,
  cadence: Cadence,
  { calendars }: PolicyRules,
): OpenDays | null {
  const days = step.days ?? (step.hours === 'any' ? undefined : cadence.days)
  const closed = (step.blackouts ?? cadence.blackouts ?? []).flatMap((calendar) =>
    (calendars?.[calendar] ?? []).map((span) => ({ ...span, calendar })),
  )
  if (days === undefined && closed.length === 0) return null
  const weekdays = days === undefined || days === 'business' ? null : days
  return { business: days === 'business', weekdays, closed }
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

function notYet(step: MessageStep): string {
  return `step ${step.id}, ${step.channel}, may not leave as things stand`
}

function later(...instants: readonly Instant[]): Instant {
  return instants.reduce((a, b) => (a > b ? a : b))
}
