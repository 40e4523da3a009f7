import { HOUR_MS, type Instant, plus } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'

/**
 * `again`: a provider tries once more, because our answer got lost. `stale`: it came long after the
 * first time, when no provider tries any more: somebody has kept it.
 */
export type Receipt = 'first' | 'again' | 'stale'

/** Twilio tries again for some minutes at most, whatever its webhook's settings are. */
const TRIED_FOR_MS = HOUR_MS

/**
 * Notes that a webhook came, by the id of what it brought, in the transaction that acts on it.
 * Whoever brings the same at the same time waits here for the other.
 */
export async function noteReceipt(trx: Executor, id: string, at: Instant): Promise<Receipt> {
  const fresh = await trx
    .insertInto('receipts')
    .values({ id, first_at: at, note: null })
    .onConflict((on) => on.column('id').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (fresh !== undefined) return 'first'
  const { first_at } = await trx
    .selectFrom('receipts')
    .select('first_at')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return at > plus(first_at, TRIED_FOR_MS) ? 'stale' : 'again'
}

/** What became of it, where that stands nowhere else. */
export async function amendReceipt(trx: Executor, id: string, note: string): Promise<void> {
  await trx.updateTable('receipts').set({ note }).where('id', '=', id).execute()
}
