import { type Selectable, sql } from 'kysely'
import type { LeadId, MessageId } from '../../domain/ids.ts'
import type { MessageOutcome } from '../../domain/messages.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import { type LeadRow, patchLead } from '../leads.ts'
import type { MessagesTable } from '../schema.ts'

export type MessageRow = Selectable<MessagesTable>

/** Adds a message for a locked lead, and counts it as open. */
export async function addMessage(
  trx: Executor,
  lead: LeadRow,
  message: Omit<MessageRow, 'lead_id' | 'seen_at' | 'not_after' | ClosedColumns>,
): Promise<void> {
  await trx
    .insertInto('messages')
    .values({ ...message, ...OPEN, lead_id: lead.id })
    .execute()
  await patchLead(trx, lead, { open_messages: lead.open_messages + 1 })
}

type ClosedColumns = 'closed_at' | 'outcome' | 'because'
const OPEN = { seen_at: null, not_after: null, closed_at: null, outcome: null, because: null }

/** The message of this id, whatever its state; null when there is none. */
export async function findMessage(
  executor: Executor,
  messageId: MessageId,
): Promise<MessageRow | null> {
  const row = await executor
    .selectFrom('messages')
    .selectAll()
    .where('id', '=', messageId)
    .executeTakeFirst()
  return row ?? null
}

/** The lead's messages that wait to leave, oldest first. */
export function openMessages(executor: Executor, leadId: LeadId): Promise<MessageRow[]> {
  return executor
    .selectFrom('messages')
    .selectAll()
    .where('lead_id', '=', leadId)
    .where('closed_at', 'is', null)
    .orderBy('requested_at')
    .orderBy('id')
    .execute()
}

/**
 * Puts a locked lead's new messages on the planner's clock: what is left of their time by the
 * wall clock is what they have from now on, also where time is skipped.
 */
export async function stampMessages(
  trx: Executor,
  lead: LeadRow,
  { now, wall }: { readonly now: Instant; readonly wall: Instant },
): Promise<void> {
  if (lead.open_messages === 0) return
  await trx
    .updateTable('messages')
    .set({
      seen_at: now,
      not_after: sql<Instant>`requested_at + valid_ms + ${sql.lit(now - wall)}`,
    })
    .where('lead_id', '=', lead.id)
    .where('closed_at', 'is', null)
    .where('seen_at', 'is', null)
    .execute()
}

/** Closes a message of a locked lead; false when it was closed before. */
export async function closeMessage(
  trx: Executor,
  lead: LeadRow,
  messageId: MessageId,
  closed: { readonly outcome: MessageOutcome; readonly because: string; readonly at: Instant },
): Promise<boolean> {
  const row = await trx
    .updateTable('messages')
    .set({ closed_at: closed.at, outcome: closed.outcome, because: closed.because })
    .where('id', '=', messageId)
    .where('closed_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  if (!row) return false
  await patchLead(trx, lead, { open_messages: lead.open_messages - 1 })
  return true
}

/** Forgets what the messages to an erased lead said, and sends none of them any more. */
export async function eraseMessages(trx: Executor, lead: LeadRow, at: Instant): Promise<void> {
  await trx
    .updateTable('messages')
    .set({ subject: null, text: null, because: null })
    .where('lead_id', '=', lead.id)
    .execute()
  await trx
    .updateTable('messages')
    .set({ closed_at: at, outcome: 'erased' })
    .where('lead_id', '=', lead.id)
    .where('closed_at', 'is', null)
    .execute()
  await patchLead(trx, lead, { open_messages: 0 })
}
