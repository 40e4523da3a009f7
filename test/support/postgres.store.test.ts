import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { describe, expect, inject, it } from 'vitest'
import { createDatabase, postgresBinaries, startPostgres } from './postgres.ts'
import { until } from './until.ts'

const adminUrl = inject('postgresUrl')

describe.skipIf(adminUrl === null)('the Postgres of the tests', () => {
  const url = adminUrl ?? ''

  it('gives each caller a database of its own, and drops it', async () => {
    const [one, two] = await Promise.all([createDatabase(url), createDatabase(url)])
    await query(one.url, 'create table only_here (n int)')
    expect(await tables(two.url)).toEqual([])
    await one.drop()
    await two.drop()
    await expect(query(one.url, 'select 1')).rejects.toThrow(/does not exist/)
  })

  it('clones databases from a template that is migrated once', async () => {
    let migrations = 0
    const options = {
      template: 'selftest',
      migrate: async (template: string) => {
        migrations += 1
        await query(template, 'create table leads (id int)')
      },
    }
    const databases = await Promise.all([1, 2, 3].map(() => createDatabase(url, options)))
    for (const database of databases) {
      expect(await tables(database.url)).toEqual(['leads'])
      await database.drop()
    }
    expect(migrations).toBe(1)
  })
})

describe.skipIf(postgresBinaries() === null)('a Postgres started for one test', () => {
  it('syncs to disk when asked to, and leaves nothing behind', async () => {
    const server = await startPostgres({ fsync: true })
    if (!server) throw new Error('binaries were found, so a server must start')
    const [row] = await query(server.url, 'show data_directory')
    const folder = String(row?.['data_directory'])
    expect(await query(server.url, 'show fsync')).toEqual([{ fsync: 'on' }])
    expect(existsSync(folder)).toBe(true)
    await server.stop()
    expect(existsSync(folder)).toBe(false)
  })

  it('ends when its owner is killed', async () => {
    const script = `
      const { startPostgres } = await import(${JSON.stringify(join(import.meta.dirname, 'postgres.ts'))})
      console.log((await startPostgres()).url)
      process.stdin.resume()`
    const owner = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script])
    const url = await new Promise<string>((resolve, reject) => {
      owner.stdout.once('data', (line: Buffer) => resolve(line.toString().trim()))
      owner.once('exit', () => reject(new Error('the owner ended early')))
    })
    const [row] = await query(url, 'show data_directory')
    const folder = String(row?.['data_directory'])
    owner.kill('SIGKILL')
    await until(() => !existsSync(folder))
    await expect(query(url, 'select 1')).rejects.toThrow()
  })
})

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql)
    return rows
  } finally {
    await client.end()
  }
}

async function tables(url: string): Promise<unknown[]> {
  const sql = "select tablename from pg_tables where schemaname = 'public' order by 1"
  return (await query(url, sql)).map((row) => row['tablename'])
}
