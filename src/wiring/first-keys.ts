import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { instant } from '../domain/time.ts'
import { createKey, findKey } from '../store/api-keys.ts'
import type { Store } from '../store/connect.ts'

/** The embedded mode's own keys: one for /v1 and the console, one for the tracker's pages. */
export interface FirstKeys {
  readonly api: string
  readonly write: string
  readonly file: string
}

const kept = z.object({ api: z.string(), write: z.string() })

/** Makes the first keys, or reads them again; they stand in a file that only its user can read. */
export async function firstKeys(store: Store, dataDir: string): Promise<FirstKeys> {
  const file = join(dataDir, 'keys.json')
  const known = existsSync(file) ? kept.safeParse(JSON.parse(readFileSync(file, 'utf8'))) : null
  if (known?.success && (await findKey(store.db, known.data.api, 'api')) !== null) {
    return { ...known.data, file }
  }
  const at = instant(Date.now())
  const keys = await store.transaction(async (trx) => ({
    api: (await createKey(trx, 'first key', 'api', at)).key,
    write: (await createKey(trx, 'website', 'write', at)).key,
  }))
  writeFileSync(file, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 })
  return { ...keys, file }
}
