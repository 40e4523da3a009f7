import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import { json } from '../json.ts'

/** How far texts were fetched from the provider, and which of the last ones are known. */
export interface TextCursor {
  readonly at: Instant
  /** Ids of those that the next fetch will show again. */
  readonly seen: readonly string[]
  /** Nobody else fetches before. */
  readonly heldUntil: Instant
}

const KEY = 'text-cursor'

/** Takes the cursor for a while; null while another process has it. */
export async function takeTextCursor(
  trx: Executor,
  { now, heldUntil, first }: { now: Instant; heldUntil: Instant; first: Instant },
): Promise<TextCursor | null> {
  const fresh = json({ at: first, seen: [], heldUntil: 0 })
  await trx
    .insertInto('settings')
    .values({ key: KEY, value: fresh, updated_at: now })
    .onConflict((on) => on.column('key').doNothing())
    .execute()
  const row = await trx
    .selectFrom('settings')
    .select('value')
    .where('key', '=', KEY)
    .forUpdate()
    .executeTakeFirstOrThrow()
  // Only this file writes it.
  const cursor = row.value as TextCursor
  if (cursor.heldUntil > now) return null
  await keepTextCursor(trx, { ...cursor, heldUntil }, now)
  return cursor
}

/** Keeps how far texts were fetched. */
export async function keepTextCursor(
  trx: Executor,
  cursor: TextCursor,
  now: Instant,
): Promise<void> {
  await trx
    .updateTable('settings')
    .set({ value: json(cursor), updated_at: now })
    .where('key', '=', KEY)
    .execute()
}
