import { z } from 'zod'
import type { LeadId } from '../../domain/ids.ts'
import { messageWords } from '../../domain/messages.ts'
import { bestZone } from '../../domain/policy/index.ts'
import type { Channel } from '../../domain/policy/types.ts'
import type { Instant } from '../../domain/time.ts'
import { loadPerson } from '../../leads/people.ts'
import type { Executor } from '../../store/executor.ts'
import { findLead } from '../../store/leads.ts'

/** One thing in the life of a lead, in the order in which it is told. */
export type StoryEvent = { readonly at: Instant } & (
  | {
      /** Something that happened to the lead. */
      readonly kind: 'signal'
      readonly signal: string
      /** What it did, in words. */
      readonly effect: string
      /** What the lead wrote; null when it wrote nothing. */
      readonly words: string | null
    }
  | {
      readonly kind: 'became'
      readonly status: string
      readonly reason: string | null
      readonly because: string
    }
  | { readonly kind: 'episode'; readonly cadence: string; readonly episode: string }
  | {
      readonly kind: 'touch'
      readonly channel: Channel
      /** null for a message outside any cadence. */
      readonly step: string | null
      readonly state: string
      readonly subject: string | null
      readonly text: string
      /** Why it was allowed at this moment, one sentence for each rule that had a say. */
      readonly reasons: readonly string[]
    }
  | {
      readonly kind: 'dropped'
      /** "step call-back", "answer to STOP". */
      readonly what: string
      readonly reasons: readonly string[]
    }
  | { readonly kind: 'task'; readonly title: string }
)

export interface Story {
  readonly leadId: LeadId
  /** In whose local time it is told. */
  readonly zone: string
  readonly events: readonly StoryEvent[]
  /** What comes next, in words; null when nothing is planned. */
  readonly next: string | null
}

/** What can be told of one lead from the rows: facts, touches, and why each was allowed or not. */
export async function readStory(
  executor: Executor,
  leadId: LeadId,
  companyZone: string,
): Promise<Story> {
  const lead = await findLead(executor, leadId)
  if (lead === null) throw new Error('the lead of a story is not there')
  const person = await loadPerson(executor, lead, lead.updated_at)
  const decisions = await decisionsOf(executor, leadId)
  const transitions = await transitionsOf(executor, leadId)
  const parts: readonly (readonly StoryEvent[])[] = [
    await signalsOf(executor, leadId),
    transitions,
    await episodesOf(executor, leadId),
    await touchesOf(executor, leadId, decisions),
    decisions.flatMap(droppedBy),
    await tasksOf(executor, leadId, transitions),
  ]
  return {
    leadId,
    zone: bestZone(person.policy, { companyZone, countryPacks: [] }).zone,
    // Of what happened in one moment, the cause stands before what it did.
    events: parts.flat().sort((a, b) => a.at - b.at),
    next: lead.next_words,
  }
}

async function signalsOf(executor: Executor, leadId: LeadId): Promise<StoryEvent[]> {
  const rows = await executor
    .selectFrom('signals')
    .select(['kind', 'effect', 'payload', 'processed_at', 'received_at'])
    .where('lead_id', '=', leadId)
    .orderBy('seq')
    .execute()
  return rows.map(({ kind, effect, payload, processed_at, received_at }) => ({
    at: processed_at ?? received_at,
    kind: 'signal',
    signal: kind,
    effect: effect ?? 'not looked at yet',
    words: wordsSchema.parse(payload),
  }))
}

/** What the lead said, wherever a signal keeps it. */
const wordsSchema = z
  .object({ text: z.string().nullish(), words: z.string().nullish() })
  .transform(({ text, words }) => text ?? words ?? null)

async function transitionsOf(executor: Executor, leadId: LeadId): Promise<StoryEvent[]> {
  const rows = await executor
    .selectFrom('transitions')
    .select(['to_status', 'dead_reason', 'because', 'at'])
    .where('lead_id', '=', leadId)
    .where('from_status', 'is not', null)
    .orderBy('at')
    .execute()
  return rows.map(({ at, to_status, dead_reason, because }) => ({
    at,
    kind: 'became',
    status: to_status,
    reason: dead_reason,
    because,
  }))
}

async function episodesOf(executor: Executor, leadId: LeadId): Promise<StoryEvent[]> {
  const rows = await executor
    .selectFrom('episodes')
    .select(['kind', 'cadence_name', 'started_at'])
    .where('lead_id', '=', leadId)
    .orderBy('number')
    .execute()
  return rows.map(({ kind, cadence_name, started_at }) => ({
    at: started_at,
    kind: 'episode',
    cadence: cadence_name,
    episode: kind,
  }))
}

async function touchesOf(
  executor: Executor,
  leadId: LeadId,
  decisions: readonly DecisionRow[],
): Promise<StoryEvent[]> {
  const rows = await executor
    .selectFrom('touches')
    .select(['id', 'channel', 'step_id', 'state', 'subject', 'text', 'dispatched_at', 'intent_at'])
    .where('lead_id', '=', leadId)
    .orderBy('intent_at')
    .execute()
  return rows.map((row) => ({
    at: row.dispatched_at ?? row.intent_at,
    kind: 'touch',
    channel: row.channel,
    step: row.step_id,
    state: row.state,
    subject: row.subject,
    text: row.text ?? '',
    reasons: decisions.find(({ touch }) => touch === row.id)?.reasons ?? [],
  }))
}

interface DecisionRow {
  readonly at: Instant
  readonly touch: string | null
  readonly what: string
  readonly allowed: boolean
  readonly reasons: readonly string[]
}

/** A decision as the ledger keeps it; an erased one has no rules left. */
const decisionSchema = z.object({
  touch: z.string().nullish(),
  step: z.string().nullish(),
  class: z.enum(['marketing', 'required', 'conversation', 'transactional']).nullish(),
  answer: z.enum(['stop', 'start', 'help']).nullish(),
  verdict: z.string(),
  because: z.string().nullish(),
  rules: z
    .array(z.object({ rule: z.string(), verdict: z.string(), because: z.string() }))
    .default([]),
})

/** Rules of which nobody needs to hear that they allowed. */
const GOES_WITHOUT_SAYING = new Set(['erased', 'suppression', 'contact_point'])

async function decisionsOf(executor: Executor, leadId: LeadId): Promise<DecisionRow[]> {
  const rows = await executor
    .selectFrom('ledger_entries')
    .select(['at', 'meta', 'payload'])
    .where('lead_id', '=', leadId)
    .where('kind', '=', 'decision')
    .orderBy('seq')
    .execute()
  return rows.map(({ at, meta, payload }) => {
    const read = decisionSchema.parse({ ...payload, ...meta })
    const allowed = read.verdict === 'allowed'
    const wanted = allowed ? 'allow' : 'deny'
    const reasons = read.rules
      .filter(
        ({ rule, verdict }) => verdict === wanted && !(allowed && GOES_WITHOUT_SAYING.has(rule)),
      )
      .map(({ because }) => because)
    const said = reasons.length === 0 && read.because ? [read.because] : reasons
    return { at, touch: read.touch ?? null, what: whatOf(read), allowed, reasons: said }
  })
}

function whatOf({ step, class: kind, answer }: z.output<typeof decisionSchema>): string {
  if (step) return `step ${step}`
  if (!kind || kind === 'marketing') return 'a message'
  return messageWords({ class: kind, answer: answer ?? null })
}

function droppedBy({ allowed, at, what, reasons }: DecisionRow): StoryEvent[] {
  return allowed ? [] : [{ at, kind: 'dropped', what, reasons }]
}

/**
 * A task to answer the lead is opened in the moment its message is accepted, by the wall clock;
 * it is told where the lead's own clock has the answer.
 */
async function tasksOf(
  executor: Executor,
  leadId: LeadId,
  transitions: readonly StoryEvent[],
): Promise<StoryEvent[]> {
  const rows = await executor
    .selectFrom('tasks')
    .select(['kind', 'title', 'created_at'])
    .where('lead_id', '=', leadId)
    .orderBy('created_at')
    .execute()
  const engaged = transitions.find((event) => event.kind === 'became' && event.status === 'engaged')
  return rows.map(({ kind, title, created_at }) => ({
    at: kind === 'reply' && engaged ? engaged.at : created_at,
    kind: 'task',
    title,
  }))
}
