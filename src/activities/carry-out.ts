import type { TaskStep } from '../domain/cadence/types.ts'
import { jumpPosition, nextPosition } from '../domain/cadence/walk.ts'
import { endWords, whyEnded } from '../domain/cadence/words/step-words.ts'
import type { EngineRules } from '../domain/company/company.ts'
import { bareDetails, type DeadDetails, type DeadReason } from '../domain/lead.ts'
import type { Planned } from '../domain/plan/plan.ts'
import { bestZone } from '../domain/policy/index.ts'
import { isCheckInPast } from '../domain/revival.ts'
import { type Instant, plus } from '../domain/time.ts'
import { localTime } from '../domain/time-zones.ts'
import type { LeadFacts } from '../leads/facts.ts'
import { lineUp } from '../leads/line-up.ts'
import { startQueued } from '../leads/queue.ts'
import { revivalFor } from '../leads/revival-rules.ts'
import { type Cause, die, engage, stampDeath, stampWatch } from '../leads/transitions.ts'
import { moveTo } from '../store/episodes.ts'
import type { Executor } from '../store/executor.ts'
import { type LeadRow, patchLead } from '../store/leads.ts'
import { addTask } from '../store/work/tasks.ts'
import { carryOutFlow, noteResult } from './carry-flow.ts'
import { checkIn } from './check-in.ts'
import { closeWritten } from './close-message.ts'
import type { ActivityDeps } from './deps.ts'
import { judgeCall, noteDrop, warnedOf } from './drops.ts'
import { watch } from './watch.ts'

type Doable = Exclude<Planned, { kind: 'touch' | 'message' | 'look' | 'bell' | 'complete' }>

/** Carries out what needs no waiting: moves on, drops, gives a task, ends, checks in. */
export async function carryOut(
  deps: Pick<ActivityDeps, 'ledgerKey'>,
  trx: Executor,
  lead: LeadRow,
  facts: LeadFacts,
  planned: Doable,
  now: Instant,
  settings: EngineRules,
  wall: Instant,
): Promise<void> {
  switch (planned.kind) {
    case 'advance':
      return advance(trx, facts, anchorOf(facts, now))
    case 'drop':
      await noteDrop(deps, trx, lead, facts, planned.step.id, planned.drop, now)
      return advance(trx, facts, now, planned.goto)
    case 'pass': {
      const because = 'it was due while the lead was held'
      await noteDrop(deps, trx, lead, facts, planned.step.id, { kind: 'skipped', because }, now)
      return advance(trx, facts, planned.dueAt)
    }
    case 'line_up':
      return lineUp(trx, lead, facts, planned.step, now, settings)
    case 'task':
      await giveTask(deps, trx, lead, facts, planned.step, now)
      return advance(trx, facts, now)
    case 'flow':
      return carryOutFlow(trx, lead, facts, planned.done, { now, wall })
    case 'end': {
      if (planned.step !== undefined) {
        const because = endWords(planned.end)
        await noteResult(trx, lead, facts, 'end', { outcome: 'ended', because, at: now })
      }
      return endCadence(trx, lead, facts, planned, now, settings)
    }
    case 'check_in':
      return checkIn(deps, trx, lead, facts, now, settings)
    case 'close_message':
      return closeWritten(deps, trx, lead, planned.message, planned.close, now)
    case 'watch':
      return watch(trx, lead, planned.step, now, settings)
  }
}

async function giveTask(
  deps: Pick<ActivityDeps, 'ledgerKey'>,
  trx: Executor,
  lead: LeadRow,
  facts: LeadFacts,
  step: TaskStep,
  now: Instant,
): Promise<void> {
  const because = `step ${step.id} of the cadence`
  const task = {
    leadId: lead.id,
    title: step.title,
    because,
    assignee: step.assignee ?? lead.owner,
    dueAt: plus(now, step.dueInMs),
    at: now,
    ...(facts.episode !== null && { episodeId: facts.episode.id }),
  }
  const given = { outcome: 'given', because: step.title, at: now } as const
  if (step.task === 'other') {
    await addTask(trx, { ...task, kind: step.task })
    await noteResult(trx, lead, facts, 'task', given)
    return
  }
  const call = await judgeCall(trx, lead, facts, now)
  if (!call.decision.allowed) {
    const { decision } = call
    const drop = { kind: 'denied', by: decision.deniedBy, decision } as const
    return noteDrop(deps, trx, lead, facts, step.id, drop, now)
  }
  await addTask(trx, { ...task, kind: step.task, because: warnedOf(because, call) })
  await noteResult(trx, lead, facts, 'task', given)
}

/** On to the step after, or to the one that takes the place of a late message. */
async function advance(
  trx: Executor,
  { plan, episode }: LeadFacts,
  at: Instant,
  goto?: string,
): Promise<void> {
  if (episode === null || !plan.episode?.position) return
  const { cadence, position } = plan.episode
  const jump = goto === undefined ? null : jumpPosition(cadence, position, goto)
  const next = jump ?? nextPosition(cadence, position)
  await moveTo(trx, episode.id, next.kind === 'step' ? next.position : null, at)
}

/** The next delay counts from when the message left, not from when we look. */
function anchorOf({ plan: { episode } }: LeadFacts, now: Instant): Instant {
  // What was done before the lead came here moves no clock.
  if (episode?.passed === true) return episode.anchorAt
  return episode?.attempts.at(-1)?.settledAt ?? now
}

async function endCadence(
  trx: Executor,
  lead: LeadRow,
  facts: LeadFacts,
  { end, step, exit }: Extract<Planned, { kind: 'end' }>,
  now: Instant,
  settings: EngineRules,
): Promise<void> {
  const because = exit ?? whyEnded(step)
  const cause: Cause = { kind: 'cadence_ended', signalId: null, because, at: now }
  if (end.outcome === 'handed_over') {
    await engage(trx, lead, cause, end.title)
    return stampWatch(trx, lead, now)
  }
  // Who leaves early by a rule is not sent on into the next.
  if (exit === undefined && (await startQueued(trx, lead, now, settings))) return
  const { episode } = facts
  const back = end.outcome === 'back_to_dead' ? (episode?.from_details ?? null) : null
  const reason: DeadReason = end.outcome === 'dead' ? end.reason : 'unresponsive'
  const details = back ?? (await detailsFor(trx, lead, facts, reason))
  const rules = await revivalFor(trx, lead, settings.revival)
  const isPast = back !== null && isCheckInPast(back, now, rules)
  const spent = episode?.kind === 'check-in' || isPast
  await die(trx, lead, details, cause)
  await patchLead(trx, lead, { check_ins: spent ? Math.max(lead.check_ins, 1) : 0 })
  await stampDeath(trx, lead, now, settings.revival)
}

/** What is recorded beside the reason when the end of a cadence is all we know. */
async function detailsFor(
  trx: Executor,
  lead: LeadRow,
  { plan }: LeadFacts,
  reason: DeadReason,
): Promise<DeadDetails> {
  if (reason !== 'unresponsive') return bareDetails(reason)
  const { zone } = bestZone(plan.person, plan.rules)
  const touches = await trx
    .selectFrom('touches')
    .select(['channel', 'state', 'dispatched_at', 'intent_at'])
    .where('lead_id', '=', lead.id)
    .where('state', 'in', ['sent', 'delivered', 'uncertain'])
    .where('episode_id', 'is not', null)
    .orderBy('intent_at')
    .execute()
  const attempts = touches.map(({ channel, state, dispatched_at, intent_at }) => {
    const at = dispatched_at ?? intent_at
    const local = localTime(at, zone)
    const delivered = state === 'delivered' ? true : null
    return { channel, at, weekday: local.weekday, hour: local.hour, delivered }
  })
  return { reason, attempts }
}
