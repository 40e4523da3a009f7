import { accessSync, constants, existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Config } from '../../config.ts'
import { openStore, type StoreLocation } from '../../store/connect.ts'
import { type Instance, readInstance } from '../../store/instance.ts'
import { migrationStatus } from '../../store/migrate.ts'
import { because, type Check, checks } from './check.ts'

/** The data folder: whether it can be written, and who has it. */
export function checkFolder({ REKINDLE_DATA_DIR: folder }: Config): Check {
  const { ok, info, missing } = checks('Data folder')
  const instance = readInstance(folder)
  if (instance !== null) return ok(`${folder}, used by the instance of process ${instance.pid}.`)
  if (!existsSync(folder)) return info(`${folder} is not there yet; the first start makes it.`)
  return canWrite(folder)
    ? ok(`${folder}, nobody uses it.`)
    : missing(
        `${folder} cannot be written.`,
        'Give this user the folder, or set REKINDLE_DATA_DIR.',
      )
}

/** The database: whether it answers, and whether its schema is that of this program. */
export async function checkDatabase(config: Config): Promise<Check> {
  const { DATABASE_URL: databaseUrl, REKINDLE_DATA_DIR: dataDir } = config
  const { ok, info } = checks('Database')
  if (databaseUrl !== undefined) return await look('Postgres (DATABASE_URL)', { databaseUrl })
  const instance = readInstance(dataDir)
  if (instance !== null) return ok(`PGlite in the data folder, ${ownedBy(instance)}.`)
  if (!existsSync(join(dataDir, 'pglite'))) {
    return info('PGlite in the data folder; the first start makes it.')
  }
  return await look('PGlite in the data folder', { dataDir })
}

async function look(name: string, location: StoreLocation): Promise<Check> {
  const { ok, warning, missing } = checks('Database')
  try {
    const store = await openStore(location, { applicationName: 'rekindle doctor' })
    try {
      const { pending, unknown } = await migrationStatus(store)
      if (unknown.length > 0) {
        return missing(`${name}: a newer version of Rekindle was here.`, 'Start that version.')
      }
      if (pending.length === 0) return ok(`${name} answers, and its schema is up to date.`)
      const fix = 'Run `rekindle migrate`; `rekindle start` does it by itself.'
      return warning(`${name} answers; ${pending.length} migrations are to come.`, fix)
    } finally {
      await store.close()
    }
  } catch (error) {
    const { message, fix } = because(error)
    return missing(`${name}: ${message}`, fix ?? 'Read the sentence; the data were not touched.')
  }
}

function ownedBy({ pid }: Instance): string {
  return `open in process ${pid}`
}

function canWrite(folder: string): boolean {
  try {
    accessSync(existsSync(folder) ? folder : dirname(folder), constants.W_OK)
    return true
  } catch {
    return false
  }
}
