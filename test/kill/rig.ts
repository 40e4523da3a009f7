// What kill tests need: a database, a namespace, catchers in a process of their own, and real
// worker processes that may be killed, stopped and started again. The test's own process is the
// api: it writes rows and rings.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pino from 'pino'
import { z } from 'zod'
import { parseCadenceSet } from '../../src/domain/cadence/file/set.ts'
import { DEFAULT_SETTINGS, engineRules } from '../../src/domain/company/company.ts'
import { id, type LeadId } from '../../src/domain/ids.ts'
import { instant } from '../../src/domain/time.ts'
import type { LeadInput } from '../../src/leads/incoming/lead-fields.ts'
import { upsertLead } from '../../src/leads/incoming/upsert.ts'
import { publish } from '../../src/leads/publishing/publish.ts'
import { takeText } from '../../src/leads/replies/inbound-texts.ts'
import { readCadenceFolder, SHIPPED_FOLDER } from '../../src/local/folder.ts'
import { writeSettings } from '../../src/store/company/settings.ts'
import { openStore, type Store } from '../../src/store/connect.ts'
import { hashKeysFrom } from '../../src/store/hash-key.ts'
import { migrate } from '../../src/store/migrate.ts'
import { newId } from '../../src/store/new-id.ts'
import { openTemporal, type TemporalLink } from '../../src/temporal/connection.ts'
import { createDoorbell } from '../../src/temporal/create-doorbell.ts'
import { createDatabase } from '../support/postgres.ts'
import { until } from '../support/until.ts'

export interface Rig {
  readonly store: Store
  readonly link: TemporalLink
  /** What a process of ours needs to know, as its environment. */
  readonly env: Readonly<Record<string, string>>
  readonly outbox: Outbox
  /** Commits a lead's form and rings; nobody has to be there to hear it. */
  post(lead: LeadInput, cadence: string): Promise<LeadId>
  /** A text comes in from this number, as Twilio's webhook hands it on. */
  takeText(from: string, body: string): Promise<void>
  close(): Promise<void>
}

/** The catchers' control api. */
export interface Outbox {
  /** What was caught for a contact point, oldest first. */
  caught(contactPoint: string): Promise<readonly Caught[]>
  setFault(contactPoint: string, fault: unknown): Promise<void>
}

export type Caught = z.infer<typeof caughtSchema>
const caughtSchema = z.object({ to: z.string(), touch: z.string().nullable() })
const pageSchema = z.object({ items: z.array(caughtSchema) })

/** Two messages a month apart, at any hour the law allows: a lead's first one, and no more. */
const FILES = [
  {
    path: 'cadences/write.yaml',
    text: `name: write
title: Write
purpose: nurture
priority: 50
steps:
  - { id: first, email: plain, at: asap, hours: any }
  - { id: later, email: plain, after: 30d, at: asap, hours: any }
end: { dead: unresponsive }
`,
  },
  {
    path: 'cadences/text.yaml',
    text: `name: text
title: Text
purpose: nurture
priority: 50
steps:
  - { id: first, sms: plain, at: asap, hours: any }
  - { id: later, sms: plain, after: 30d, at: asap, hours: any }
end: { dead: unresponsive }
`,
  },
  {
    path: 'cadences/twice.yaml',
    text: `name: twice
title: Twice
purpose: nurture
priority: 50
steps:
  - { id: first, email: plain, at: asap, hours: any }
  - { id: second, email: plain, after: 1m, at: asap, hours: any }
  - { id: later, email: plain, after: 30d, at: asap, hours: any }
end: { dead: unresponsive }
`,
  },
  { path: 'templates/plain.md', text: '---\nsubject: Hello\n---\nHello!\n' },
  { path: 'templates/plain.sms.txt', text: '{{ company.brand }}: hello!\n' },
]

const SETTINGS = { ...DEFAULT_SETTINGS, minimumGapMs: 0 }
const HASH_KEY = '7'.repeat(64)
const PUBLIC_URL = 'http://127.0.0.1:1'

/** Opens a rig on a database of its own; `temporal` may be away at any time. */
export async function openRig(
  postgresUrl: string,
  temporal: { readonly address: string; readonly namespace: string },
): Promise<Rig> {
  const database = await createDatabase(postgresUrl)
  const store = await openStore({ databaseUrl: database.url })
  await migrate(store)
  const set = parseCadenceSet([...readCadenceFolder(SHIPPED_FOLDER), ...FILES])
  if (!set.ok) throw new Error(set.problems.map(({ message }) => message).join('\n'))
  await store.transaction(async (trx) => {
    await publish(trx, set, 'test', instant(Date.now()))
    // Real time passes here, and no test waits for hours.
    await writeSettings(trx, SETTINGS, instant(Date.now()))
  })
  const folder = await mkdtemp(join(tmpdir(), 'rekindle-kill-'))
  const catchers = await startCatchers()
  const link = openTemporal(temporal, { role: 'test' })
  const doorbell = createDoorbell({ client: link.client, store, log: pino({ level: 'silent' }) })
  const hashKeys = hashKeysFrom(HASH_KEY)
  const rules = engineRules(SETTINGS)
  return {
    store,
    link,
    outbox: outboxAt(catchers.controlUrl),
    env: {
      DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
      REKINDLE_DATA_DIR: folder,
      CONTACT_HASH_KEY: HASH_KEY,
      OUTBOUND: 'catch',
      CATCH_SMTP_URL: `smtp://127.0.0.1:${catchers.smtpPort}`,
      CATCH_SMS_URL: catchers.smsUrl,
      PUBLIC_URL,
      PRIVATE_PORT: '0',
      LOG_LEVEL: 'warn',
    },
    post: async (lead, cadence) => {
      const receivedAt = instant(Date.now())
      const { ring, ...upserted } = await store.transaction((trx) =>
        upsertLead(
          trx,
          {
            lead,
            consents: [
              {
                channel: 'sms',
                basis: 'express_written',
                disclosure: 'test',
                at: receivedAt,
                source: 'https://acme.example/quote',
                ip: null,
              },
            ],
            cadence,
            form: true,
            visitorId: null,
            dead: null,
          },
          { hashKeys, rules, via: 'test', receivedAt, begunBy: 'api', eventId: null },
        ),
      )
      if (ring) doorbell.ring([ring])
      return upserted.lead.id
    },
    takeText: async (from, body) => {
      const now = () => instant(Date.now())
      const text = { providerId: newId('sms'), from, to: '+15005550006', body, optOut: null }
      await takeText({ store, hashKeys, doorbell, now }, text)
    },
    close: async () => {
      await doorbell.close()
      await link.close()
      await end(catchers.process, 'SIGTERM')
      await store.close()
      await database.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A process of ours; whatever it says goes to the test's standard error. */
export interface OurProcess {
  readonly pid: number
  /** Kills it outright and waits until it is gone. */
  kill(): Promise<void>
  /** Asks it to stop, and waits until it has. */
  stop(): Promise<void>
  signal(name: NodeJS.Signals): void
  /** Waits for a line of its standard output that begins so; answers that line. */
  says(beginning: string): Promise<string>
  /** All of its standard output so far. */
  said(): string
  /** Writes a line to its standard input. */
  tell(line: string): void
}

/** Starts a module with these arguments and nothing of our own environment that could matter. */
export function startProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): OurProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TZ: 'UTC', ...env },
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  const lines: string[] = []
  const reading = createInterface(child.stdout)
  reading.on('line', (line) => lines.push(line))
  return {
    pid: child.pid ?? 0,
    kill: () => end(child, 'SIGKILL'),
    stop: () => end(child, 'SIGTERM'),
    signal: (name) => void child.kill(name),
    said: () => lines.join('\n'),
    tell: (line) => void child.stdin.write(`${line}\n`),
    says: (beginning) =>
      until(
        () => {
          if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`)
          return lines.find((line) => line.startsWith(beginning)) ?? null
        },
        { timeoutMs: 120_000, what: `"${beginning}" from a process` },
      ),
  }
}

const running = new Set<ChildProcess>()

/** Ends whatever a failed test left running. */
export async function endProcesses(): Promise<void> {
  await Promise.all([...running].map((child) => end(child, 'SIGKILL')))
}

/** A whole worker, as an operator starts it. */
export function startWorker({ env }: Pick<Rig, 'env'>): OurProcess {
  return startProcess(['src/cli.ts', 'worker'], env)
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill(signal)
  // What is stopped hears of nothing but this.
  if (signal === 'SIGKILL') child.kill('SIGCONT')
  await exit
}

const addressesSchema = z.object({ smtpPort: z.number(), smsUrl: z.url(), controlUrl: z.url() })

async function startCatchers() {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'src/local/catchers-main.ts', '--until-stdin-ends'],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  for await (const line of createInterface(child.stdout)) {
    return { process: child, ...addressesSchema.parse(JSON.parse(line)) }
  }
  throw new Error('the catchers ended before they were ready')
}

function outboxAt(controlUrl: string): Outbox {
  return {
    caught: async (contactPoint) => {
      const response = await fetch(
        `${controlUrl}/outbox?limit=1000&to=${encodeURIComponent(contactPoint)}`,
      )
      return pageSchema.parse(await response.json()).items
    },
    setFault: async (contactPoint, fault) => {
      const url = `${controlUrl}/faults/${encodeURIComponent(contactPoint)}`
      const response = await fetch(url, { method: 'PUT', body: JSON.stringify(fault) })
      if (!response.ok) throw new Error(`the fault was refused: ${await response.text()}`)
    },
  }
}

/** All touches of a lead, oldest first. */
export function touchesOf({ store }: Pick<Rig, 'store'>, leadId: LeadId) {
  return store.db
    .selectFrom('touches')
    .select(['id', 'state', 'channel', 'attempt', 'step_id', 'evidence', 'failure_code'])
    .where('lead_id', '=', leadId)
    .orderBy('intent_at')
    .orderBy('attempt')
    .execute()
}

/** The step a lead stands on; null when it is in no episode, or past the last step. */
export async function stepOf({ store }: Pick<Rig, 'store'>, leadId: LeadId) {
  const row = await store.db
    .selectFrom('leads')
    .innerJoin('episodes', 'episodes.id', 'leads.episode_id')
    .select('step_id')
    .where('leads.id', '=', id<LeadId>(leadId))
    .executeTakeFirst()
  return row?.step_id ?? null
}
