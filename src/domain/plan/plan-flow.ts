import {
  type AskedSignal,
  type Condition,
  type ConditionFacts,
  questionsOf,
} from '../cadence/conditions/conditions.ts'
import { changesAt, judgeCondition } from '../cadence/conditions/judge.ts'
import type {
  BranchStep,
  EndStep,
  FlowStep,
  GotoStep,
  SplitStep,
  WaitForStep,
} from '../cadence/flow-types.ts'
import { asksExits } from '../cadence/exits.ts'
import { stableFraction } from '../cadence/hash.ts'
import { waitEnds } from '../cadence/timing/wait.ts'
import type { Cadence, Step } from '../cadence/types.ts'
import { bestZone } from '../policy/index.ts'
import { type Instant, plus } from '../time.ts'
import type { EpisodeFacts, PlanFacts, Planned } from './plan.ts'

/** What the steps that write to nobody look at, beside what every step does. */
export interface FlowFacts {
  /** What conditions ask; null while the current step asks nothing. */
  readonly situation: ConditionFacts | null
  /** Signals since the current step was entered, by a person, oldest first. */
  readonly came: readonly CameSignal[]
  /** Until then a click may turn out to be a scanner's; null: there is none in doubt. */
  readonly undecidedUntil: Instant | null
  /** How often the lead went back from the current step in this episode. */
  readonly rounds: number
  /** The arm that the current step, a split, gave the lead before in this episode. */
  readonly arm: string | null
}

export interface CameSignal {
  readonly kind: AskedSignal
  /** Of a custom signal. */
  readonly name: string | null
}

/** What a step that writes to nobody came to. */
export type FlowOutcome =
  | 'waited'
  | 'came'
  | 'timed_out'
  | 'branched'
  | 'drawn'
  | 'told'
  | 'updated'
  | 'jumped'
  | 'passed'

export interface FlowDone {
  readonly step: Exclude<FlowStep, EndStep>
  readonly outcome: FlowOutcome
  /** The step to go to; null: the next one. */
  readonly to: string | null
  /** The arm of a split. */
  readonly arm: string | null
  /** Why, in the words of the cadence. */
  readonly because: string
  /** When it was done on the lead's clock: the next delay counts from here. */
  readonly at: Instant
}

const NO_FACTS: FlowFacts = {
  situation: null,
  came: [],
  undecidedUntil: null,
  rounds: 0,
  arm: null,
}

/** What becomes now of a step that writes to nobody: it is done, or waited for. */
export function planFlow(
  facts: PlanFacts,
  episode: EpisodeFacts,
  step: FlowStep,
  now: Instant,
): Planned {
  const due = episode.sendNow ? now : dueOf(facts, episode, step)
  const flow = episode.flow ?? NO_FACTS
  if (step.kind === 'wait-for') return planWaitFor(episode, flow, step, now)
  if (due > now) return { kind: 'look', at: due, why: `step ${step.id}, ${WAITING[step.kind]}` }
  switch (step.kind) {
    case 'wait':
      return done(step, 'waited', null, 'the wait is over', due)
    case 'branch':
      return planBranch(flow, step, due)
    case 'split':
      return planSplit(facts, episode, flow, step, due)
    case 'webhook':
      return done(step, 'told', null, `${step.to} is told`, due)
    case 'update':
      return done(step, 'updated', null, 'the lead is updated', due)
    case 'goto':
      return planGoto(flow, step, due)
    case 'end':
      return { kind: 'end', end: step.end, step }
  }
}

const WAITING: Readonly<Record<Exclude<FlowStep['kind'], 'wait-for'>, string>> = {
  wait: 'a wait',
  branch: 'a branch',
  split: 'a split',
  webhook: 'a call to another system',
  update: 'an update',
  goto: 'a jump',
  end: 'an end',
}

function dueOf(facts: PlanFacts, episode: EpisodeFacts, step: FlowStep): Instant {
  const { zone } = bestZone(facts.person, facts.rules)
  return waitEnds({
    after: step.after,
    until: step.kind === 'wait' ? step.until : null,
    anchor: episode.anchorAt,
    pausedMs: episode.pausedMs,
    zone,
    seeds: [facts.leadId, episode.id, step.id],
  })
}

function planWaitFor(
  { anchorAt, pausedMs, sendNow }: EpisodeFacts,
  flow: FlowFacts,
  step: WaitForStep,
  now: Instant,
): Planned {
  const because = whyItCame(flow, step)
  if (because !== null) return done(step, 'came', step.whenItCame, because, now)
  const timeout = plus(anchorAt, step.timeoutMs + pausedMs)
  const { undecidedUntil } = flow
  if (undecidedUntil !== null && undecidedUntil > now) {
    return { kind: 'look', at: undecidedUntil, why: `step ${step.id} looks whose click it is` }
  }
  if (timeout <= now || sendNow) {
    const why = sendNow ? 'an operator hurried it on' : 'nothing came in time'
    return done(step, 'timed_out', step.whenNot, why, sendNow ? now : timeout)
  }
  const { awaited } = step
  if (awaited.kind === 'signal') {
    const signals = awaited.signals.join(' or ').replaceAll('_', ' ')
    return { kind: 'look', at: timeout, why: `step ${step.id} waits for a ${signals} until then` }
  }
  const change = flow.situation === null ? null : changesAt(awaited.when, flow.situation)
  const at = change !== null && change < timeout ? change : timeout
  return { kind: 'look', at, why: `step ${step.id} waits for its condition` }
}

/** Why what the step waits for is there; null while it is not. */
function whyItCame({ came, situation }: FlowFacts, { awaited }: WaitForStep): string | null {
  if (awaited.kind === 'signal') {
    const found = came.find(
      ({ kind, name }) =>
        awaited.signals.includes(kind) && (awaited.name === null || awaited.name === name),
    )
    return found === undefined ? null : `a ${found.kind.replaceAll('_', ' ')} came`
  }
  const verdict = judgeCondition(awaited.when, known(situation))
  return verdict.holds ? verdict.because : null
}

function planBranch({ situation }: FlowFacts, step: BranchStep, at: Instant): Planned {
  const reasons: string[] = []
  for (const { when, goto } of step.arms) {
    const { holds, because } = judgeCondition(when, known(situation))
    if (holds) return done(step, 'branched', goto, because, at)
    reasons.push(because)
  }
  return done(step, 'branched', step.otherwise, reasons.join('; '), at)
}

/** The same arm for the whole episode, whatever later versions give its weights. */
function planSplit(
  { leadId }: PlanFacts,
  { id }: EpisodeFacts,
  { arm: before }: FlowFacts,
  step: SplitStep,
  at: Instant,
): Planned {
  const kept = step.arms.find(({ arm }) => arm === before)
  const arm = kept ?? drawn(step, [leadId, id, step.id])
  const because = kept === undefined ? `drew ${arm.arm}` : `keeps ${arm.arm}, drawn before`
  return {
    kind: 'flow',
    done: { step, outcome: 'drawn', to: arm.goto, arm: arm.arm, because, at },
  }
}

function drawn({ arms }: SplitStep, seeds: readonly string[]): SplitStep['arms'][number] {
  const whole = arms.reduce((sum, { weight }) => sum + weight, 0)
  let rest = stableFraction(...seeds, 'split') * whole
  for (const arm of arms) {
    if (rest < arm.weight) return arm
    rest -= arm.weight
  }
  throw new RangeError('a split has at least one arm')
}

function planGoto({ rounds }: FlowFacts, step: GotoStep, at: Instant): Planned {
  const { to, atMost } = step
  if (atMost === null) return done(step, 'jumped', to, `on to ${to}`, at)
  if (rounds >= atMost) return done(step, 'passed', null, `went back ${rounds} times`, at)
  return done(step, 'jumped', to, `back to ${to}, round ${rounds + 1} of ${atMost}`, at)
}

function done(
  step: FlowDone['step'],
  outcome: FlowOutcome,
  to: string | null,
  because: string,
  at: Instant,
): Planned {
  return { kind: 'flow', done: { step, outcome, to, arm: null, because, at } }
}

function known(situation: ConditionFacts | null): ConditionFacts {
  if (situation === null) throw new Error('a condition is asked, and its facts were not read')
  return situation
}

/**
 * Whether planning at this step asks a condition, whose facts must be read before: the step's own,
 * or the cadence's exits and goal.
 */
export function asksConditions(cadence: Cadence, step: Step | undefined): boolean {
  if (asksExits(cadence)) return true
  return step?.kind === 'branch' || (step?.kind === 'wait-for' && step.awaited.kind === 'condition')
}

/**
 * The signals that must ring a lead which stands at this step, also those that the lifecycle only
 * records. Changed fields and consents ring by themselves.
 */
export function ringsFor(step: Step): readonly AskedSignal[] {
  if (step.kind !== 'wait-for') return []
  const { awaited } = step
  return awaited.kind === 'signal' ? awaited.signals : [...new Set(askedSignals(awaited.when))]
}

/** What a score, and an engagement, is made of; replies and bookings end or hold by themselves. */
const ENGAGING: readonly AskedSignal[] = ['visit', 'click', 'form', 'reply', 'call']

function askedSignals(when: Condition): readonly AskedSignal[] {
  return questionsOf(when).flatMap((question) => {
    switch (question.kind) {
      case 'score':
        return ENGAGING
      case 'engaged':
        return ENGAGING.filter((kind) => question.by.some((by) => by === kind))
      case 'happened':
        if ('signal' in question.what) return [question.what.signal]
        return 'was' in question.what && question.what.was === 'clicked' ? ['click' as const] : []
      case 'field':
      case 'consent':
        return []
    }
  })
}
