import { openStore } from '../../store/connect.ts'
import { migrate } from '../../store/migrate.ts'
import { EXIT, type Exit } from '../exit.ts'
import { configOf } from '../settings.ts'
import type { Terminal } from '../terminal.ts'

/** `rekindle migrate`: brings the database up to date, all of it or nothing. */
export async function migrateCommand(terminal: Terminal): Promise<Exit> {
  const { DATABASE_URL: databaseUrl, REKINDLE_DATA_DIR: dataDir } = configOf(terminal)
  const location = databaseUrl === undefined ? { dataDir } : { databaseUrl }
  const store = await openStore(location, { applicationName: 'rekindle migrate' })
  try {
    const applied = await migrate(store)
    terminal.answer({ applied })
    for (const name of applied) terminal.say(`applied ${name}`)
    terminal.say(applied.length === 0 ? 'The database is up to date.' : 'The database is ready.')
    return EXIT.ok
  } finally {
    await store.close()
  }
}
