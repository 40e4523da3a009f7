import type { LeadAttributes } from '../../domain/contract.ts'
import { messageWords } from '../../domain/messages.ts'
import type { TouchPlan } from '../../domain/plan/plan.ts'
import type { MessagePlan } from '../../domain/plan/plan-messages.ts'
import { bestZone, type PolicyPerson, type PolicyRules } from '../../domain/policy/index.ts'
import type { Instant } from '../../domain/time.ts'
import { describeLocal } from '../../domain/time-zones.ts'
import type { EpisodeRow } from '../../store/episodes.ts'
import type { LeadRow } from '../../store/leads.ts'

/** An instant in words, in the person's best known zone. */
export function localWords(at: Instant, person: PolicyPerson, rules: PolicyRules): string {
  return describeLocal(at, bestZone(person, rules).zone)
}

/** "step call-back, sms, attempt 2": no word about the person. */
export function touchWords({ step, attempt }: TouchPlan): string {
  return `step ${step.id}, ${step.channel}${again(attempt)}`
}

/** "answer to STOP, sms": no word about the person, nor of the message. */
export function messageTouchWords({ message, attempt }: MessagePlan): string {
  return `${messageWords(message)}, ${message.channel}${again(attempt)}`
}

function again(attempt: number): string {
  return attempt > 1 ? `, attempt ${attempt}` : ''
}

/** What Temporal's search attributes say of the lead. An owner is shown without a mail domain. */
export function attributesOf(
  lead: Pick<LeadRow, 'status' | 'dead_reason' | 'source' | 'owner'>,
  episode: Pick<EpisodeRow, 'cadence_name'> | null,
  held: boolean,
): LeadAttributes {
  return {
    status: held && lead.status === 'nurturing' ? 'held' : lead.status,
    deadReason: lead.dead_reason,
    cadence: episode?.cadence_name ?? null,
    source: lead.source,
    owner: lead.owner === null ? null : (lead.owner.split('@')[0] ?? null),
  }
}
