import { randomUUID } from 'node:crypto'
import { Connection } from '@temporalio/client'
import { ensureNamespace, ensureSearchAttributes } from '../../src/local/temporal/namespace.ts'
import { startTemporal } from '../../src/local/temporal/server.ts'
import type { StoreLocation } from '../../src/store/connect.ts'
import { createDatabase, startPostgres } from '../../test/support/postgres.ts'

/** What everything is measured on: one Temporal server, and a store. */
export interface Machine {
  /** What it is, in words. */
  readonly temporal: { readonly address: string; readonly words: string }
  readonly store: { readonly words: string }
  /** A store that nobody has used yet. */
  freshStore(): Promise<StoreLocation>
  /** A namespace that nobody has used yet. */
  freshNamespace(): Promise<string>
  stop(): Promise<void>
}

/** Starts both: Postgres, with fsync, when its binaries are there; else PGlite in memory. */
export async function startMachine(say: (line: string) => void): Promise<Machine> {
  const started = await startTemporal({
    store: { kind: 'memory' },
    private: true,
    timeSkipping: 'required',
    ui: false,
    onProgress: say,
  })
  if (started.kind === 'failed') {
    throw new Error(`${started.problem.message} ${started.problem.fix}`)
  }
  const { server } = started
  const postgres = await startPostgres({ fsync: true }).catch(async (error: unknown) => {
    await server.stop()
    throw error
  })
  const connection = await Connection.connect({ address: server.address })
  return {
    temporal: { address: server.address, words: 'SQLite in memory' },
    store: { words: postgres ? 'Postgres, fsync on' : 'PGlite in memory' },
    freshStore: async () =>
      postgres ? { databaseUrl: (await createDatabase(postgres.url)).url } : { memory: true },
    freshNamespace: async () => {
      const namespace = `bench-${randomUUID()}`
      await ensureNamespace(connection, namespace, { retentionDays: 1 })
      await ensureSearchAttributes(connection, namespace)
      return namespace
    },
    stop: async () => {
      await connection.close()
      await postgres?.stop()
      await server.stop()
    },
  }
}
