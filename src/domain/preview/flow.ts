import type {
  ConditionFacts,
  EpisodeHistory,
  StepHappening,
} from '../cadence/conditions/conditions.ts'
import { refusesEntry } from '../cadence/entry.ts'
import type { Cadence } from '../cadence/types.ts'
import { jumpPosition, nextPosition } from '../cadence/walk.ts'
import { BURST_MS } from '../clicks.ts'
import { asksConditions, type FlowDone, type FlowFacts } from '../plan/plan-flow.ts'
import { bestZone } from '../policy/index.ts'
import { mayMarket } from '../policy/may-market.ts'
import { scoreOf } from '../scoring.ts'
import { type Instant, plus } from '../time.ts'
import {
  type PreviewEpisode,
  type PreviewLife,
  type PreviewSignal,
  personNow,
  reasonOf,
} from './life.ts'

/** What the planner reads of a previewed lead for the steps that write to nobody. */
export function flowFactsOf(life: PreviewLife, episode: PreviewEpisode, now: Instant): FlowFacts {
  const { position } = episode
  const own = life.done.filter(
    (done) => done.episode === episode.id && done.stepId === position?.stepId,
  )
  const doubted = life.signals.filter((signal) => isInDoubt(signal, now)).map(({ at }) => at)
  const step = episode.cadence.steps.find(({ id }) => id === position?.stepId)
  const asks = asksConditions(episode.cadence, step)
  const [lastDoubt] = doubted.toSorted((a, b) => b - a)
  return {
    situation: asks ? situationOf(life, episode, now) : null,
    came: life.signals.slice(episode.anchorSeq).filter((signal) => !isInDoubt(signal, now)),
    undecidedUntil: lastDoubt === undefined ? null : plus(lastDoubt, BURST_MS),
    rounds: own.filter(({ outcome }) => outcome === 'jumped').length,
    arm: own.at(-1)?.arm ?? null,
  }
}

/** A click counts once it is too late to be a scanner's, as for a real lead. */
function isInDoubt({ kind, at }: PreviewSignal, now: Instant): boolean {
  return kind === 'click' && plus(at, BURST_MS) > now
}

/** Why a cadence would not take the previewed lead; null when it would. */
export function refusedAtEntry(life: PreviewLife, { entry }: Cadence, now: Instant): string | null {
  if (entry === undefined) return null
  const { source } = life.fields
  return refusesEntry(entry, { source, last: null, situation: situationOf(life, null, now) }, now)
}

function situationOf(
  life: PreviewLife,
  episode: PreviewEpisode | null,
  now: Instant,
): ConditionFacts {
  const { input, lead, person } = life
  const { policy, scoring } = input.rules
  const signals = life.signals.filter((signal) => !isInDoubt(signal, now))
  const engaged = signals.flatMap(({ kind, at }) => (kind === 'custom' ? [] : [{ kind, at }]))
  const base = {
    now,
    zone: bestZone(person, policy).zone,
    lead: {
      ...lead,
      ...life.fields,
      email: person.email !== null,
      phone: person.phone !== null,
      state: person.state,
      zip: person.zip,
      timezone: person.timezone,
      status: life.status,
      dead: life.dead?.details ?? episode?.from ?? null,
      createdAt: input.from,
    },
    engaged: Object.fromEntries(engaged.map(({ kind, at }) => [kind, at])),
    consent: {
      email: mayMarket(personNow(life), 'email', now, policy),
      sms: mayMarket(personNow(life), 'sms', now, policy),
    },
    episode: episode && historyOf(life, episode, signals),
  }
  return { ...base, score: scoreOf(engaged, life.given, base, scoring) }
}

function historyOf(
  life: PreviewLife,
  episode: PreviewEpisode,
  signals: readonly PreviewSignal[],
): EpisodeHistory {
  const ours = signals.filter((signal) => life.signals.indexOf(signal) >= episode.fromSeq)
  const steps: StepHappening[] = life.done
    .filter((done) => done.episode === episode.id)
    .map(({ stepId, fate, arm, at }) => ({ stepId, fate, arm, at }))
  const clicks = ours.flatMap(({ kind, step, at }): StepHappening[] =>
    kind === 'click' && step !== null ? [{ stepId: step, fate: 'clicked', arm: null, at }] : [],
  )
  return {
    kind: episode.kind,
    startedAt: episode.startedAt,
    steps: [...steps, ...clicks],
    signals: ours,
  }
}

/** Does to the previewed lead what the engine does to rows when such a step is done. */
export function carryOutFlow(life: PreviewLife, episode: PreviewEpisode, done: FlowDone): void {
  const { position } = episode
  if (position === null) return
  const { step, outcome, to, arm, because, at } = done
  noteStep(life, episode, step.id, { fate: FATES[outcome] ?? 'done', arm, at, outcome })
  life.events.push({ at, kind: 'step', step: step.id, does: step.kind, outcome, to, because })
  if (step.kind === 'update') update(life, step.update, `step ${step.id}`, at)
  const jump = to === null ? null : jumpPosition(episode.cadence, position, to)
  const next = jump ?? nextPosition(episode.cadence, position)
  goTo(life, episode, next.kind === 'step' ? next.position : null, at)
}

const FATES: Readonly<Partial<Record<FlowDone['outcome'], StepHappening['fate']>>> = {
  came: 'came',
  timed_out: 'timed-out',
}

/** Moves the previewed lead; the next delay counts from `at`. */
export function goTo(
  life: PreviewLife,
  episode: PreviewEpisode,
  position: PreviewEpisode['position'],
  at: Instant,
): void {
  episode.position = position
  episode.anchorAt = at
  episode.anchorSeq = life.signals.length
  episode.releaseAt = null
  episode.attempts = []
}

/** Remembers what a step came to, for conditions further down. */
export function noteStep(
  life: PreviewLife,
  { id }: Pick<PreviewEpisode, 'id'>,
  stepId: string,
  came: Pick<StepHappening, 'fate' | 'at'> & { arm?: string | null; outcome?: string },
): void {
  const { fate, at, arm = null, outcome = null } = came
  life.done.push({ episode: id, stepId, fate, arm, at, outcome })
}

function update(
  life: PreviewLife,
  change: Extract<FlowDone['step'], { kind: 'update' }>['update'],
  because: string,
  at: Instant,
): void {
  const { attributes, owner, addTags, removeTags, score } = change
  const merged = Object.entries({ ...life.lead.attributes, ...attributes })
  life.lead = {
    ...life.lead,
    attributes: Object.fromEntries(merged.filter(([, value]) => value !== null)),
    ...(owner !== undefined && { owner }),
  }
  const tags = [...new Set([...life.fields.tags, ...addTags])]
  life.fields = { ...life.fields, tags: tags.filter((tag) => !removeTags.includes(tag)) }
  if (score !== 0) life.given.push({ points: score, because, at })
}

/** Why nobody is dead any more is not asked here: only whether somebody waits for this signal. */
export function isAwaited(life: PreviewLife): boolean {
  const { episode } = life
  if (episode?.position == null || reasonOf(life) !== null) return false
  const { stepId } = episode.position
  return episode.cadence.steps.some(({ id, kind }) => id === stepId && kind === 'wait-for')
}
