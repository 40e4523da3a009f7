// A real Postgres for the tests, when its binaries are there.
//
// As a vitest global set-up it starts one server for the whole run and provides its URL
// (`inject('postgresUrl')`), or null: then the suites that need it report themselves skipped.
// `TEST_DATABASE_URL` names a server to use instead; it must be allowed to create databases.
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { z } from 'zod'

declare module 'vitest' {
  export interface ProvidedContext {
    /** An administrator's URL of a running Postgres; null when there is none. */
    postgresUrl: string | null
  }
}

/** A running Postgres that belongs to the caller. */
export interface TestPostgres {
  /** The superuser's URL, on loopback. */
  readonly url: string
  /** Stops the server and removes its files. */
  stop(): Promise<void>
}

/**
 * Starts a throw-away Postgres, or answers null when no binaries are found. It ends with the
 * calling process, however that ends.
 * `fsync` (default off) is for tests about what survives a crash.
 */
export async function startPostgres(
  options: { fsync?: boolean } = {},
): Promise<TestPostgres | null> {
  const bin = postgresBinaries()
  if (bin === null) return null

  const keeperOptions = JSON.stringify({ bin, fsync: options.fsync ?? false })
  const keeper = spawn(
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, 'postgres-keeper.ts'), keeperOptions],
    // Its own process group: it must outlive a Ctrl-C long enough to tidy up.
    { stdio: ['pipe', 'pipe', 'inherit'], detached: true },
  )
  const ended = new Promise<void>((resolve) => keeper.once('exit', () => resolve()))
  const url = await new Promise<string>((resolve, reject) => {
    keeper.once('error', reject)
    keeper.once('exit', () => reject(new Error('the test Postgres did not start; see above')))
    keeper.stdout.once('data', (line: Buffer) => {
      resolve(z.object({ url: z.string() }).parse(JSON.parse(line.toString())).url)
    })
  })
  return {
    url,
    async stop() {
      keeper.stdin.end()
      await ended
    },
  }
}

/** The folder of initdb and postgres: on PATH, else where Debian keeps the newest; null if none. */
export function postgresBinaries(): string | null {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian) : []
  const candidates = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...versions.sort((a, b) => Number(b) - Number(a)).map((v) => join(debian, v, 'bin')),
  ]
  const complete = (folder: string) =>
    ['initdb', 'postgres'].every((name) => existsSync(join(folder, name)))
  return candidates.find((folder) => folder !== '' && complete(folder)) ?? null
}

/** A database of one test file: fresh, and dropped at the end. */
export interface TestDatabase {
  readonly url: string
  drop(): Promise<void>
}

/**
 * Creates a database on the server at `adminUrl` (`inject('postgresUrl')`).
 *
 * With `migrate`, the database is a copy of a template that `migrate` prepared once per run (it
 * gets the template's URL and must close its connections). Use another `template` name for
 * another `migrate`.
 */
export async function createDatabase(
  adminUrl: string,
  options: { migrate?: (url: string) => Promise<void>; template?: string } = {},
): Promise<TestDatabase> {
  const name = `${runPrefix(adminUrl)}_${randomBytes(6).toString('hex')}`
  await withAdmin(adminUrl, async (admin) => {
    if (!options.migrate) return void (await admin.query(`create database ${name}`))
    const template = await ensureTemplate(admin, adminUrl, options.migrate, options.template)
    await admin.query(`create database ${name} template ${template}`)
  })
  return {
    url: databaseUrl(adminUrl, name),
    drop: () =>
      withAdmin(adminUrl, async (admin) => {
        await admin.query(`drop database if exists ${name} with (force)`)
      }),
  }
}

/** Vitest's global set-up: see the head of this file. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const run = shared()
  run.users += 1
  run.server ??= start()
  const server = await run.server
  project.provide('postgresUrl', server?.url ?? null)
  return async () => {
    run.users -= 1
    if (run.users === 0) await server?.stop()
  }
}

async function start(): Promise<TestPostgres | null> {
  const given = process.env['TEST_DATABASE_URL']
  if (!given) {
    const server = await startPostgres()
    if (!server) console.warn('No Postgres binaries found: suites on real Postgres are skipped.')
    return server
  }
  // One prefix for each run, so that two runs on one server do not share or drop databases.
  const url = new URL(given)
  url.searchParams.set('application_name', `rekindle_test_${randomBytes(4).toString('hex')}`)
  return { url: url.href, stop: () => dropDatabasesOf(url.href) }
}

interface SharedRun {
  users: number
  server: Promise<TestPostgres | null> | null
}

/** Several vitest projects load this file, each its own copy; the server is one all the same. */
function shared(): SharedRun {
  const key = Symbol.for('rekindle.test.postgres')
  const holder = globalThis as { [key: symbol]: SharedRun | undefined }
  return (holder[key] ??= { users: 0, server: null })
}

/** Databases of one run share a prefix made from its URL, which is random in each run. */
function runPrefix(adminUrl: string): string {
  return `rekindle_test_${createHash('sha256').update(adminUrl).digest('hex').slice(0, 8)}`
}

async function ensureTemplate(
  admin: pg.Client,
  adminUrl: string,
  migrate: (url: string) => Promise<void>,
  label = 'migrated',
): Promise<string> {
  const name = `${runPrefix(adminUrl)}_template_${label}`
  const lock = [`rekindle template ${name}`]
  await admin.query('select pg_advisory_lock(hashtext($1))', lock)
  try {
    const found = await admin.query('select 1 from pg_database where datname = $1', [name])
    if (found.rowCount === 0) await createTemplate(admin, adminUrl, name, migrate)
  } finally {
    await admin.query('select pg_advisory_unlock(hashtext($1))', lock)
  }
  return name
}

/** Migrates under another name first, so that a failed migration leaves no half template. */
async function createTemplate(
  admin: pg.Client,
  adminUrl: string,
  name: string,
  migrate: (url: string) => Promise<void>,
): Promise<void> {
  const draft = `${name}_draft`
  await admin.query(`drop database if exists ${draft} with (force)`)
  await admin.query(`create database ${draft}`)
  await migrate(databaseUrl(adminUrl, draft))
  await admin.query(`alter database ${draft} rename to ${name}`)
}

async function dropDatabasesOf(adminUrl: string): Promise<void> {
  await withAdmin(adminUrl, async (admin) => {
    const { rows } = await admin.query<{ datname: string }>(
      'select datname from pg_database where starts_with(datname, $1)',
      [runPrefix(adminUrl)],
    )
    for (const { datname } of rows) await admin.query(`drop database ${datname} with (force)`)
  })
}

function databaseUrl(adminUrl: string, name: string): string {
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  return url.href
}

async function withAdmin(
  adminUrl: string,
  use: (admin: pg.Client) => Promise<void>,
): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl })
  await admin.connect()
  try {
    await use(admin)
  } finally {
    await admin.end()
  }
}
