import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { PGlite } from '@electric-sql/pglite'
import { parsersByOid } from './type-parsers.ts'

/** `timestamptz` in Postgres' catalogue. */
const TIMESTAMPTZ = 1184

/**
 * Opens the PGlite of a data folder, or one in memory when it is null. The caller owns the
 * folder (`owner-lock.ts`): PGlite itself lets two processes destroy each other's rows.
 * `from` is a dump of a data folder to start with.
 */
export async function openPglite(dataDir: string | null, from?: Blob): Promise<PGlite> {
  if (dataDir !== null) mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  // Loaded on demand: whoever runs on Postgres never pays for 27 MB of WASM.
  const { PGlite } = await import('@electric-sql/pglite')
  return PGlite.create({
    dataDir: dataDir === null ? 'memory://' : join(dataDir, 'pglite'),
    parsers: parsersByOid(),
    // PGlite alone would take a number for a timestamp; Postgres refuses it, so both do.
    serializers: { [TIMESTAMPTZ]: timestampText },
    ...(from ? { loadDataDir: from } : {}),
  })
}

function timestampText(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value)
}
