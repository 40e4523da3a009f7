import type { LeadUpdate, UpdateStep } from '../domain/cadence/flow-types.ts'
import { jumpPosition, nextPosition } from '../domain/cadence/walk.ts'
import type { FlowDone } from '../domain/plan/plan-flow.ts'
import type { Instant } from '../domain/time.ts'
import type { LeadFacts } from '../leads/facts.ts'
import { audit } from '../store/company/audit.ts'
import { addDelivery, liveWebhook } from '../store/company/webhooks.ts'
import { type EpisodeRow, moveTo } from '../store/episodes.ts'
import type { Executor } from '../store/executor.ts'
import { json } from '../store/json.ts'
import { type LeadRow, patchLead } from '../store/leads.ts'
import { newId } from '../store/new-id.ts'
import { addStepResult, type StepResult } from '../store/step-results.ts'
import { raiseAlert } from '../store/watch/alerts.ts'

/** Keeps what a step came to, does what it does, and moves the lead on. */
export async function carryOutFlow(
  trx: Executor,
  lead: LeadRow,
  facts: LeadFacts,
  done: FlowDone,
  { now, wall }: { readonly now: Instant; readonly wall: Instant },
): Promise<void> {
  const { episode, plan } = facts
  const position = plan.episode?.position ?? null
  if (episode === null || plan.episode === null || position === null) return
  const { step, outcome, arm, because, at } = done
  const first = await noteResult(trx, lead, facts, step.kind, {
    outcome,
    arm,
    because,
    at,
    goesTo: done.to,
  })
  if (first && step.kind === 'update') await update(trx, lead, episode, step, at)
  if (first && step.kind === 'webhook')
    await tell(trx, lead, episode, step.to, position, { now, wall })
  const { cadence, sendNow } = plan.episode
  const jump = done.to === null ? null : jumpPosition(cadence, position, done.to)
  const next = jump ?? nextPosition(cadence, position)
  // Whoever was to hear at once is not kept waiting by what stands before the next message.
  await moveTo(trx, episode.id, next.kind === 'step' ? next.position : null, at, {
    hurried: sendNow,
  })
}

interface Noted extends Pick<StepResult, 'outcome' | 'because' | 'at'> {
  readonly arm?: string | null
  readonly goesTo?: string | null
}

/** Keeps what the current step came to; false when that is known already, from another version. */
export async function noteResult(
  trx: Executor,
  lead: LeadRow,
  { episode, plan }: LeadFacts,
  kind: StepResult['kind'],
  { outcome, because, at, arm = null, goesTo = null }: Noted,
): Promise<boolean> {
  const position = plan.episode?.position ?? null
  if (episode === null || position === null) return false
  return addStepResult(trx, {
    episode_id: episode.id,
    step_id: position.stepId,
    visit: position.visit,
    lead_id: lead.id,
    kind,
    outcome,
    arm,
    goes_to: goesTo,
    because,
    at,
  })
}

async function update(
  trx: Executor,
  lead: LeadRow,
  { cadence_name: cadence }: EpisodeRow,
  { id: step, update: change }: UpdateStep,
  at: Instant,
): Promise<void> {
  const by = `cadence:${cadence}`
  await patchLead(trx, lead, {
    attributes: json(attributesWith(lead.attributes, change)),
    tags: json(tagsWith(lead.tags, change)),
    ...(change.owner !== undefined && { owner: change.owner }),
  })
  if (change.score !== 0) {
    await trx
      .insertInto('score_changes')
      .values({
        id: newId('score'),
        lead_id: lead.id,
        points: change.score,
        because: `step ${step} of ${cadence}`,
        by,
        at,
      })
      .execute()
  }
  const details = { step, fields: changedBy(change) }
  await audit(trx, { who: by, action: 'update', leadId: lead.id, details, at })
}

function attributesWith(
  attributes: LeadRow['attributes'],
  change: LeadUpdate,
): Record<string, unknown> {
  const merged = { ...attributes, ...change.attributes }
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null))
}

function tagsWith(tags: readonly string[], { addTags, removeTags }: LeadUpdate): string[] {
  return [...new Set([...tags, ...addTags])].filter((tag) => !removeTags.includes(tag))
}

function changedBy({ attributes, score, owner, addTags, removeTags }: LeadUpdate): string[] {
  return [
    ...Object.keys(attributes).map((name) => `attributes.${name}`),
    ...(score === 0 ? [] : ['score']),
    ...(owner === undefined ? [] : ['owner']),
    ...(addTags.length + removeTags.length === 0 ? [] : ['tags']),
  ]
}

/** One row, in the transaction that moves the lead on; the deliveries' loop sends it. */
async function tell(
  trx: Executor,
  lead: LeadRow,
  episode: EpisodeRow,
  name: string,
  { stepId, visit }: { readonly stepId: string; readonly visit: number },
  { now, wall }: { readonly now: Instant; readonly wall: Instant },
): Promise<void> {
  if ((await liveWebhook(trx, name)) === null) {
    return raiseAlert(trx, {
      kind: 'webhook_failed',
      leadId: null,
      because: `A cadence tells “${name}”, and there is no endpoint of that name.`,
      fix: 'Add it with PUT /v1/webhooks/NAME, or take the step out of the cadence.',
      at: now,
    })
  }
  await addDelivery(trx, {
    webhook: name,
    lead_id: lead.id,
    episode_id: episode.id,
    step_id: stepId,
    visit,
    happened_at: now,
    at: wall,
  })
}
