import type { AttemptFact } from '../domain/attempts.ts'
import type { MessageFact } from '../domain/messages.ts'
import type { EpisodeFacts, HoldFact, PlanFacts } from '../domain/plan.ts'
import { pausedSince } from '../domain/pauses.ts'
import type { Channel, PolicyRules } from '../domain/policy/types.ts'
import { mayComeBack, type RevivalRules } from '../domain/revival.ts'
import { type Instant, instant, plus } from '../domain/time.ts'
import type { TouchId } from '../domain/ids.ts'
import { cadenceVersion } from '../store/cadences.ts'
import { type EpisodeRow, openEpisode } from '../store/episodes.ts'
import type { Executor } from '../store/executor.ts'
import { type HoldRow, holdsOn } from '../store/holds.ts'
import type { LeadRow } from '../store/leads.ts'
import { openMessages } from '../store/messages.ts'
import {
  attemptsAtMessages,
  hasReachedOut,
  type PlannedTouch,
  touchesToPlanBy,
} from '../store/touches.ts'
import { answersForm, loadPerson, type Person } from './people.ts'

/** How many earlier touches the next one is varied from. */
const PREVIOUS_TOUCHES = 12

export interface LeadFacts {
  readonly plan: PlanFacts
  readonly person: Person
  readonly episode: EpisodeRow | null
}

/**
 * Reads everything the planner judges by. `now` bounds how long a pause has lasted, and which
 * touches are remembered; `except` is a touch that is being made.
 */
export async function loadFacts(
  executor: Executor,
  lead: LeadRow,
  now: Instant,
  rules: { policy: PolicyRules; revival: RevivalRules },
  except: TouchId | null = null,
): Promise<LeadFacts> {
  const person = await loadPerson(executor, lead, now, except)
  const episode = await openEpisode(executor, lead.episode_id)
  const since = episode?.anchor_at ?? now
  const holds =
    lead.status === 'nurturing' || lead.open_messages > 0
      ? await holdsOn(executor, lead.id, episode?.cadence_name ?? null, since)
      : []
  const plan: PlanFacts = {
    leadId: lead.id,
    status: lead.status,
    person: person.policy,
    holds: holds.filter((hold) => hold.lifted_at === null && !isOneOfSeveral(hold)).map(asHoldFact),
    messages: lead.open_messages === 0 ? [] : await messageFacts(executor, lead, person),
    episode: episode && (await episodeFacts(executor, lead, episode, holds, now)),
    checkInAt: lead.check_in_at,
    archiveAt: archiveAt(lead, rules.revival),
    rules: rules.policy,
  }
  return { plan, person, episode }
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
  episode: EpisodeRow,
  holds: readonly HoldRow[],
  now: Instant,
): Promise<EpisodeFacts> {
  const { step_id: stepId, visit } = episode
  const pauses = holds
    .filter(({ scope }) => scope === 'lead' || scope === 'cadence')
    .map((hold) => ({ beganAt: hold.began_at, liftedAt: hold.lifted_at }))
  const position = stepId === null ? null : { stepId, visit }
  const touches = await touchesToPlanBy(
    executor,
    lead.id,
    position && { episodeId: episode.id, ...position },
  )
  const attempts = touches.filter(
    (touch) => touch.episode_id === episode.id && touch.step_id === stepId && touch.visit === visit,
  )
  // A message outside a cadence says nothing about when its next step should leave.
  const previous = touches
    .filter((touch) => touch.episode_id !== null && hasReachedOut(touch))
    .slice(-PREVIOUS_TOUCHES)
  return {
    id: episode.id,
    kind: episode.kind,
    cadence: await cadenceVersion(executor, episode.cadence_version_id),
    begun: begun(episode),
    position,
    anchorAt: episode.anchor_at,
    dueAt: episode.due_at,
    pausedMs: pausedSince(pauses, episode.anchor_at, now),
    sendNow: episode.send_now,
    attempts: attempts.filter(({ state }) => state !== 'intent').map(asAttempt),
    previous: previous.map((touch) => ({
      channel: touch.channel,
      at: touch.dispatched_at ?? touch.intent_at,
    })),
  }
}

/** A lead's own form is answered at once; what we began ourselves is not in a hurry. */
function begun(episode: EpisodeRow): EpisodeFacts['begun'] {
  if (episode.began_by === 'import') return 'bulk'
  return answersForm(episode) ? 'fresh' : 'calm'
}

function asAttempt(touch: PlannedTouch): AttemptFact {
  return {
    attempt: touch.attempt,
    state: touch.state === 'intent' ? 'abandoned' : touch.state,
    failure: touch.failure_kind,
    because: touch.because,
    settledAt: touch.settled_at ?? touch.dispatched_at ?? touch.intent_at,
    retryAfterMs: touch.retry_after_ms,
  }
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

/** When a dead lead leaves Temporal; null for one that nothing of ours may wake. */
function archiveAt(lead: LeadRow, revival: RevivalRules): Instant | null {
  if (lead.status !== 'dead' || lead.dead_reason === null) return null
  if (!mayComeBack(lead.dead_reason)) return null
  return plus(lead.dead_at ?? instant(lead.updated_at), revival.archiveAfterMs)
}
