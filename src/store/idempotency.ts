import { sql } from 'kysely'
import type { LeadId } from '../domain/ids.ts'
import { DAY_MS, type Instant, plus } from '../domain/time.ts'
import type { Executor } from './executor.ts'
import { json } from './json.ts'

export interface KeptResponse {
  readonly status: number
  readonly body: unknown
}

export type KeyTaken =
  /** The caller does the work and keeps its response in the same transaction. */
  | { readonly kind: 'first' }
  | { readonly kind: 'repeated'; readonly response: KeptResponse }
  | { readonly kind: 'other_body' }

/** A response is kept this long; a retry that comes later is a new request. */
const KEPT_MS = 7 * DAY_MS

/**
 * Takes an Idempotency-Key for this transaction. Of two at once the second waits here until the
 * first has committed, and then finds its response.
 */
export async function takeKey(
  trx: Executor,
  key: string,
  bodyHash: string,
  at: Instant,
): Promise<KeyTaken> {
  await trx
    .deleteFrom('idempotency_keys')
    .where('key', '=', key)
    .where('created_at', '<', plus(at, -KEPT_MS))
    .execute()
  const inserted = await trx
    .insertInto('idempotency_keys')
    .values({ key, body_hash: bodyHash, status: 0, response: json(null), created_at: at })
    .onConflict((on) => on.column('key').doNothing())
    .returning('key')
    .executeTakeFirst()
  if (inserted) return { kind: 'first' }
  const row = await trx
    .selectFrom('idempotency_keys')
    .selectAll()
    .where('key', '=', key)
    .executeTakeFirstOrThrow()
  if (row.body_hash !== bodyHash) return { kind: 'other_body' }
  const { text } = row.response as Kept
  return { kind: 'repeated', response: { status: row.status, body: JSON.parse(text) } }
}

/** How an answer is kept: as text, because jsonb does not keep the order of its keys. */
interface Kept {
  /** Whom the answer is about; what it tells of an erased lead is forgotten. */
  readonly leadId: string | null
  readonly text: string
}

/** Keeps the response for whoever asks again with the same key. */
export async function keepResponse(
  trx: Executor,
  key: string,
  { status, body }: KeptResponse,
): Promise<void> {
  const kept: Kept = { leadId: leadIdOf(body), text: JSON.stringify(body) }
  await trx
    .updateTable('idempotency_keys')
    .set({ status, response: json(kept) })
    .where('key', '=', key)
    .execute()
}

/** Forgets the responses that are too old to be asked for; answers how many. */
export async function pruneKeys(executor: Executor, now: Instant): Promise<number> {
  const result = await executor
    .deleteFrom('idempotency_keys')
    .where('created_at', '<', plus(now, -KEPT_MS))
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}

/** Forgets what was answered about an erased person; the keys still work as keys. */
export async function forgetResponses(trx: Executor, leadId: LeadId): Promise<void> {
  const text = JSON.stringify({ lead: { id: leadId, status: 'erased' } })
  const erased: Kept = { leadId, text }
  await trx
    .updateTable('idempotency_keys')
    .set({ response: json(erased) })
    .where(sql<string>`response ->> 'leadId'`, '=', leadId)
    .execute()
}

function leadIdOf(body: unknown): string | null {
  const lead = propertyOf(body, 'lead')
  const leadId = propertyOf(lead, 'id')
  return typeof leadId === 'string' ? leadId : null
}

function propertyOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}
