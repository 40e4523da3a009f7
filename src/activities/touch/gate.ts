import type { EngineRules } from '../../domain/company/company.ts'
import type { StepTouchRef, TouchInput } from '../../domain/contract.ts'
import { type EpisodeFacts, planLead, type TouchPlan } from '../../domain/plan/plan.ts'
import { rulesFor } from '../../domain/plan/plan-touch.ts'
import {
  type Decision,
  decide,
  explainDecision,
  type MessageClass,
  type PolicyPerson,
  type PolicyRules,
} from '../../domain/policy/index.ts'
import type { Instant } from '../../domain/time.ts'
import { isOfMessage } from '../../domain/touch-ref.ts'
import { contentHash } from '../../leads/evidence/content-hash.ts'
import { type LeadFacts, loadFacts } from '../../leads/facts.ts'
import { takeFromBudget } from '../../leads/messages/email-senders.ts'
import { contactKeysOf, type Person } from '../../leads/people.ts'
import { lockThrottle } from '../../leads/throttle.ts'
import { localWords } from '../../leads/views/words.ts'
import { storeTokens } from '../../leads/web/tokens.ts'
import type { Executor } from '../../store/executor.ts'
import type { LeadRow } from '../../store/leads.ts'
import { appendLedger } from '../../store/ledger.ts'
import { findTouch } from '../../store/touches.ts'
import type { ActivityDeps } from '../deps.ts'
import type { Message } from './prepare.ts'

/** What the gate says. Only `intended` leads to a send. */
export type Gate =
  | { readonly kind: 'intended'; readonly person: PolicyPerson }
  /** Something changed since the plan, or the time is not right: plan anew. */
  | { readonly kind: 'replan' }

/**
 * Steps ① and ② of a touch, in the caller's transaction, which holds all the person's contact
 * keys and the lead row: the plan must still be the lead's newest, the whole policy is asked again
 * for this very moment, and only then the intent is written down beside the decision. Whoever
 * shares a contact point counts this intent from then on, so that no cap is ever exceeded.
 */
export async function intend(
  deps: Pick<ActivityDeps, 'ledgerKey'>,
  trx: Executor,
  lead: LeadRow,
  input: TouchInput,
  message: Message,
  moment: { now: Instant; settings: EngineRules },
): Promise<Gate> {
  const { now, settings } = moment
  if (lead.revision !== input.revision || lead.reconcile_first) return { kind: 'replan' }
  await lockThrottle(trx, lead)
  const facts = await loadFacts(trx, lead, now, settings, message.touchId)
  const planned = plannedTouch(facts, input, now)
  const hash = message.channel === 'email' ? facts.person.emailHash : facts.person.phoneHash
  if (planned === null || hash !== message.contactHash) return { kind: 'replan' }
  if (!isHeld(facts.person, message)) return { kind: 'replan' }
  const { messageClass, rules } = planned
  const decision = decide(facts.person.policy, message.channel, messageClass, now, rules)
  const local = localWords(now, facts.person.policy, settings.policy)
  if (!decision.allowed) {
    const denied = decisionEntry(input, message, planned, decision, 'denied', local, now)
    await appendLedger(trx, deps.ledgerKey, lead, [denied])
  }
  if (!decision.allowed || planned.at > now) return { kind: 'replan' }

  const budget = message.envelope?.budget ?? null
  if (budget !== null && !(await takeFromBudget(trx, budget))) return { kind: 'replan' }
  const episode = facts.plan.episode
  const counted = isOfMessage(input.touch) ? null : episode
  if (!(await writeIntent(trx, lead, input, { message, messageClass, counted }, now))) {
    return { kind: 'replan' }
  }
  await storeTokens(trx, message.tokens, { leadId: lead.id, touchId: message.touchId }, now)
  await appendLedger(trx, deps.ledgerKey, lead, [
    decisionEntry(input, message, planned, decision, 'allowed', local, now),
    {
      kind: 'intent',
      at: now,
      meta: { touch: message.touchId, channel: message.channel },
      payload: {
        template: message.templateVersionId,
        text: message.text,
        sha256: contentHash(message.subject, message.text, message.html),
      },
    },
  ])
  return { kind: 'intended', person: facts.person.policy }
}

/** Whether the keys that the caller holds are still all of the person's. */
function isHeld(person: Person, { contactKeys }: Message): boolean {
  return contactKeysOf(person).every((hash) => contactKeys.includes(hash))
}

interface PlannedTouch {
  readonly at: Instant
  readonly messageClass: MessageClass
  readonly rules: PolicyRules
  /** Why it goes by the step's fallback; absent: it does not. */
  readonly instead?: string
}

/** What the planner says of this touch now; null when it would do something else. */
function plannedTouch(
  { plan }: LeadFacts,
  { touch }: TouchInput,
  now: Instant,
): PlannedTouch | null {
  const planned = planLead(plan, now)
  if (planned.kind === 'message' && isOfMessage(touch)) {
    const { message, attempt } = planned.message
    if (message.id !== touch.messageId || attempt !== touch.attempt) return null
    return { at: planned.at, messageClass: message.class, rules: plan.rules }
  }
  const { episode } = plan
  if (planned.kind !== 'touch' || episode === null || isOfMessage(touch)) return null
  if (!isSame(planned.touch, touch)) return null
  const rules = rulesFor(planned.touch.step, episode, plan.rules)
  const { instead } = planned.touch
  return {
    at: planned.at,
    messageClass: 'marketing',
    rules,
    ...(instead !== undefined && { instead }),
  }
}

function isSame({ step, position, attempt }: TouchPlan, touch: StepTouchRef): boolean {
  return (
    step.id === touch.stepId &&
    step.channel === touch.channel &&
    position.visit === touch.visit &&
    attempt === touch.attempt
  )
}

interface Intent {
  readonly message: Message
  readonly messageClass: MessageClass
  /** The episode whose cadence it counts for; null for a message outside any. */
  readonly counted: EpisodeFacts | null
}

/** Writes the intent, or takes over one whose process died before it began to send. */
async function writeIntent(
  trx: Executor,
  lead: LeadRow,
  { touch }: TouchInput,
  { message, messageClass, counted }: Intent,
  now: Instant,
): Promise<boolean> {
  const content = {
    template_version_id: message.templateVersionId,
    subject: message.subject,
    text: message.text,
    html: message.html,
    sender: message.envelope?.from.address ?? null,
    sender_because: message.envelope?.senderBecause ?? null,
  }
  const left = await findTouch(trx, message.touchId)
  if (left !== null) {
    if (left.state !== 'intent') return false
    await trx.updateTable('touches').set(content).where('id', '=', left.id).execute()
    return true
  }
  await trx
    .insertInto('touches')
    .values({
      ...content,
      id: message.touchId,
      lead_id: lead.id,
      ...(isOfMessage(touch)
        ? { written_id: touch.messageId, episode_id: null, step_id: null, visit: 1 }
        : {
            written_id: null,
            episode_id: touch.episodeId,
            step_id: touch.stepId,
            visit: touch.visit,
          }),
      attempt: touch.attempt,
      cadence: counted?.cadence.name ?? null,
      opens: counted !== null && !counted.reachedOut,
      channel: touch.channel,
      class: messageClass,
      contact_hash: message.contactHash,
      state: 'intent',
      dispatch_token: null,
      message_id: message.messageId,
      provider_id: null,
      failure_kind: null,
      failure_code: null,
      because: null,
      evidence: null,
      intent_at: now,
      dispatched_at: null,
      dispatched_wall_at: null,
      settled_at: null,
      delivered_at: null,
      retry_after_ms: null,
    })
    .execute()
  return true
}

function decisionEntry(
  { touch }: TouchInput,
  message: Message,
  { messageClass, instead }: PlannedTouch,
  decision: Decision,
  verdict: 'allowed' | 'denied',
  local: string,
  at: Instant,
) {
  return {
    kind: 'decision' as const,
    at,
    meta: {
      touch: message.touchId,
      ...(isOfMessage(touch)
        ? { message: touch.messageId }
        : { episode: touch.episodeId, step: touch.stepId }),
      class: messageClass,
      channel: touch.channel,
      verdict,
      ...(instead !== undefined && { fallback: true }),
      ...(!decision.allowed && { by: decision.deniedBy }),
      rulesVersion: decision.rulesVersion,
    },
    payload: {
      local,
      because: explainDecision(decision),
      ...(instead !== undefined && { instead }),
      rules: decision.rules,
    },
  }
}
