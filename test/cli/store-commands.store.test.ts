import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import { instant } from '../../src/domain/time.ts'
import { openStore, type StoreLocation } from '../../src/store/connect.ts'
import { hashKeysFrom, hashSecretIn } from '../../src/store/hash-key.ts'
import { json } from '../../src/store/json.ts'
import { lockLead } from '../../src/store/leads.ts'
import { appendLedger } from '../../src/store/ledger.ts'
import { derivedKey } from '../../src/wiring/keys.ts'
import { createDatabase } from '../support/postgres.ts'
import { type Ran, runCli, temporaryFolder } from './run-cli.ts'

const LEADS = [
  'externalId,firstName,email,phone,state',
  'crm-1,Ada,ada@example.com,+12125550142,NY',
  'crm-2,Ben,no address,,IL',
  'crm-3,Cleo,cleo@example.com,12,CA',
  'crm-4,Dana,dana@example.com,,TX',
  '',
].join('\n')

const ENROL = ['--cadence', 'new-lead']

const DEAD = [
  'externalId,email,deadReason,deadAt,deadCompetitor',
  'old-1,eli@example.com,competitor,2025-01-10,Globex',
  'old-2,fay@example.com,unresponsiv,2025-01-10,',
  '',
].join('\n')

const postgresUrl = inject('postgresUrl') ?? null

/**
 * Loaded once; the tests below it read, and each change is one that the others do not see. On
 * Postgres where there is one: PGlite takes seconds to start, and each command starts it.
 */
let shared: Awaited<ReturnType<typeof dataFolder>>
let loaded: Ran
let loadedDead: Ran

beforeAll(async () => {
  shared = await dataFolder(postgresUrl)
  const { run } = shared
  if (postgresUrl !== null) {
    for (const args of [['migrate'], ['cadence', 'publish', 'cadences/new-lead.yaml']]) {
      const { code, stderr } = await run(...args)
      if (code !== 0) throw new Error(stderr)
    }
  }
  loaded = await run('leads', 'import', await shared.file('leads.csv', LEADS), ...ENROL)
  const dead = await shared.file('dead.csv', DEAD)
  loadedDead = await run('leads', 'import', dead, '--as', 'dead', '--json')
})

afterAll(() => shared.remove())

describe('without a running instance', () => {
  it('loads leads into the store itself, and names each bad row', async () => {
    expect(loaded.code).toBe(1)
    expect(loaded.stdout).toMatch(/leads\.csv:3: email:/)
    expect(loaded.stdout).toMatch(/leads\.csv:4: phone:/)
    expect(loaded.stdout).toContain('4 rows: 2 new leads, 0 known ones, 2 not taken.')
    expect(loadedDead.code).toBe(1)
    expect(JSON.parse(loadedDead.stdout)).toMatchObject({
      created: 1,
      rejected: 1,
      errors: [{ line: 3, field: 'deadReason', fix: 'Did you mean "unresponsive"?' }],
    })
  })

  it('lists, shows and explains them', async () => {
    const { run, answer } = shared
    expect((await answer('leads', 'list')).items).toHaveLength(3)
    const died = await answer('leads', 'list', '--status', 'dead', '--reason', 'competitor')
    expect(died.items).toMatchObject([{ externalId: 'old-1', dead: { reason: 'competitor' } }])

    const { lead, timeline } = await answer('leads', 'show', 'crm-1')
    expect(lead).toMatchObject({ email: 'ada@example.com', status: 'nurturing' })
    expect(timeline.map(({ kind }: { kind: string }) => kind)).toContain('signal')

    const told = await run('leads', 'explain', 'ada@example.com')
    expect(told.code).toBe(0)
    expect(told.stdout).toContain('America/New_York')
    // Rule by rule, in the words of the API, with the law where there is one.
    const { channels } = await answer('leads', 'explain', 'ada@example.com')
    for (const { rules } of [channels.email, channels.sms]) {
      expect(rules.length).toBeGreaterThan(8)
      for (const { because, source } of rules) {
        expect(told.stdout).toContain(source === null ? because : `${because} (${source})`)
      }
    }
    expect(told.stdout).toMatch(/^RULE +VERDICT +BECAUSE \(SOURCE\)$/m)
    expect(told.stdout).toMatch(/^suppression +(allows|does not apply) /m)
    expect(told.stdout).toMatch(/^consent +stands in the way /m)
    expect(await answer('report', 'overview', '--from', '2026-01-01')).toMatchObject({
      byDeadReason: [{ reason: 'competitor', leads: 1 }],
    })
  })

  it('says no, with 1, for what is not there', async () => {
    const { run } = shared
    const missing = await run('leads', 'show', 'nobody@example.com', '--json')
    expect(missing.code).toBe(1)
    expect(JSON.parse(missing.stdout).error.code).toBe('no_such_lead')
    expect(await run('leads', 'list', '--status', 'bored')).toMatchObject({ code: 1 })
    const file = await shared.file('leads.csv', LEADS)
    const cadence = await run('leads', 'import', file, '--cadence', 'nwe-lead')
    expect(cadence.code).toBe(1)
    expect(cadence.stderr).toContain('new-lead')
  })

  it('tells the bad lines before a quote that is never closed, and what was taken', async () => {
    const { run } = shared
    const csv = 'externalId,email\nopen-1,a1@example.com\nopen-2,nowhere\nopen-3,"a3@example.com\n'
    const file = await shared.file('open-quote.csv', csv)
    const told = await run('leads', 'import', file, ...ENROL)
    expect(told.code).toBe(1)
    expect(told.stdout).toContain('open-quote.csv:3: email:')
    expect(told.stdout).toContain('1 new lead')
    expect(told.stderr).toContain('from line 4 on')
    const { error } = JSON.parse((await run('leads', 'import', file, ...ENROL, '--json')).stdout)
    expect(error).toMatchObject({ code: 'unreadable_csv', report: { rows: 2, rejected: 1 } })
  })

  it('cannot repair without a Temporal server, and says so with 3', async () => {
    const { code, stderr } = await shared.run('repair', '--dry-run')
    expect(code).toBe(3)
    expect(stderr).toContain('no_temporal')
  })

  it('publishes what has changed, and refuses what is not valid', async () => {
    const same = await shared.run('cadence', 'publish', 'cadences/new-lead.yaml')
    expect(same.stdout).toContain('cadence new-lead: version 1, unchanged')
    const broken = await shared.file('mine.yaml', 'name: mine\n')
    const refused = await shared.run('cadence', 'publish', broken)
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('invalid_cadence')
  })
})

describe.skipIf(postgresUrl === null)('on a Postgres server', () => {
  it('asks for the migration, and works after it', async () => {
    const database = await createDatabase(postgresUrl ?? '')
    onTestFinished(() => database.drop())
    const env = { DATABASE_URL: database.url, REKINDLE_DATA_DIR: await temporaryFolder() }
    const early = await runCli(['leads', 'list'], { env })
    expect(early.code).toBe(3)
    expect(early.stderr).toContain('database_not_migrated')
    expect(await runCli(['migrate'], { env })).toMatchObject({ code: 0 })
    expect(await runCli(['leads', 'list'], { env })).toMatchObject({
      code: 0,
      stdout: 'No leads.\n',
    })
  })
})

/** A data folder of its own, with a database of its own when a server is given, and `rekindle` on it. */
async function dataFolder(serverUrl: string | null = null) {
  const folder = await mkdtemp(join(tmpdir(), 'rekindle-cli-'))
  const dataDir = join(folder, 'data')
  const database = serverUrl === null ? null : await createDatabase(serverUrl)
  const env = {
    REKINDLE_DATA_DIR: dataDir,
    ...(database !== null && { DATABASE_URL: database.url }),
  }
  const run = (...args: string[]) => runCli(args, { env })
  return {
    dataDir,
    location: database === null ? { dataDir } : { databaseUrl: database.url },
    run,
    answer: async (...args: string[]) => JSON.parse((await run(...args, '--json')).stdout),
    file: async (name: string, text: string) => {
      await writeFile(join(folder, name), text)
      return join(folder, name)
    },
    remove: async () => {
      await database?.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

describe('ledger verify', () => {
  it('is content with an untouched ledger, and exits with 1 when a word was changed', async () => {
    const { run } = shared
    await writeEntries(shared)
    const sound = await run('ledger', 'verify')
    expect(sound).toMatchObject({ code: 0 })
    expect(sound.stdout).toContain('2 entries of')
    expect(sound.stdout).toContain('The ledger is sound.')

    const pack = await run('ledger', 'export', 'crm-1')
    expect(pack).toMatchObject({ code: 0 })
    expect(JSON.parse(pack.stdout)).toMatchObject({ chain: { sound: true, faults: [] } })
    const page = await run('ledger', 'export', 'crm-1', '--html')
    expect(page.stdout).toMatch(/^<!doctype html>/)
    expect(page.stdout).toContain('Why this lead was contacted')

    await changeAWord(shared.location)
    const { code, stdout } = await run('ledger', 'verify', '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      sound: false,
      faults: [{ seq: 1, kind: 'payload_edited' }],
    })
  })
})

async function writeEntries({ dataDir, location }: typeof shared): Promise<void> {
  const key = derivedKey(hashKeysFrom(hashSecretIn(dataDir)), 'ledger')
  const store = await openStore(location)
  const lead = await store.db.selectFrom('leads').select('id').limit(1).executeTakeFirstOrThrow()
  await store.transaction(async (trx) => {
    const row = await lockLead(trx, lead.id)
    if (row === null) throw new Error('no such lead')
    const entry = { kind: 'intent', at: instant(0), meta: { touch: 'touch_1' } } as const
    await appendLedger(trx, key, row, [
      { ...entry, payload: { text: 'as it was sent' } },
      { ...entry, payload: null },
    ])
  })
  await store.close()
}

async function changeAWord(location: StoreLocation): Promise<void> {
  const store = await openStore(location)
  await store.db
    .updateTable('ledger_entries')
    .set({ payload: json({ text: 'as it was never sent' }) })
    .where('seq', '=', 1)
    .execute()
  await store.close()
}

it('in an embedded store: leads are loaded, and migrate and doctor agree that it is up to date', async () => {
  const { run, answer, file, remove } = await dataFolder()
  onTestFinished(remove)
  const imported = await run('leads', 'import', await file('leads.csv', LEADS), ...ENROL)
  expect(imported.stdout).toContain('4 rows: 2 new leads, 0 known ones, 2 not taken.')
  expect(await run('migrate')).toMatchObject({ code: 0 })
  const { checks } = await answer('doctor')
  const database = checks.find(({ name }: { name: string }) => name === 'Database')
  expect(database).toMatchObject({ state: 'ok', message: expect.stringContaining('up to date') })
  expect((await run('migrate')).stdout).toBe('The database is up to date.\n')
})
