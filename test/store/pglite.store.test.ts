import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openStore } from '../../src/store/connect.ts'
import { until } from '../support/until.ts'

let dataDir: string
let owner: ChildProcess | undefined

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'rekindle-pglite-'))
})

afterEach(async () => {
  if (owner && owner.exitCode === null && owner.signalCode === null) await killed(owner)
  rmSync(dataDir, { recursive: true, force: true })
})

it('keeps the rows that a killed owner acknowledged, and refuses a second owner', async () => {
  const acknowledged: number[] = []
  owner = startOwner((n) => acknowledged.push(n))
  await until(() => acknowledged.length > 100, { timeoutMs: 90_000, what: 'the owner writing' })

  await expect(openStore({ dataDir })).rejects.toMatchObject({
    code: 'data_folder_in_use',
    message: expect.stringContaining(String(owner.pid)),
    fix: expect.stringContaining(String(owner.pid)),
  })

  await killed(owner)
  const store = await openStore({ dataDir })
  const { rows } = await sql<{ n: number }>`select n from marks order by n`.execute(store.db)
  await store.close()
  const kept = rows.map((row) => row.n)
  expect(kept.slice(0, acknowledged.length)).toEqual(acknowledged)
  // At most the one that was under way when it was killed.
  expect(kept.length - acknowledged.length).toBeLessThanOrEqual(1)
})

it('opens again after it was closed, with what was written', async () => {
  const first = await openStore({ dataDir })
  await sql`create table marks (n integer)`.execute(first.db)
  await expect(openStore({ dataDir })).rejects.toMatchObject({ code: 'data_folder_in_use' })
  await first.close()
  const second = await openStore({ dataDir })
  expect((await sql`select * from marks`.execute(second.db)).rows).toEqual([])
  await second.close()
})

it('finishes what is under way before it closes', async () => {
  const store = await openStore({ memory: true })
  await sql`create table marks (n integer)`.execute(store.db)
  const writing = [1, 2, 3].map((n) =>
    store.transaction((trx) => sql`insert into marks values (${n})`.execute(trx)),
  )
  await Promise.all([store.close(), Promise.all(writing)])
  await expect(sql`select 1`.execute(store.db)).rejects.toThrow('destroyed')
})

function startOwner(onAcknowledged: (n: number) => void): ChildProcess {
  const script = join(import.meta.dirname, '../support/store-owner.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  createInterface({ input: child.stdout }).on('line', (line) => onAcknowledged(Number(line)))
  return child
}

async function killed(child: ChildProcess): Promise<void> {
  // Its last lines are read before anything is judged by them.
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}
