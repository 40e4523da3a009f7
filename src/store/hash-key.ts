import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { Instant } from '../domain/time.ts'
import { StoreError } from './errors.ts'
import type { Executor } from './executor.ts'
import type { Store } from './store.ts'

/**
 * The secret under which contact points are hashed. Who has the database alone cannot tell whose
 * suppressions it holds, and a suppression still matches after its person was erased.
 */
export interface HashKey {
  /** Derived from the secret, and telling nothing of it. */
  readonly id: string
  readonly secret: Buffer
}

/** The key that new hashes are made with, and those that older rows were made with. */
export interface HashKeys {
  readonly current: HashKey
  readonly old: readonly HashKey[]
}

export type ContactKind = 'email' | 'phone'

const KEY_BYTES = 32

/**
 * The keys from their secrets: at least 32 bytes each, in hex or base64 (`openssl rand -hex 32`).
 * @throws StoreError `hash_key_invalid`; it does not quote the secret
 */
export function hashKeysFrom(secret: string, oldSecrets: readonly string[] = []): HashKeys {
  return { current: keyFrom(secret), old: oldSecrets.map(keyFrom) }
}

/**
 * The secret of the embedded mode: kept in the data folder, made on the first call, readable by
 * its user only. Whoever backs up the folder's database backs up this file too.
 */
export function hashSecretIn(dataDir: string): string {
  const path = join(dataDir, 'hash-key')
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const draft = `${path}.${randomUUID()}.new`
  writeFileSync(draft, `${randomBytes(KEY_BYTES).toString('hex')}\n`, { mode: 0o600, flush: true })
  try {
    // A link is made whole or not at all, and never over an older file.
    linkSync(draft, path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    rmSync(draft, { force: true })
  }
  return readFileSync(path, 'utf8').trim()
}

/**
 * The keyed hash of a contact point that is already in its one spelling: base64url HMAC-SHA256.
 * The kind is hashed too, so that an email never matches a phone.
 */
export function contactHash(keys: HashKeys, kind: ContactKind, normalised: string): string {
  return hashUnder(keys.current, kind, normalised)
}

/** Every hash under which the contact point may stand in the database, the current one first. */
export function candidateHashes(keys: HashKeys, kind: ContactKind, normalised: string): string[] {
  return [keys.current, ...keys.old].map((key) => hashUnder(key, kind, normalised))
}

/**
 * Makes sure that the keys can read every hash in the database, and notes a new current key.
 * A database without any takes the first that comes; of two processes, the later must agree.
 * @throws StoreError `hash_key_mismatch`: with other keys, suppressions would not be found
 */
export async function verifyHashKeys(store: Store, keys: HashKeys, now: Instant): Promise<void> {
  await store.transaction(async (trx) => {
    await sql`lock table hash_keys in exclusive mode`.execute(trx)
    const rows = await trx.selectFrom('hash_keys').selectAll().execute()
    const mine = [keys.current, ...keys.old]
    for (const row of rows) {
      const key = mine.find((candidate) => candidate.id === row.id)
      if (!key || checkValueOf(key) !== row.check_value) throw mismatch(row.id)
    }
    if (rows.find((row) => row.current)?.id !== keys.current.id) {
      await makeCurrent(trx, keys.current, now)
    }
  })
}

async function makeCurrent(trx: Executor, key: HashKey, now: Instant): Promise<void> {
  await trx.updateTable('hash_keys').set({ current: false }).where('current', '=', true).execute()
  await trx
    .insertInto('hash_keys')
    .values({ id: key.id, check_value: checkValueOf(key), current: true, created_at: now })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ current: true }))
    .execute()
}

function hashUnder(key: HashKey, kind: ContactKind, normalised: string): string {
  return createHmac('sha256', key.secret).update(`${kind}\n${normalised}`).digest('base64url')
}

function checkValueOf(key: HashKey): string {
  return createHmac('sha256', key.secret).update('rekindle hash key check').digest('base64url')
}

function keyFrom(text: string): HashKey {
  const secret = decoded(text.trim())
  if (secret === null || secret.length < KEY_BYTES) {
    throw new StoreError(
      'hash_key_invalid',
      `The hash key is not ${KEY_BYTES} bytes or more in hex or base64.`,
      'Make one with `openssl rand -hex 32` and set it as REKINDLE_HASH_KEY.',
    )
  }
  const id = createHash('sha256').update('rekindle hash key id\n').update(secret).digest('hex')
  return { id: id.slice(0, 16), secret }
}

function decoded(text: string): Buffer | null {
  if (/^([0-9a-f]{2})+$/i.test(text)) return Buffer.from(text, 'hex')
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : null
}

function mismatch(id: string): StoreError {
  return new StoreError(
    'hash_key_mismatch',
    `The database holds hashes made with the key ${id}, which this process does not have.`,
    'Set that key as REKINDLE_HASH_KEY, or in REKINDLE_HASH_KEYS_OLD after a rotation; embedded, ' +
      'put back the file "hash-key" of the data folder. Without it, opt-outs would not be found.',
  )
}
