import { type Selectable, sql } from 'kysely'
import { id, type LeadId, type SignalId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import type { ReplyVerdictsTable } from '../schema.ts'

export type ReplyVerdict = Selectable<ReplyVerdictsTable>

/** The verdict on a signal that stands; null when there is none, or it was taken back. */
export async function standingVerdict(
  executor: Executor,
  leadId: LeadId,
  signalId: SignalId,
): Promise<ReplyVerdict | null> {
  const row = await executor
    .selectFrom('reply_verdicts')
    .selectAll()
    .where('lead_id', '=', leadId)
    .where('signal_id', '=', signalId)
    .where('undone_at', 'is', null)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row ?? null
}

/**
 * The leads on which a verdict of the very same answer stands: it came once, by a contact point that
 * they share, and was read for each. In id order, with the lead itself.
 */
export async function sameAnswer(
  executor: Executor,
  leadId: LeadId,
  signalId: SignalId,
): Promise<{ leadId: LeadId; signalId: SignalId }[]> {
  const event = signalId.endsWith(`:${leadId}`) ? signalId.slice(0, -(leadId.length + 1)) : signalId
  const rows = await executor
    .selectFrom('reply_verdicts')
    .select(['lead_id as leadId', 'signal_id as signalId'])
    .distinct()
    .where('undone_at', 'is', null)
    .where((on) =>
      on.or([
        on('signal_id', '=', id<SignalId>(event)),
        on('signal_id', '=', sql<SignalId>`${event} || ':' || lead_id`),
      ]),
    )
    .orderBy('lead_id')
    .execute()
  return rows
}

/** The verdicts that the planner has not put on its clock yet, oldest first. */
export function newVerdicts(executor: Executor, leadId: LeadId): Promise<ReplyVerdict[]> {
  return executor
    .selectFrom('reply_verdicts')
    .selectAll()
    .where('lead_id', '=', leadId)
    .where('asked_at', 'is', null)
    .where('undone_at', 'is', null)
    .orderBy('created_at')
    .execute()
}

/** Every verdict on the lead's answers, oldest first; also those that were taken back. */
export function verdictsOf(executor: Executor, leadId: LeadId): Promise<ReplyVerdict[]> {
  return executor
    .selectFrom('reply_verdicts')
    .selectAll()
    .where('lead_id', '=', leadId)
    .orderBy('created_at')
    .execute()
}

/** Every "later" that stands and was said since then, oldest first. */
export function postponementsSince(
  executor: Executor,
  leadId: LeadId,
  since: Instant,
): Promise<ReplyVerdict[]> {
  return executor
    .selectFrom('reply_verdicts')
    .selectAll()
    .where('lead_id', '=', leadId)
    .where('intent', '=', 'postpone')
    .where('undone_at', 'is', null)
    .where('asked_at', '>=', since)
    .orderBy('asked_at')
    .execute()
}
