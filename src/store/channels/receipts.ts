import { type Instant, MINUTE_MS, plus } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'

/**
 * `again`: it is known, and nobody did wrong: the provider tries once more because our answer got
 * lost, or what was fetched is reported as well. `replayed`: somebody sends what once came.
 */
export type Receipt = 'first' | 'again' | 'replayed'

/** A request by which something was brought, as its sender marks it; null: we fetched it ourselves. */
export type Delivery = {
  /** The same on every try of one request, and on no other; null where the sender gave none. */
  readonly token: string | null
} | null

/** Twilio gives up all tries of a request after 15 seconds, whatever its webhook's settings are. */
const TRIED_FOR_MS = MINUTE_MS
const BY_WEBHOOK = 'webhook:'

/**
 * Notes that something came, by its id, in the transaction that acts on it: what is noted was
 * committed. Whoever brings the same at the same time waits here for the other.
 */
export async function noteReceipt(
  trx: Executor,
  id: string,
  at: Instant,
  delivery: Delivery,
): Promise<Receipt> {
  const note = delivery === null ? null : `${BY_WEBHOOK}${delivery.token ?? ''}`
  const fresh = await trx
    .insertInto('receipts')
    .values({ id, first_at: at, note })
    .onConflict((on) => on.column('id').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (fresh !== undefined) return 'first'
  if (delivery === null) return 'again'
  const known = await trx
    .selectFrom('receipts')
    .select(['first_at', 'note'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  if (!known.note?.startsWith(BY_WEBHOOK)) {
    await trx.updateTable('receipts').set({ note }).where('id', '=', id).execute()
    return 'again'
  }
  const sameTry = delivery.token !== null && known.note === note
  return sameTry && at <= plus(known.first_at, TRIED_FOR_MS) ? 'again' : 'replayed'
}

/** What became of it, where that stands nowhere else. */
export async function amendReceipt(trx: Executor, id: string, note: string): Promise<void> {
  await trx.updateTable('receipts').set({ note }).where('id', '=', id).execute()
}
