import { createHash } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { TouchRef } from '../domain/contract.ts'
import { type EpisodeId, id, type LeadId, type MessageId, type TouchId } from '../domain/ids.ts'
import { isOfMessage } from '../domain/touch-ref.ts'
import type { Executor } from './executor.ts'
import type { TouchesTable, TouchState } from './schema.ts'

export type TouchRow = Selectable<TouchesTable>

/** States in which a message may have reached the person; they count in caps. */
export const REACHED_OUT = ['sent', 'delivered', 'uncertain'] as const satisfies TouchState[]

/**
 * Takes back what was intended and not begun: no process may begin to send it any more. Part of
 * every transaction that makes the lead's plan stale.
 */
export async function abandonIntents(
  trx: Executor,
  leadId: LeadId,
  because: string,
): Promise<void> {
  await abandoning(trx, leadId, because).execute()
}

/** The statement of it, to be one with another. */
export function abandoning(trx: Pick<Executor, 'updateTable'>, leadId: LeadId, because: string) {
  return trx
    .updateTable('touches')
    .set({ state: 'abandoned', because })
    .where('lead_id', '=', leadId)
    .where('state', '=', 'intent')
}

/** The attempts at the same step visit, or message, as this one, oldest first. */
export function attemptsLike(
  executor: Executor,
  touch: Pick<TouchRow, 'episode_id' | 'step_id' | 'visit' | 'written_id'>,
): Promise<TouchRow[]> {
  const { episode_id, step_id, visit, written_id } = touch
  return executor
    .selectFrom('touches')
    .selectAll()
    .where((on) =>
      written_id === null
        ? on.and({ episode_id, step_id, visit })
        : on('written_id', '=', written_id),
    )
    .orderBy('attempt')
    .execute()
}

/** The attempts at some messages, oldest first. */
export function attemptsAtMessages(
  executor: Executor,
  messageIds: readonly MessageId[],
): Promise<(PlannedTouch & { readonly written_id: MessageId | null })[]> {
  return executor
    .selectFrom('touches')
    .select([...PLANNED_COLUMNS, 'written_id'])
    .where('written_id', 'in', [...messageIds])
    .orderBy('attempt')
    .execute()
}

/** The last touches that may have reached the lead, oldest first. */
export async function reachedOut(
  executor: Executor,
  leadId: LeadId,
  limit = 12,
): Promise<Pick<TouchRow, 'id' | 'channel' | 'dispatched_at' | 'intent_at'>[]> {
  const rows = await executor
    .selectFrom('touches')
    .select(['id', 'channel', 'dispatched_at', 'intent_at'])
    .where('lead_id', '=', leadId)
    .where('state', 'in', [...REACHED_OUT])
    .orderBy('intent_at', 'desc')
    .limit(limit)
    .execute()
  return rows.reverse()
}

export function hasReachedOut({ state }: Pick<TouchRow, 'state'>): boolean {
  return REACHED_OUT.some((each) => each === state)
}

/** What the planner reads of a touch. */
export type PlannedTouch = Pick<TouchRow, (typeof PLANNED_COLUMNS)[number]>
export const PLANNED_COLUMNS = [
  'episode_id',
  'step_id',
  'visit',
  'attempt',
  'channel',
  'state',
  'failure_kind',
  'because',
  'intent_at',
  'dispatched_at',
  'settled_at',
  'retry_after_ms',
] as const

/** The Message-IDs of an episode's emails that may have reached an address, oldest first. */
export async function emailsOfEpisode(
  executor: Executor,
  episodeId: EpisodeId,
  contactHash: string,
): Promise<string[]> {
  const rows = await executor
    .selectFrom('touches')
    .select('message_id')
    .where('episode_id', '=', episodeId)
    .where('contact_hash', '=', contactHash)
    .where('channel', '=', 'email')
    .where('state', 'in', [...REACHED_OUT])
    .orderBy('intent_at')
    .execute()
  return rows.flatMap(({ message_id }) => message_id ?? [])
}

export async function findTouch(executor: Executor, touchId: TouchId): Promise<TouchRow | null> {
  const row = await executor
    .selectFrom('touches')
    .selectAll()
    .where('id', '=', touchId)
    .executeTakeFirst()
  return row ?? null
}

/** The same for every try at one attempt, so that its Message-ID is the same too. */
export function touchIdOf(leadId: string, touch: TouchRef): TouchId {
  const parts = isOfMessage(touch)
    ? [leadId, touch.messageId, touch.attempt]
    : [leadId, touch.episodeId, touch.stepId, touch.visit, touch.attempt]
  const digest = createHash('sha256').update(parts.join('/')).digest('hex')
  return id<TouchId>(`touch_${digest.slice(0, 32)}`)
}
