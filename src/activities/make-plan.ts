import type { AskedSignal } from '../domain/cadence/conditions/conditions.ts'
import { mostVisits } from '../domain/cadence/file/paths.ts'
import { stepAt } from '../domain/cadence/walk.ts'
import {
  type LeadAttributes,
  type Next,
  type Plan,
  PRIORITY,
  type Priority,
} from '../domain/contract.ts'
import { type Planned, planLead } from '../domain/plan/plan.ts'
import { ringsFor } from '../domain/plan/plan-flow.ts'
import { type Instant, SECOND_MS } from '../domain/time.ts'
import { factsAbout, type LeadFacts } from '../leads/facts.ts'
import { loadPerson, type Person } from '../leads/people.ts'
import { settleMove } from '../leads/publishing/move-lead.ts'
import { isTold, shownTo } from '../leads/shown.ts'
import { attributesOf, localWords, messageTouchWords, touchWords } from '../leads/views/words.ts'
import type { Executor } from '../store/executor.ts'
import { json } from '../store/json.ts'
import { type LeadRow, patchLead } from '../store/leads.ts'
import { closeRuns } from '../store/runs.ts'
import { carryOut } from './carry-out.ts'
import type { ActivityDeps, Moment } from './deps.ts'

/** Beside the visits that its cadence allows: past this the plan turns in a circle, a bug. */
const MOST_STEPS = 200
/** A plan whose time has come in the meantime is not asked for again at once. */
const LEAST_WAIT_MS = SECOND_MS

/**
 * Plans for a locked lead whose signals are absorbed: carries out whatever needs no waiting
 * (dropped steps, tasks, the cadence's end, a check-in) until something is to be waited for, and
 * writes that onto the lead row for everybody to read.
 */
export async function makePlan(
  deps: Pick<ActivityDeps, 'ledgerKey'>,
  trx: Executor,
  lead: LeadRow,
  moment: Moment,
): Promise<Plan> {
  const { now, settings } = moment
  let person: Person | null = null
  let most = MOST_STEPS
  for (let step = 0; step < most; step += 1) {
    person ??= await loadPerson(trx, lead, now)
    const facts = await factsAbout(trx, lead, person, now, settings)
    if (await settleMove(trx, facts, now)) continue
    const { episode } = facts.plan
    if (episode !== null) most = Math.max(most, MOST_STEPS + mostVisits(episode.cadence))
    const planned = planLead(facts.plan, now)
    if (isWaiting(planned)) return await settle(trx, lead, facts, planned, moment)
    await carryOut(deps, trx, lead, facts, planned, now, settings, moment.wall)
    // A step forward changes where the lead stands, and nothing of what is known about the person.
    if (planned.kind !== 'advance' && planned.kind !== 'flow') person = null
  }
  throw new Error('the plan turns in a circle')
}

type Waiting = Extract<Planned, { kind: 'touch' | 'message' | 'look' | 'bell' | 'complete' }>

function isWaiting(planned: Planned): planned is Waiting {
  return ['touch', 'message', 'look', 'bell', 'complete'].includes(planned.kind)
}

async function settle(
  trx: Executor,
  lead: LeadRow,
  facts: LeadFacts,
  planned: Waiting,
  { now, settings, runId }: Moment,
): Promise<Plan> {
  const at = 'at' in planned ? planned.at : null
  const when = at === null ? '' : `, ${localWords(at, facts.person.policy, settings.policy)}`
  const summary = `${whatOf(planned)}${when}`
  const because = becauseOf(planned)
  const details = because === null ? summary : `${summary}: ${because}`
  const held = facts.plan.holds.some(({ channel }) => channel === null)
  const attributes = attributesOf(lead, facts.episode, held)
  const told = isTold(lead.shown, attributes, runId)
  const transitioned: LeadAttributes | null = told ? null : attributes
  await patchLead(trx, lead, {
    next_kind: NEXT_KINDS[planned.kind],
    next_at: at,
    next_words: details,
    awaits: json(awaitsOf(facts)),
    ...(transitioned && { shown: shownTo(transitioned, runId) }),
  })
  if (planned.kind === 'complete') await closeRuns(trx, lead.id, now, null)
  return {
    v: 1,
    revision: lead.revision,
    next: nextOf(planned, facts, now),
    summary: summary.slice(0, MOST_SUMMARY_CHARS),
    details,
    priority: priorityOf(planned, lead),
    transitioned,
  }
}

/** The signals that must ring the lead where it stands, though the lifecycle only records them. */
function awaitsOf({ plan: { status, episode } }: LeadFacts): AskedSignal[] | null {
  if (status !== 'nurturing' || episode === null || episode.position === null) return null
  const signals = ringsFor(stepAt(episode.cadence, episode.position))
  return signals.length === 0 ? null : [...signals]
}

/** Temporal refuses a longer summary (400 bytes). */
const MOST_SUMMARY_CHARS = 200

function whatOf(planned: Waiting): string {
  switch (planned.kind) {
    case 'touch':
      return touchWords(planned.touch)
    case 'message':
      return messageTouchWords(planned.message)
    case 'look':
    case 'bell':
    case 'complete':
      return planned.why
  }
}

/** The decision behind the plan, in the words that every page has for it; null without one. */
function becauseOf(planned: Waiting): string | null {
  switch (planned.kind) {
    case 'touch':
    case 'message':
      return planned.why
    case 'look':
      return planned.because ?? null
    case 'bell':
    case 'complete':
      return null
  }
}

const NEXT_KINDS = {
  touch: 'touch',
  message: 'touch',
  look: 'look',
  bell: 'bell',
  complete: 'done',
} as const

function nextOf(planned: Waiting, facts: LeadFacts, now: Instant): Next {
  switch (planned.kind) {
    case 'bell':
      return { do: 'wait', ms: null }
    case 'complete':
      return { do: 'complete' }
    case 'look':
      return { do: 'wait', ms: Math.max(planned.at - now, LEAST_WAIT_MS) }
    case 'touch': {
      const { episode } = facts
      if (episode === null) throw new Error('a touch is planned outside any episode')
      const { step, position, attempt } = planned.touch
      const touch = { episodeId: episode.id, ...position, attempt, channel: step.channel }
      return { do: 'touch', ms: Math.max(planned.at - now, 0), touch }
    }
    case 'message': {
      const { message, attempt } = planned.message
      const { id: messageId, channel } = message
      const touch = { v: 2, messageId, attempt, channel } as const
      return { do: 'touch', ms: Math.max(planned.at - now, 0), touch }
    }
  }
}

/** Imports stay behind the others, whatever their cadence says; what a person waits for does not. */
function priorityOf(planned: Waiting, lead: LeadRow): Priority {
  if (planned.kind === 'message') return planned.message.priority
  if (planned.kind !== 'touch') return PRIORITY.normal
  return lead.priority === PRIORITY.import ? PRIORITY.import : planned.touch.priority
}
