import { randomBytes } from 'node:crypto'
import type { WorkflowBundleOption } from '@temporalio/worker'
import { parseCadenceSet } from '../../src/domain/cadence/set.ts'
import { engineRules } from '../../src/domain/company.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import { areaCodesFile } from '../../src/domain/policy/data.ts'
import { instant } from '../../src/domain/time.ts'
import { type CsvLine, importLeads } from '../../src/leads/import.ts'
import type { LeadInput } from '../../src/leads/lead-fields.ts'
import type { Post } from '../../src/leads/post.ts'
import { publish } from '../../src/leads/publish.ts'
import { upsertLead } from '../../src/leads/upsert.ts'
import { startCatchers } from '../../src/local/catchers.ts'
import { readCadenceFolder, SHIPPED_FOLDER } from '../../src/local/folder.ts'
import { openStore, type Store } from '../../src/store/connect.ts'
import { type HashKeys, hashKeysFrom } from '../../src/store/hash-key.ts'
import { migrate } from '../../src/store/migrate.ts'
import { readSettings } from '../../src/store/settings.ts'
import { caughtChannels } from '../../src/wiring/channels.ts'
import { type Engine, startEngine } from '../../src/wiring/engine.ts'
import { createLog, installRuntime } from '../../src/wiring/log.ts'
import { workflowBundle } from '../../src/wiring/workers.ts'
import type { Machine } from './machine.ts'
import { MailWatch } from './mail-watch.ts'

/** A lead's own form, or one whose first message waits until tomorrow. */
export type PostKind = 'form' | 'patient'

export interface Posted {
  readonly leadId: LeadId
  /** When SMTP has taken the lead's first email, by `performance.now()`. */
  readonly mailAtMs: Promise<number>
  /** When the post was accepted, by `performance.now()`. */
  readonly acceptedAtMs: number
}

/** A whole engine as `rekindle worker` runs it, wall clock included, with catchers for senders. */
export interface BenchEngine {
  readonly engine: Engine
  readonly store: Store
  readonly namespace: string
  readonly bundle: WorkflowBundleOption
  /** Posts one lead; resolves when it is accepted: committed, and about to be rung. */
  post(kind: PostKind): Promise<Posted>
  /** Imports so many leads, as the api does; resolves when all are accepted. */
  importLeads(count: number): Promise<void>
  stop(): Promise<void>
}

const PATIENT = `name: patient
title: Patient
purpose: nurture
priority: 50
steps:
  - id: tomorrow
    email: new-lead/first-reply
    after: 1d
    at: asap
    hours: any
end: { dead: unresponsive }
`

/** Starts the engine in a namespace and a store of its own. */
export async function startBenchEngine(machine: Machine): Promise<BenchEngine> {
  const log = createLog({ LOG_LEVEL: 'warn' })
  installRuntime(log)
  const namespace = await machine.freshNamespace()
  const bundle = await workflowBundle()
  const store = await openStore(await machine.freshStore())
  await migrate(store)
  await publishAll(store)
  const catchers = await startCatchers()
  const mail = new MailWatch()
  const publicUrl = 'http://127.0.0.1:7400'
  const { email, sms } = caughtChannels(catchers, publicUrl)
  const hashKeys = hashKeysFrom(randomBytes(32).toString('hex'))
  const engine = await startEngine({
    store,
    hashKeys,
    temporal: { address: machine.temporal.address, namespace },
    channels: { email: mail.watching(email), sms },
    publicUrl,
    clock: 'wall',
    log,
    role: 'test',
    bundle,
    emailsPerSecond: 1_000,
    textsPerSecond: 1_000,
  })
  const rules = engineRules(await readSettings(store.db))
  let posts = 0
  return {
    engine,
    store,
    namespace,
    bundle,
    post: async (kind) => {
      posts += 1
      const lead = sampleLead(posts)
      const mailAtMs = mail.accepted(lead.email)
      const leadId = await post({ store, hashKeys, rules, engine }, lead, kind)
      return { leadId, mailAtMs, acceptedAtMs: performance.now() }
    },
    importLeads: async (count) => {
      const intake = { store, hashKeys, doorbell: engine.doorbell, now: () => instant(Date.now()) }
      const mode = { kind: 'enroll', cadence: 'new-lead', source: 'list' } as const
      const first = posts + 1
      posts += count
      const report = await importLeads(intake, csvOf(first, count), {
        mode,
        fileName: 'bench.csv',
        rules,
        who: 'bench',
      })
      if (report.created !== count) throw new Error(`only ${report.created} leads were imported`)
    },
    stop: async () => {
      await engine.stop()
      await email.close()
      await sms.close()
      await catchers.close()
      await store.close()
    },
  }
}

async function publishAll(store: Store): Promise<void> {
  const patient = { path: 'cadences/patient.yaml', text: PATIENT }
  const set = parseCadenceSet([...readCadenceFolder(SHIPPED_FOLDER), patient])
  if (!set.ok) throw new Error(set.problems.map(({ message }) => message).join('\n'))
  await store.transaction((trx) => publish(trx, set, 'bench', instant(Date.now())))
}

interface Poster {
  readonly store: Store
  readonly hashKeys: HashKeys
  readonly rules: ReturnType<typeof engineRules>
  readonly engine: Engine
}

/** What the api does with a post, but for HTTP: one transaction, then the bell. */
async function post(
  { store, hashKeys, rules, engine }: Poster,
  lead: LeadInput,
  kind: PostKind,
): Promise<LeadId> {
  const receivedAt = instant(Date.now())
  const given = {
    channel: 'sms',
    basis: 'express_written',
    disclosure: 'bench',
    at: receivedAt,
    source: 'https://acme.example/quote',
    ip: null,
  } as const
  const asPosted: Post = {
    lead,
    consents: [given],
    cadence: kind === 'patient' ? 'patient' : 'new-lead',
    form: true,
    visitorId: null,
    dead: null,
  }
  const upserted = await store.transaction((trx) =>
    upsertLead(trx, asPosted, {
      hashKeys,
      rules,
      via: 'bench',
      receivedAt,
      begunBy: 'api',
      eventId: null,
    }),
  )
  if (upserted.ring) engine.doorbell.ring([upserted.ring])
  return upserted.lead.id
}

async function* csvOf(first: number, count: number): AsyncIterable<CsvLine> {
  const columns = ['externalId', 'firstName', 'email', 'phone'] as const
  yield { line: 1, cells: columns }
  for (let index = 0; index < count; index += 1) {
    const lead = sampleLead(first + index)
    yield { line: index + 2, cells: columns.map((column) => lead[column] ?? '') }
  }
}

const AREA_CODES = Object.keys(areaCodesFile.unitedStates)

/** A person of its own for each number: area codes that exist, with numbers that do not. */
function sampleLead(number: number): LeadInput & { email: string } {
  const areaCode = AREA_CODES[Math.floor(number / 100) % AREA_CODES.length]
  return {
    externalId: `crm-${number}`,
    firstName: 'Ada',
    email: `lead-${number}@example.com`,
    phone: `+1${areaCode}55501${String(number % 100).padStart(2, '0')}`,
    source: 'webform',
  }
}
