import type { EngineRules } from '../../domain/company/company.ts'
import { messageWords } from '../../domain/messages.ts'
import { type Planned, planLead } from '../../domain/plan/plan.ts'
import {
  bestZone,
  CHANNELS,
  type Channel,
  type Decision,
  decide,
  explainDecision,
  locate,
  type OpenHours,
  openHours,
} from '../../domain/policy/index.ts'
import { type Instant, toIso } from '../../domain/time.ts'
import { describeLocal } from '../../domain/time-zones.ts'
import type { Executor } from '../../store/executor.ts'
import type { LeadRow } from '../../store/leads.ts'
import { loadFacts } from '../facts.ts'
import { loadSituation } from '../situation.ts'
import { type CallView, explainCall } from '../tasks/calls.ts'
import { type ScoreView, shownScore } from './score.ts'
import { isoOrNull, type LeadView, nextOf, viewLead } from './view.ts'
import { messageTouchWords } from './words.ts'

/** Why a lead is contacted, why not, what comes next and when. */
export interface Explanation {
  readonly status: string
  /** The whole story in a few sentences. */
  readonly summary: string
  readonly where: {
    readonly zone: string
    readonly zones: readonly string[]
    readonly states: readonly string[]
    readonly evidence: readonly string[]
    readonly warnings: readonly string[]
    /** How many hours of a week the law leaves open for texts, and what costs or wins some. */
    readonly textHours: OpenHours
  }
  readonly channels: Readonly<Record<Channel, ChannelExplanation>>
  /** Whether a person may call now. */
  readonly call: CallView
  readonly next: {
    /** What the planner stored when it last looked. */
    readonly planned: LeadView['next']
    /** What would be planned now. */
    readonly now: { readonly kind: string; readonly at: string | null; readonly why: string | null }
  }
  /** How promising it is, and what that is made of. */
  readonly score: ScoreView
  readonly holds: LeadView['holds']
  /** Signals that the planner has not seen yet. */
  readonly unprocessed: number
  readonly rulesVersion: string
}

interface ChannelExplanation {
  readonly allowed: boolean
  readonly words: string
  readonly nextAllowedAt: string | null
  readonly rules: Decision['rules']
}

/** Explains a lead as of `now`, from the same facts and functions that plan and send. */
export async function explainLead(
  executor: Executor,
  lead: LeadRow,
  now: Instant,
  rules: EngineRules,
): Promise<Explanation> {
  const { plan, episode } = await loadFacts(executor, lead, now, rules)
  const { score } = await loadSituation(executor, lead, plan.person, episode, now, rules)
  const planned = planLead(plan, now)
  const { zone } = bestZone(plan.person, rules.policy)
  const { zones, states, evidence, warnings } = locate(plan.person, rules.policy)
  const textHours = openHours(plan.person, now, rules.policy)
  const [email, sms] = CHANNELS.map((channel) =>
    explainChannel(decide(plan.person, channel, 'marketing', now, rules.policy)),
  )
  if (email === undefined || sms === undefined) throw new Error('there are two channels')
  const view = await viewLead(executor, lead)
  return {
    status: view.status,
    summary: summaryOf(lead, planned, zone),
    where: { zone, zones, states, evidence, warnings, textHours },
    channels: { email, sms },
    call: await explainCall(executor, lead, now, rules),
    next: {
      planned: nextOf(lead),
      now: { kind: planned.kind, at: instantOf(planned), why: whyOf(planned) },
    },
    score: shownScore(score),
    holds: view.holds,
    unprocessed: await countUnprocessed(executor, lead),
    rulesVersion: rules.policy.version,
  }
}

function explainChannel(decision: Decision): ChannelExplanation {
  return {
    allowed: decision.allowed,
    words: explainDecision(decision),
    nextAllowedAt: decision.allowed ? null : isoOrNull(decision.nextAllowedAt),
    rules: decision.rules,
  }
}

function summaryOf(lead: LeadRow, planned: Planned, zone: string): string {
  const reason = lead.dead_reason === null ? '' : ` (${lead.dead_reason})`
  const state = `The lead is ${lead.status}${reason}.`
  switch (planned.kind) {
    case 'touch': {
      const { step, attempt } = planned.touch
      const again = attempt > 1 ? `, attempt ${attempt}` : ''
      return `${state} Next: step ${step.id} by ${step.channel}${again}, ${describeLocal(planned.at, zone)}.`
    }
    case 'message':
      return `${state} Next: ${messageTouchWords(planned.message)}, ${describeLocal(planned.at, zone)}.`
    case 'close_message':
      return `${state} The ${messageWords(planned.message)} is about to be closed: ${ended(planned.close.because)}`
    case 'look': {
      const because = planned.because === undefined ? '' : ` ${planned.because}`
      return `${state} Until ${describeLocal(planned.at, zone)} nothing happens by itself: ${planned.why}.${because}`
    }
    case 'bell':
      return `${state} Nothing is planned: ${planned.why}.`
    case 'complete':
      return `${state} Nothing more happens by itself: ${planned.why}.`
    case 'advance':
      return `${state} It is about to move to the next step: ${planned.why}.`
    case 'drop':
      return `${state} Step ${planned.step.id} will be dropped: ${ended(whyOf(planned) ?? 'it cannot be sent')}`
    case 'pass':
      return `${state} Step ${planned.step.id} was due while it was held, and is passed over.`
    case 'line_up':
      return `${state} Step ${planned.step.id} is late, and is about to get its turn.`
    case 'task':
      return `${state} A person is about to get a task: ${planned.step.title}.`
    case 'flow':
      return `${state} Step ${planned.done.step.id} is about to be done: ${planned.done.because}.`
    case 'end':
      return planned.step === undefined
        ? `${state} Its cadence is about to end without an answer.`
        : `${state} Its cadence is about to end at step ${planned.step.id}.`
    case 'check_in':
      return `${state} The planned check-in is due.`
    case 'watch':
      return `${state} Nobody has said yet what became of it.`
  }
}

/** With its full stop: a decision in words has one, a plain reason has none. */
function ended(words: string): string {
  return words.endsWith('.') ? words : `${words}.`
}

function instantOf(planned: Planned): string | null {
  return 'at' in planned ? toIso(planned.at) : null
}

function whyOf(planned: Planned): string | null {
  if (planned.kind === 'look') return planned.because ?? planned.why
  if ('why' in planned) return planned.why
  if (planned.kind === 'close_message') return planned.close.because
  if (planned.kind === 'flow') return planned.done.because
  if (planned.kind !== 'drop') return null
  const { drop } = planned
  return drop.kind === 'denied' ? explainDecision(drop.decision) : drop.because
}

async function countUnprocessed(executor: Executor, lead: LeadRow): Promise<number> {
  const row = await executor
    .selectFrom('signals')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('lead_id', '=', lead.id)
    .where('processed_at', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}
