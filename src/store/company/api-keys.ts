import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import { newId } from '../new-id.ts'
import type { ApiKeysTable } from '../schema.ts'

export type ApiKeyRow = Selectable<ApiKeysTable>

/** `api` may do everything under /v1; `write` only reports visits and may stand in a web page. */
export type KeyPurpose = ApiKeysTable['purpose']

const PREFIX: Readonly<Record<KeyPurpose, string>> = { api: 'rk_', write: 'wk_' }

export interface CreatedKey {
  readonly id: string
  /** Told this once; only its hash is kept. */
  readonly key: string
}

/** Makes a key of 256 random bits. */
export async function createKey(
  trx: Executor,
  name: string,
  purpose: KeyPurpose,
  at: Instant,
): Promise<CreatedKey> {
  const key = `${PREFIX[purpose]}${randomBytes(32).toString('base64url')}`
  const id: string = newId('key')
  await trx
    .insertInto('api_keys')
    .values({
      id,
      name,
      purpose,
      hash: hashOfKey(key).toString('base64url'),
      created_at: at,
      revoked_at: null,
    })
    .execute()
  return { id, key }
}

/** The key of this purpose, unless it was revoked; null for any other text. */
export async function findKey(
  executor: Executor,
  key: string,
  purpose: KeyPurpose,
): Promise<ApiKeyRow | null> {
  if (!key.startsWith(PREFIX[purpose])) return null
  const hash = hashOfKey(key)
  const row = await executor
    .selectFrom('api_keys')
    .selectAll()
    .where('hash', '=', hash.toString('base64url'))
    .where('purpose', '=', purpose)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  if (row === undefined) return null
  const stored = Buffer.from(row.hash, 'base64url')
  return stored.length === hash.length && timingSafeEqual(stored, hash) ? row : null
}

/** Whether the key of this id still works. */
export async function isLiveKey(executor: Executor, id: string): Promise<boolean> {
  const row = await executor
    .selectFrom('api_keys')
    .select('id')
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return row !== undefined
}

/** All keys without what they are, newest first. */
export function listKeys(executor: Executor): Promise<Omit<ApiKeyRow, 'hash'>[]> {
  return executor
    .selectFrom('api_keys')
    .select(['id', 'name', 'purpose', 'created_at', 'revoked_at'])
    .orderBy('created_at', 'desc')
    .execute()
}

/** Revokes a key; false when there is none of this id that still works. */
export async function revokeKey(trx: Executor, id: string, at: Instant): Promise<boolean> {
  const result = await trx
    .updateTable('api_keys')
    .set({ revoked_at: at })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** Whether a key of this purpose works. */
export async function hasKey(executor: Executor, purpose: KeyPurpose): Promise<boolean> {
  const row = await executor
    .selectFrom('api_keys')
    .select('id')
    .where('purpose', '=', purpose)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return row !== undefined
}

function hashOfKey(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}
