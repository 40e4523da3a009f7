import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { LeadId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import type { Executor } from './executor.ts'
import { json } from './json.ts'
import type { LedgerEntriesTable } from './schema.ts'

export interface LedgerEntry {
  readonly kind: LedgerEntriesTable['kind']
  readonly at: Instant
  /** Ids, enums, numbers: stays after an erasure. */
  readonly meta: Record<string, unknown>
  /** What may be personal: its salt and itself can be erased, its hash stays. */
  readonly payload: Record<string, unknown> | null
}

/**
 * Appends to the lead's ledger; the caller holds the lead row. Each entry's hash is
 * HMAC(key, previous ‖ meta ‖ H(salt ‖ payload)); head and count stand on the lead row, so that
 * edits, gaps and a cut tail are found.
 */
export async function appendLedger(
  trx: Executor,
  key: Buffer,
  lead: { id: LeadId; ledger_head: string | null; ledger_count: number },
  entries: readonly LedgerEntry[],
): Promise<void> {
  if (entries.length === 0) return
  let { ledger_head: previous, ledger_count: count } = lead
  const rows = entries.map((entry) => {
    const salt = randomBytes(16).toString('base64url')
    const payloadHash = hashPayload(salt, entry.payload)
    const hash = chainHash(key, previous, signedMeta(entry), payloadHash)
    count += 1
    const row = {
      lead_id: lead.id,
      seq: count,
      kind: entry.kind,
      at: entry.at,
      meta: json(entry.meta),
      payload: json(entry.payload),
      salt,
      payload_hash: payloadHash,
      previous,
      hash,
    }
    previous = hash
    return row
  })
  await trx
    .with('appended', (db) => db.insertInto('ledger_entries').values(rows))
    .updateTable('leads')
    .set({ ledger_head: previous, ledger_count: count })
    .where('id', '=', lead.id)
    .execute()
  Object.assign(lead, { ledger_head: previous, ledger_count: count })
}

/** What of an entry is personal, as the chain holds it: without salt it tells nothing. */
export function hashPayload(salt: string, payload: LedgerEntry['payload']): string {
  return createHash('sha256').update(salt).update(canonical(payload)).digest('base64url')
}

/** What of an entry stays, as the chain holds it. */
export function signedMeta({ meta, kind, at }: Pick<LedgerEntry, 'meta' | 'kind' | 'at'>): string {
  return canonical({ ...meta, kind, at })
}

/** The hash of one link of the chain. */
export function chainHash(
  key: Buffer,
  previous: string | null,
  meta: string,
  payloadHash: string,
): string {
  return createHmac('sha256', key)
    .update(previous ?? '')
    .update('\n')
    .update(meta)
    .update('\n')
    .update(payloadHash)
    .digest('base64url')
}

/** JSON with sorted keys: jsonb does not keep their order. */
export function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const entries = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`
}
