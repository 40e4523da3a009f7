import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { WorkflowBundleOption } from '@temporalio/worker'
import { type ParsedCadence, parseCadenceSet } from '../../src/domain/cadence/file/set.ts'
import { engineRules } from '../../src/domain/company/company.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import { areaCodesFile } from '../../src/domain/policy/data.ts'
import { instant } from '../../src/domain/time.ts'
import { type CsvLine, importLeads } from '../../src/leads/incoming/import.ts'
import type { LeadInput } from '../../src/leads/incoming/lead-fields.ts'
import type { Post } from '../../src/leads/incoming/post.ts'
import { upsertLead } from '../../src/leads/incoming/upsert.ts'
import { publish } from '../../src/leads/publishing/publish.ts'
import { startCatchers } from '../../src/local/catchers.ts'
import { readCadenceFolder, SHIPPED_FOLDER } from '../../src/local/folder.ts'
import { readSettings, writeSettings } from '../../src/store/company/settings.ts'
import { openStore, type Store } from '../../src/store/connect.ts'
import { type HashKeys, hashKeysFrom } from '../../src/store/hash-key.ts'
import { migrate } from '../../src/store/migrate.ts'
import { caughtChannels } from '../../src/wiring/channels.ts'
import { type Engine, startEngine } from '../../src/wiring/engine.ts'
import { createLog, installRuntime } from '../../src/wiring/log.ts'
import { workflowBundle } from '../../src/wiring/workers.ts'
import type { Machine } from './machine.ts'
import { MailWatch } from './mail-watch.ts'

/** A lead's own form, one whose first message waits until tomorrow, or one that hears from us often. */
export type PostKind = 'form' | 'patient' | 'chain'

/** Emails of the chain, each a moment after the one before. */
export const CHAIN_LENGTH = 8
const CHAIN_WAIT_MS = 20

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
  /** How many emails SMTP has taken so far. */
  readonly mails: () => number
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

const CHAIN = `name: chain
title: Chain
purpose: nurture
priority: 50
steps:
${Array.from({ length: CHAIN_LENGTH }, (_, index) => `  - { id: s${index}, email: new-lead/first-reply, at: asap, hours: any }`).join('\n')}
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
  await allowMany(store)
  const sink = await startSink()
  const catchers = { ...(await startCatchers()), smtp: sink.smtp }
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
    mails: () => mail.count,
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
      sink.stop()
      await store.close()
    },
  }
}

async function publishAll(store: Store): Promise<void> {
  const patient = { path: 'cadences/patient.yaml', text: PATIENT }
  const chain = { path: 'cadences/chain.yaml', text: CHAIN }
  const set = parseCadenceSet([...readCadenceFolder(SHIPPED_FOLDER), patient, chain])
  if (!set.ok) throw new Error(set.problems.map(({ message }) => message).join('\n'))
  const cadences = set.cadences.map((each) =>
    each.cadence.name === 'chain' ? hurried(each) : each,
  )
  const publishing = { ...set, cadences }
  await store.transaction((trx) => publish(trx, publishing, 'bench', instant(Date.now())))
}

/** Minutes are the least that a cadence file can say. */
function hurried(parsed: ParsedCadence): ParsedCadence {
  const after = { kind: 'exactly', ms: CHAIN_WAIT_MS } as const
  const steps = parsed.cadence.steps.map((step) => ({ ...step, after }))
  return { ...parsed, cadence: { ...parsed.cadence, steps } }
}

/** The company's own caps would let two emails a day pass. */
async function allowMany(store: Store): Promise<void> {
  const settings = await readSettings(store.db)
  const most = CHAIN_LENGTH + 1
  const caps = {
    ...settings.caps,
    touchesPerDay: most,
    touchesPerWeek: most,
    touchesPerEpisode: most,
  }
  const at = instant(Date.now())
  await store.transaction((trx) => writeSettings(trx, { ...settings, caps, minimumGapMs: 0 }, at))
}

/** A mail server in a process of its own: its work counts on neither side of a ratio. */
async function startSink() {
  const child = fork(fileURLToPath(new URL('smtp-sink.ts', import.meta.url)))
  const [port] = (await once(child, 'message')) as [number]
  return { smtp: { host: '127.0.0.1', port }, stop: () => child.disconnect() }
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
    cadence: kind === 'form' ? 'new-lead' : kind,
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
