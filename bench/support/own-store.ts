import { openStore, type Store } from '../../src/store/connect.ts'
import { migrate } from '../../src/store/migrate.ts'
import { createDatabase, startPostgres } from '../../test/support/postgres.ts'

/** Runs `work` on a migrated store of its own: Postgres with fsync where there is one, else PGlite. */
export async function withOwnStore<T>(
  work: (store: Store, words: string) => Promise<T>,
  options: { readonly pglite?: boolean } = {},
): Promise<T> {
  const postgres = options.pglite === true ? null : await startPostgres({ fsync: true })
  try {
    const location = postgres
      ? { databaseUrl: (await createDatabase(postgres.url)).url }
      : ({ memory: true } as const)
    const store = await openStore(location)
    try {
      await migrate(store)
      return await work(store, postgres ? 'Postgres, fsync on' : 'PGlite in memory')
    } finally {
      await store.close()
    }
  } finally {
    await postgres?.stop()
  }
}

/** The most memory, in MB, that this process held resident while something ran. */
export function watchMemory(): { readonly startMb: number; most(): number } {
  const mb = () => Math.round(process.memoryUsage().rss / 1_048_576)
  const startMb = mb()
  let most = startMb
  const timer = setInterval(() => {
    most = Math.max(most, mb())
  }, 50)
  return {
    startMb,
    most: () => {
      clearInterval(timer)
      return Math.max(most, mb())
    },
  }
}
