import { type Selectable, sql } from 'kysely'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import { newId } from '../new-id.ts'
import type { NoticesTable } from '../schema.ts'

export type NoticeRow = Selectable<NoticesTable>

/** What there may be a notice about, and has been none by that way. */
export type NewNotice = Pick<NoticeRow, 'kind' | 'subject_id' | 'way' | 'lead_id'>

/** Adds notices; one that stands already, by the same way about the same thing, stays. */
export async function addNotices(
  trx: Executor,
  notices: readonly NewNotice[],
  at: Instant,
): Promise<void> {
  if (notices.length === 0) return
  await trx
    .insertInto('notices')
    .values(
      notices.map((notice) => ({
        ...notice,
        id: newId('notice'),
        state: 'due' as const,
        attempts: 0,
        due_at: at,
        created_at: at,
        settled_at: null,
        because: null,
      })),
    )
    .onConflict((on) => on.columns(['kind', 'subject_id', 'way']).doNothing())
    .execute()
}

/**
 * Takes the notices that are due, oldest first: nobody else takes them before `untilAt`, by when
 * they are settled, or their process is gone.
 */
export async function takeDueNotices(
  trx: Executor,
  { now, untilAt, limit }: { now: Instant; untilAt: Instant; limit: number },
): Promise<NoticeRow[]> {
  const { rows } = await sql<NoticeRow>`
    update notices set due_at = ${untilAt}, attempts = attempts + 1
    where id in (
      select id from notices where state = 'due' and due_at <= ${now}
      order by due_at, id limit ${limit} for update skip locked
    )
    returning *`.execute(trx)
  return rows
}

/**
 * The notice is handed over from now on: it is never begun again, for a person who is told twice
 * believes the second one. False when it was begun before.
 */
export async function beginNotice(trx: Executor, id: string): Promise<boolean> {
  const begun = await trx
    .updateTable('notices')
    .set({ state: 'sending' })
    .where('id', '=', id)
    .where('state', '=', 'due')
    .returning('id')
    .executeTakeFirst()
  return begun !== undefined
}

/** What was begun and whose process is gone: it may have been told, and is not told again. */
export async function giveUpNotices(trx: Executor, now: Instant): Promise<void> {
  await trx
    .updateTable('notices')
    .set({ state: 'uncertain', settled_at: now, because: 'its process ended as it was sent' })
    .where('state', '=', 'sending')
    .where('due_at', '<', now)
    .execute()
}

/** When people were last told that mail waits; null: never. */
export async function lastMailNotice(executor: Executor): Promise<Instant | null> {
  const row = await executor
    .selectFrom('notices')
    .select('created_at')
    .where('kind', '=', 'mail')
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.created_at ?? null
}

/** Settles a notice, or has it tried again at `dueAt`. */
export async function settleNotice(
  trx: Executor,
  id: string,
  settled:
    | { readonly state: 'sent'; readonly at: Instant }
    | { readonly state: 'failed' | 'uncertain'; readonly at: Instant; readonly because: string }
    | { readonly state: 'due'; readonly dueAt: Instant; readonly because: string },
): Promise<void> {
  await trx
    .updateTable('notices')
    .set({
      state: settled.state,
      because: settled.state === 'sent' ? null : settled.because,
      ...(settled.state === 'due' ? { due_at: settled.dueAt } : { settled_at: settled.at }),
    })
    .where('id', '=', id)
    .execute()
}
