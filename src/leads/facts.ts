import type { AttemptFact } from '../domain/attempts.ts'
import type { Step } from '../domain/cadence/types.ts'
import type { EngineRules } from '../domain/company/company.ts'
import type { TouchId } from '../domain/ids.ts'
import type { MessageFact } from '../domain/messages.ts'
import { type Pause, pausedSince, skippedUntil } from '../domain/pauses.ts'
import type { EpisodeFacts, PlanFacts, WatchFact } from '../domain/plan/plan.ts'
import type { HoldFact } from '../domain/plan/wait-held.ts'
import { channelsStopped, locate } from '../domain/policy/index.ts'
import {
  CHANNELS,
  type Channel,
  type EmergencyStop,
  type PolicyPerson,
} from '../domain/policy/types.ts'
import { mayComeBack, type RevivalRules } from '../domain/revival.ts'
import { type Instant, instant, plus } from '../domain/time.ts'
import { openMessages } from '../store/channels/messages.ts'
import { cadenceVersion } from '../store/company/cadences.ts'
import { asStop } from '../store/company/emergency-stops.ts'
import type { EpisodeRow } from '../store/episodes.ts'
import type { Executor } from '../store/executor.ts'
import type { HoldRow } from '../store/holds.ts'
import type { LeadRow } from '../store/leads.ts'
import type { HoldScope } from '../store/schema.ts'
import { type Standing, standingOf } from '../store/standing.ts'
import { hasPassed } from '../store/step-visits.ts'
import { attemptsAtMessages, hasReachedOut, type PlannedTouch } from '../store/touches.ts'
import { flowFacts } from './flow-facts.ts'
import { answersForm, loadPerson, type Person } from './people.ts'
import { checkInBy } from './revival-rules.ts'
import { throttleFacts } from './throttle.ts'

/** How many earlier touches the next one is varied from. */
const PREVIOUS_TOUCHES = 12

/** A pause of the lead, and whose it was. */
export interface ScopedPause extends Pause {
  readonly scope: HoldScope
}

export interface LeadFacts {
  readonly plan: PlanFacts
  readonly person: Person
  readonly episode: EpisodeRow | null
  /** The pauses since the current step's anchor in which its clock stood. */
  readonly pauses: readonly ScopedPause[]
}

type FactRules = Pick<EngineRules, 'policy' | 'revival' | 'watch' | 'scoring'>

/**
 * Reads everything the planner judges by. `now` bounds how long a pause has lasted, and which
 * touches are remembered; `except` is a touch that is being made.
 */
export async function loadFacts(
  executor: Executor,
  lead: LeadRow,
  now: Instant,
  rules: FactRules,
  except: TouchId | null = null,
): Promise<LeadFacts> {
  const person = await loadPerson(executor, lead, now, except)
  return factsAbout(executor, lead, person, now, rules, except)
}

/** The same for a person who was read before in this transaction. */
export async function factsAbout(
  executor: Executor,
  lead: LeadRow,
  person: Person,
  now: Instant,
  rules: FactRules,
  except: TouchId | null = null,
): Promise<LeadFacts> {
  const standing = await standingAt(executor, lead, now)
  const { episode, holds } = standing
  const current =
    episode && (await episodeFacts(executor, lead, person.policy, episode, standing, now, rules))
  const plan: PlanFacts = {
    leadId: lead.id,
    status: lead.status,
    person: person.policy,
    holds: [
      ...holds.filter(isOpenAndNoStop).map(asHoldFact),
      // The very stops that the policy is asked with: two reads could differ.
      ...person.policy.stops.flatMap((stop) => asStopFact(stop, person.policy)),
    ],
    messages: lead.open_messages === 0 ? [] : await messageFacts(executor, lead, person),
    episode: current && current.facts,
    checkInAt: lead.check_in_at,
    dates: {
      attributes: lead.attributes,
      createdAt: lead.created_at,
      dead: episode?.from_details ?? null,
    },
    throttle: await throttleFacts(executor, episode, now, except),
    checkInCalls: await checkInCalls(executor, lead, now, rules.revival),
    watch: watchOf(lead, rules),
    archiveAt: archiveAt(lead, rules.revival),
    rules: rules.policy,
  }
  return { plan, person, episode, pauses: current?.pauses ?? [] }
}

/** Nothing holds a lead that nothing is planned for. */
async function standingAt(executor: Executor, lead: LeadRow, now: Instant): Promise<Standing> {
  const isPlanned = lead.status === 'nurturing' || lead.open_messages > 0
  if (!isPlanned && lead.episode_id === null) return { episode: null, holds: [], touches: [] }
  return await standingOf(executor, lead.id, lead.episode_id, now)
}

async function messageFacts(
  executor: Executor,
  lead: LeadRow,
  person: Person,
): Promise<MessageFact[]> {
  const rows = await openMessages(executor, lead.id)
  if (rows.length === 0) return []
  const attempts = await attemptsAtMessages(
    executor,
    rows.map(({ id }) => id),
  )
  return rows.map((row) => ({
    id: row.id,
    class: row.class,
    channel: row.channel,
    answer: row.answer,
    notAfter: row.not_after,
    reachable: row.contact_hash === (row.channel === 'email' ? person.emailHash : person.phoneHash),
    attempts: attempts
      .filter(({ written_id, state }) => written_id === row.id && state !== 'intent')
      .map(asAttempt),
  }))
}

async function episodeFacts(
  executor: Executor,
  lead: LeadRow,
  person: PolicyPerson,
  episode: EpisodeRow,
  { holds, touches }: Standing,
  now: Instant,
  rules: FactRules,
): Promise<{ facts: EpisodeFacts; pauses: ScopedPause[] }> {
  const { step_id: stepId, visit } = episode
  const position = stepId === null ? null : { stepId, visit }
  const attempts = touches.filter(
    (touch) => touch.episode_id === episode.id && touch.step_id === stepId && touch.visit === visit,
  )
  const cadence = await cadenceVersion(executor, episode.cadence_version_id)
  const step = cadence.steps.find(({ id }) => id === stepId)
  const flow = await flowFacts(executor, lead, person, episode, { cadence, step }, now, rules)
  const pauses = holds
    .filter((hold) => standsStill(hold, person, step))
    .map((hold) => ({
      scope: hold.scope,
      beganAt: hold.began_at,
      liftedAt: hold.lifted_at,
      mode: hold.resume_mode,
    }))
  // A message outside a cadence says nothing about when its next step should leave.
  const previous = touches
    .filter((touch) => touch.episode_id !== null && hasReachedOut(touch))
    .slice(-PREVIOUS_TOUCHES)
  const pausedMs = pausedSince(pauses, episode.anchor_at, now)
  const facts: EpisodeFacts = {
    id: episode.id,
    kind: episode.kind,
    cadence,
    begun: begun(episode),
    position,
    anchorAt: episode.anchor_at,
    dueAt:
      episode.due_at ?? (episode.kept_due_at === null ? null : plus(episode.kept_due_at, pausedMs)),
    // Only a move can put a step that is done behind where the lead stands.
    passed:
      episode.publication_id !== null &&
      position !== null &&
      (await hasPassed(executor, episode.id, position)),
    pausedMs,
    skippedUntil: skippedUntil(pauses),
    releaseAt: episode.release_at,
    sendNow: episode.send_now,
    closedChannel: episode.closed_channel,
    ...(flow !== null && { flow }),
    attempts: attempts.filter(({ state }) => state !== 'intent').map(asAttempt),
    previous: previous.map((touch) => ({
      channel: touch.channel,
      at: touch.dispatched_at ?? touch.intent_at,
    })),
    reachedOut: touches.some((touch) => touch.episode_id === episode.id && hasReachedOut(touch)),
  }
  return { facts, pauses }
}

/** A lead's own form is answered at once; what we began ourselves is not in a hurry. */
function begun(episode: EpisodeRow): EpisodeFacts['begun'] {
  if (episode.began_by === 'import') return 'bulk'
  return answersForm(episode) ? 'fresh' : 'calm'
}

function asAttempt(touch: PlannedTouch): AttemptFact {
  return {
    attempt: touch.attempt,
    channel: touch.channel,
    state: touch.state === 'intent' ? 'abandoned' : touch.state,
    failure: touch.failure_kind,
    because: touch.because,
    settledAt: touch.settled_at ?? touch.dispatched_at ?? touch.intent_at,
    retryAfterMs: touch.retry_after_ms,
  }
}

/** Whether the lead stands still under this hold: its clock shifts by as long. */
function standsStill(hold: HoldRow, person: PolicyPerson, step: Step | undefined): boolean {
  if (hold.scope !== 'emergency') return hold.scope === 'lead' || hold.scope === 'cadence'
  const stopped = channelsStopped(asStop(hold), { ...person, location: locate(person) })
  return step?.kind === 'message' ? stopped.includes(step.channel) : isAll(stopped)
}

function isOpenAndNoStop(hold: HoldRow): boolean {
  const { lifted_at, scope } = hold
  return lifted_at === null && scope !== 'emergency' && !isOneOfSeveral(hold)
}

function asStopFact(stop: EmergencyStop, person: PolicyPerson): HoldFact[] {
  const stopped = channelsStopped(stop, { ...person, location: locate(person) })
  const fact = { kind: 'emergency_stop', untilAt: null } as const
  return isAll(stopped)
    ? [{ ...fact, channel: null }]
    : stopped.map((channel) => ({ ...fact, channel }))
}

function isAll(channels: readonly Channel[]): boolean {
  return channels.length === CHANNELS.length
}

function asHoldFact(hold: HoldRow): HoldFact {
  const channel = hold.scope === 'sender' && isChannel(hold.scope_key) ? hold.scope_key : null
  return { kind: hold.kind, channel, untilAt: hold.until_at }
}

/** One sender of several is halted: the others write, so that no lead waits for it. */
function isOneOfSeveral({ scope, scope_key }: HoldRow): boolean {
  return scope === 'sender' && !isChannel(scope_key)
}

function isChannel(key: string | null): key is Channel {
  return key === 'email' || key === 'sms'
}

/** Whether the check-in that is due is a call: no message does it, or there is no cadence for one. */
async function checkInCalls(
  executor: Executor,
  lead: LeadRow,
  now: Instant,
  revival: RevivalRules,
): Promise<boolean> {
  const { dead_reason: reason, check_in_at: at } = lead
  if (reason === null || at === null || at > now) return false
  return (await checkInBy(executor, lead, reason, revival)) === null
}

function watchOf(lead: LeadRow, { watch }: Pick<EngineRules, 'watch'>): WatchFact | null {
  const { watch_since: since, watch_step: step } = lead
  return since === null || step === null ? null : { since, step, rules: watch }
}

/** When a dead lead leaves Temporal; null for one that nothing of ours may wake. */
function archiveAt(lead: LeadRow, revival: RevivalRules): Instant | null {
  if (lead.status !== 'dead' || lead.dead_reason === null) return null
  if (!mayComeBack(lead.dead_reason)) return null
  return plus(lead.dead_at ?? instant(lead.updated_at), revival.archiveAfterMs)
}
