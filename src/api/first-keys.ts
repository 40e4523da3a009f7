import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Instant } from '../domain/time.ts'
import { createKey, findKey, hasKey, type KeyPurpose } from '../store/company/api-keys.ts'
import type { Store } from '../store/connect.ts'

/** The two keys of a first start. */
export interface FirstKeys {
  /** May do everything under /v1, and opens the console. */
  readonly api: string
  /** Only reports visits; stands in the tracker's snippet. */
  readonly write: string
}

const fileSchema = z.object({ api: z.string(), write: z.string() })

/** Where the first keys are kept, for the CLI and for people. */
export function keyFileIn(dataDir: string): string {
  return join(dataDir, 'keys.json')
}

/**
 * Makes an api key and a write key when none work yet, and keeps them in a file that only its
 * user can read. Answers the new keys to be shown once; null when there were keys already.
 */
export async function ensureFirstKeys(
  store: Store,
  dataDir: string,
  now: Instant,
): Promise<FirstKeys | null> {
  const made = await store.transaction(async (trx) => {
    const api = await missing('api')
    const write = await missing('write')
    return api === null && write === null ? null : { api, write }

    async function missing(purpose: KeyPurpose): Promise<string | null> {
      if (await hasKey(trx, purpose)) return null
      return (await createKey(trx, 'first start', purpose, now)).key
    }
  })
  if (made === null) return null
  const kept = readKeyFile(dataDir)
  const keys = { api: made.api ?? kept?.api ?? '', write: made.write ?? kept?.write ?? '' }
  writeFileSync(keyFileIn(dataDir), `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 })
  return keys
}

/** The keys of the file that still work; null when there is no such file. */
export async function workingKeys(store: Store, dataDir: string): Promise<FirstKeys | null> {
  const kept = readKeyFile(dataDir)
  if (kept === null) return null
  const api = await findKey(store.db, kept.api, 'api')
  return api === null ? null : kept
}

/** The keys as the file has them; null when it is absent or unreadable. */
function readKeyFile(dataDir: string): FirstKeys | null {
  try {
    const read = fileSchema.safeParse(JSON.parse(readFileSync(keyFileIn(dataDir), 'utf8')))
    return read.success ? read.data : null
  } catch {
    return null
  }
}
