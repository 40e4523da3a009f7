import { createHmac } from 'node:crypto'
import type { Config } from '../config.ts'
import { type HashKeys, hashKeysFrom, hashSecretIn } from '../store/hash-key.ts'

/**
 * The keys of contact hashes: from the environment, or for the embedded mode from a file in the
 * data folder.
 * @throws StoreError when a key is malformed; Error when a Postgres store comes without one
 */
export function hashKeysOf(config: Config): HashKeys {
  const { CONTACT_HASH_KEY: key, CONTACT_HASH_KEYS_OLD: old } = config
  if (key !== undefined) return hashKeysFrom(key, old)
  if (config.DATABASE_URL !== undefined && config.OUTBOUND !== 'catch') {
    throw new Error(
      'CONTACT_HASH_KEY is not set. Opt-outs hang on it: make one (openssl rand -hex 32), keep it for ever.',
    )
  }
  return hashKeysFrom(hashSecretIn(config.REKINDLE_DATA_DIR), old)
}

/** A key for one purpose, derived from the one secret that is kept anyway. */
export function derivedKey(keys: HashKeys, purpose: 'ledger' | 'session' | 'identify'): Buffer {
  return createHmac('sha256', keys.current.secret).update(`rekindle ${purpose}`).digest()
}

/** Every key under which ledger entries may be signed, the current one first. */
export function ledgerKeysOf({ current, old }: HashKeys): Buffer[] {
  return [current, ...old].map((key) => derivedKey({ current: key, old: [] }, 'ledger'))
}
