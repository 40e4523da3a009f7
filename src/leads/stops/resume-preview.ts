import { writeDuration } from '../../domain/cadence/duration.ts'
import type { EngineRules } from '../../domain/company/company.ts'
import type { PaceSettings } from '../../domain/company/pace.ts'
import type { LeadId } from '../../domain/ids.ts'
import { pausedSince, RESUME_MODES, type ResumeMode } from '../../domain/pauses.ts'
import { planLead } from '../../domain/plan/plan.ts'
import { type Instant, MINUTE_MS } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'
import { findLead, type LeadRow } from '../../store/leads.ts'
import { countLeads, nextLeads } from '../bulk/whom.ts'
import { loadFacts } from '../facts.ts'

/** What resuming would do, in each mode; nothing has happened yet. */
export interface ResumePreview {
  readonly leads: number
  /** The leads that were looked at one by one, of which `overdue` tells. */
  readonly looked: number
  readonly overdue: { readonly emails: number; readonly texts: number; readonly tasks: number }
  readonly modes: readonly { readonly mode: ResumeMode; readonly does: string }[]
}

/** More than these would make a page wait; the count stays exact. */
const MOST_LOOKED = 300

/** What resuming a cadence would do to its leads. */
export async function previewCadenceResume(
  executor: Executor,
  cadence: string,
  now: Instant,
  rules: EngineRules,
): Promise<ResumePreview> {
  const concerned = { whom: { kind: 'query', filter: { cadence } }, knownBefore: now } as const
  const judging = { now, rules }
  const { count } = await countLeads(executor, concerned, judging)
  const { leadIds } = await nextLeads(executor, concerned, judging, null, MOST_LOOKED)
  return previewOf(executor, leadIds, count, now, rules, 'cadence')
}

/** What resuming one lead would do. */
export function previewLeadResume(
  executor: Executor,
  lead: LeadRow,
  now: Instant,
  rules: EngineRules,
): Promise<ResumePreview> {
  return previewOf(executor, [lead.id], 1, now, rules, 'lead')
}

async function previewOf(
  executor: Executor,
  leadIds: readonly LeadId[],
  leads: number,
  now: Instant,
  rules: EngineRules,
  scope: 'cadence' | 'lead',
): Promise<ResumePreview> {
  const overdue = { emails: 0, texts: 0, tasks: 0 }
  let pausedMs = 0
  for (const leadId of leadIds) {
    const lead = await findLead(executor, leadId)
    if (lead === null) continue
    const { step, openMs } = await overdueStep(executor, lead, now, rules, scope)
    pausedMs = Math.max(pausedMs, openMs)
    if (step !== null) overdue[step] += 1
  }
  const facts = { leads, looked: leadIds.length, overdue }
  const modes = RESUME_MODES.map((mode) => ({
    mode,
    does: wordsOf(mode, facts, pausedMs, rules.pace),
  }))
  return { ...facts, modes }
}

type Overdue = keyof ResumePreview['overdue']

/** The step that fell due in the pause that is to end, if one did, and how long that stood. */
async function overdueStep(
  executor: Executor,
  lead: LeadRow,
  now: Instant,
  rules: EngineRules,
  scope: 'cadence' | 'lead',
): Promise<{ step: Overdue | null; openMs: number }> {
  const { plan, pauses } = await loadFacts(executor, lead, now, rules)
  const { episode } = plan
  if (episode === null) return { step: null, openMs: 0 }
  const others = pauses.filter((pause) => pause.liftedAt !== null || pause.scope !== scope)
  const pausedMs = pausedSince(others, episode.anchorAt, now)
  const unpaused = { ...episode, pausedMs, skippedUntil: now }
  const planned = planLead({ ...plan, holds: [], messages: [], episode: unpaused }, now)
  const openMs = episode.pausedMs - pausedMs
  if (planned.kind !== 'pass') return { step: null, openMs }
  if (planned.step.kind === 'task') return { step: 'tasks', openMs }
  return { step: planned.step.channel === 'email' ? 'emails' : 'texts', openMs }
}

function wordsOf(
  mode: ResumeMode,
  { leads, looked, overdue }: Omit<ResumePreview, 'modes'>,
  pausedMs: number,
  pace: PaceSettings,
): string {
  const { emails, texts, tasks } = overdue
  const late = emails + texts + tasks
  const of = looked < leads ? ` (of the first ${looked} of ${leads} leads)` : ''
  switch (mode) {
    case 'shift':
      return `All times move by as long as it stood still, ${durationWords(pausedMs)} by now. Nothing is passed over.`
    case 'skip-overdue':
      if (late === 0) return `Nothing is overdue${of}: everything keeps its date.`
      return `${late} overdue steps are passed over${of}, and what follows them when it has fallen due too. Everything else keeps its date.`
    case 'send-one': {
      if (late === 0) return `Nothing is overdue${of}: everything keeps its date.`
      const minutes = Math.max(
        Math.ceil(emails / pace.lateEmailsPerMinute),
        Math.ceil(texts / pace.lateTextsPerMinute),
      )
      return `${emails} overdue emails and ${texts} texts leave and ${tasks} tasks are given${of}: at most ${pace.lateEmailsPerMinute} emails and ${pace.lateTextsPerMinute} texts a minute, so for about ${minutes} minutes where the hours allow. What follows counts from then; everything else keeps its date.`
    }
  }
}

function durationWords(ms: number): string {
  return writeDuration(Math.max(MINUTE_MS, ms))
}
