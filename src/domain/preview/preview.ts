import { jumpPosition, nextPosition } from '../cadence/walk.ts'
import { whyEnded } from '../cadence/words/step-words.ts'
import type { EpisodeId, LeadId } from '../ids.ts'
import { bareDetails } from '../lead.ts'
import { type EpisodeFacts, type PlanFacts, type Planned, planLead } from '../plan/plan.ts'
import { rulesFor } from '../plan/plan-touch.ts'
import { decide, explainDecision } from '../policy/index.ts'
import { isCheckInPast, mayComeBack } from '../revival.ts'
import { DAY_MS, type Instant, plus } from '../time.ts'
import { carryOutFlow, flowFactsOf, goTo, noteStep, refusedAtEntry } from './flow.ts'
import { die, handOver, happen, startEpisode } from './happen.ts'
import { type PreviewEpisode, type PreviewLife, personNow, reasonOf } from './life.ts'
import { previewMessage } from './message.ts'
import type { Preview, PreviewFields, PreviewInput } from './types.ts'

/** How many earlier touches the engine varies the next one from. */
const PREVIOUS_TOUCHES = 12
/** No cadence takes this many turns; a mistake of ours must not hang an editor. */
const MOST_TURNS = 10_000
const YEAR_MS = 365 * DAY_MS

/**
 * What would happen to this lead, without a server or a store: the planner and the policy of the
 * engine, asked again and again on a clock that jumps. Messages are taken for sent at once, and
 * nobody answers but as `happenings` say. Pure: equal inputs give equal previews.
 */
export function previewCadence(input: PreviewInput): Preview {
  const life = begin(input)
  const happenings = input.happenings.toSorted((a, b) => a.at - b.at)
  let now = input.from
  let due = 0
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    for (let next = happenings[due]; next !== undefined && next.at <= now; next = happenings[due]) {
      happen(life, next)
      due += 1
    }
    const planned = planLead(factsOf(life, now), now)
    const wakes = wakesAt(planned, now)
    if (wakes === 'now') {
      carryOut(life, planned, now)
      continue
    }
    const interrupted = happenings[due]?.at ?? null
    const next = earliest(wakes, interrupted)
    if (next === null || next >= input.until) return ending(life, wakes)
    now = next
  }
  throw new Error(`the preview of ${input.cadence.name} does not come to an end`)
}

function begin(input: PreviewInput): PreviewLife {
  const life: PreviewLife = {
    input,
    events: [],
    revival: input.rules.revival,
    status: 'nurturing',
    dead: null,
    checkInAt: null,
    checkIns: 0,
    person: input.person,
    episode: null,
    episodes: 0,
    sent: [],
    revivals: [],
    lead: input.lead,
    fields: input.fields ?? PLAIN_FIELDS,
    given: [],
    signals: [],
    done: [],
  }
  const { entry, cadence, from } = input
  const refusal = refusedAtEntry(life, cadence, from)
  if (entry.kind === 'revival') life.dead = { details: entry.details, at: plus(from, -YEAR_MS) }
  if (refusal !== null) {
    life.status = entry.kind === 'revival' ? 'dead' : 'nurturing'
    life.events.push({ at: from, kind: 'refused', cadence: cadence.name, because: refusal })
    return life
  }
  if (entry.kind === 'revival' && cadence.purpose !== 'nurture') {
    startEpisode(life, cadence, 'revival', 'calm', from)
    life.revivals = [from]
  } else {
    if (entry.kind === 'form') {
      life.signals.push({ kind: 'form', name: null, step: null, at: from })
    }
    startEpisode(life, cadence, 'nurture', entry.kind === 'import' ? 'bulk' : 'fresh', from)
  }
  return life
}

const PLAIN_FIELDS: PreviewFields = { source: 'webform', cost: null, tags: [], language: null }

function ending(life: PreviewLife, nextAt: Instant | null): Preview {
  return { events: life.events, status: life.status, reason: reasonOf(life), nextAt }
}

/** When the planner wants to be asked again: at once, at an instant, or only by a bell (null). */
function wakesAt(planned: Planned, now: Instant): Instant | 'now' | null {
  switch (planned.kind) {
    case 'touch':
    case 'message':
    case 'look':
      return planned.at > now ? planned.at : 'now'
    case 'bell':
    case 'complete':
      return null
    case 'advance':
    case 'drop':
    case 'pass':
    case 'line_up':
    case 'task':
    case 'flow':
    case 'end':
    case 'check_in':
    case 'close_message':
    case 'watch':
      return 'now'
  }
}

function factsOf(life: PreviewLife, now: Instant): PlanFacts {
  const { input, status, dead } = life
  const reason = reasonOf(life)
  const archives = dead !== null && reason !== null && mayComeBack(reason)
  return {
    leadId: input.seeds.lead as LeadId,
    status,
    person: personNow(life),
    holds: [],
    messages: [],
    episode: life.episode && episodeFacts(life, life.episode, now),
    checkInAt: life.checkInAt,
    dates: {
      attributes: life.lead.attributes,
      createdAt: input.from,
      dead: life.episode?.from ?? null,
    },
    watch: null,
    archiveAt: archives ? plus(dead.at, input.rules.revival.archiveAfterMs) : null,
    rules: input.rules.policy,
  }
}

function episodeFacts(life: PreviewLife, episode: PreviewEpisode, now: Instant): EpisodeFacts {
  const { id, kind, cadence, begun, position, anchorAt, attempts } = episode
  return {
    id: id as EpisodeId,
    kind,
    cadence,
    begun,
    position,
    anchorAt,
    pausedMs: 0,
    sendNow: false,
    attempts,
    releaseAt: episode.releaseAt ?? null,
    previous: life.sent.slice(-PREVIOUS_TOUCHES).map(({ channel, at }) => ({ channel, at })),
    reachedOut: life.sent.some((sent) => sent.episode === id),
    flow: flowFactsOf(life, episode, now),
  }
}

/** What the engine's activities do with rows, done to the previewed life. */
function carryOut(life: PreviewLife, planned: Planned, now: Instant): void {
  const { episode } = life
  switch (planned.kind) {
    case 'touch':
      if (episode !== null) touch(life, episode, planned, now)
      return
    case 'advance':
      return advance(life, episode, episode?.attempts.at(-1)?.settledAt ?? now)
    case 'drop': {
      const { step, drop } = planned
      const because =
        drop.kind === 'denied' ? explainDecision(drop.decision) : `It was dropped: ${drop.because}.`
      const channel = step.kind === 'task' ? null : step.channel
      life.events.push({ at: now, kind: 'dropped', step: step.id, channel, because })
      if (episode !== null) noteStep(life, episode, step.id, { fate: 'dropped', at: now })
      return advance(life, episode, now, planned.goto)
    }
    // No previewed lead is ever held.
    case 'pass':
      return advance(life, episode, planned.dueAt)
    case 'line_up':
      if (episode !== null) episode.releaseAt = now
      return
    case 'task':
      life.events.push({ at: now, kind: 'task', step: planned.step.id, title: planned.step.title })
      if (episode !== null) noteStep(life, episode, planned.step.id, { fate: 'given', at: now })
      return advance(life, episode, now)
    case 'flow':
      if (episode !== null) carryOutFlow(life, episode, planned.done)
      return
    case 'end':
      return endCadence(life, planned, now)
    case 'check_in':
      return checkIn(life, now)
    case 'look':
    case 'bell':
    case 'complete':
    // Nobody talks with a previewed lead, or writes to it by hand.
    case 'watch':
    case 'message':
    case 'close_message':
      return
  }
}

function touch(
  life: PreviewLife,
  episode: PreviewEpisode,
  { touch: { step, attempt }, why }: Extract<Planned, { kind: 'touch' }>,
  now: Instant,
): void {
  const rules = rulesFor(
    step,
    { cadence: episode.cadence, sendNow: false },
    life.input.rules.policy,
  )
  const decision = decide(personNow(life), step.channel, 'marketing', now, rules)
  const message = previewMessage(life, step)
  const { channel, id } = step
  if (!message.ok) {
    life.events.push({ at: now, kind: 'dropped', step: id, channel, because: message.because })
    return advance(life, episode, now)
  }
  noteStep(life, episode, id, { fate: 'sent', at: now })
  life.events.push({
    at: now,
    kind: 'touch',
    cadence: episode.cadence.name,
    step: id,
    channel,
    because: why,
    rules: decision.rules,
    message,
  })
  life.sent = [...life.sent, { channel, at: now, episode: episode.id, step: id }]
  episode.attempts = [
    {
      attempt,
      channel,
      state: 'sent',
      failure: null,
      because: null,
      settledAt: now,
      retryAfterMs: null,
    },
  ]
}

function advance(
  life: PreviewLife,
  episode: PreviewEpisode | null,
  at: Instant,
  goto?: string,
): void {
  if (episode === null || episode.position === null) return
  const { cadence, position } = episode
  const jump = goto === undefined ? null : jumpPosition(cadence, position, goto)
  const next = jump ?? nextPosition(cadence, position)
  goTo(life, episode, next.kind === 'step' ? next.position : null, at)
}

function endCadence(
  life: PreviewLife,
  { end, step, exit }: Extract<Planned, { kind: 'end' }>,
  now: Instant,
): void {
  const { episode } = life
  const back = end.outcome === 'back_to_dead' ? (episode?.from ?? null) : null
  const because = exit ?? whyEnded(step)
  if (end.outcome === 'handed_over') return handOver(life, end.title, because, now)
  const details = back ?? bareDetails(end.outcome === 'dead' ? end.reason : 'unresponsive')
  const isPast = back !== null && isCheckInPast(back, now, life.revival)
  const spent = episode?.kind === 'check-in' || isPast
  life.checkIns = spent ? Math.max(life.checkIns, 1) : 0
  die(life, details, because, now)
}

/** A check-in writes once, or gives a person the task when the lead named a date. */
function checkIn(life: PreviewLife, now: Instant): void {
  const { revival } = life
  const reason = reasonOf(life)
  if (reason === null) return
  const { checkIn: how, checkInCadence = revival.checkInCadence } = revival.byReason[reason]
  const asTask = how.kind === 'task_on_named_date'
  const cadence = life.input.cadences.find(({ name }) => name === checkInCadence)
  if (!asTask && cadence !== undefined) {
    return startEpisode(life, cadence, 'check-in', 'calm', now)
  }
  life.events.push({ at: now, kind: 'task', step: null, title: 'Check in with the lead' })
  life.checkInAt = null
  life.checkIns += 1
}

function earliest(a: Instant | null, b: Instant | null): Instant | null {
  if (a === null || b === null) return a ?? b
  return a < b ? a : b
}
