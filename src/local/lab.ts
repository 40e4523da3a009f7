import { randomBytes } from 'node:crypto'
import type { WorkflowBundleOption } from '@temporalio/worker'
import pino from 'pino'
import { engineRules } from '../domain/company/company.ts'
import type { LeadId } from '../domain/ids.ts'
import { instant } from '../domain/time.ts'
import type { Intake } from '../leads/intake.ts'
import { readSettings } from '../store/company/settings.ts'
import { openStore, type Store } from '../store/connect.ts'
import { hashKeysFrom } from '../store/hash-key.ts'
import { migrate } from '../store/migrate.ts'
import { caughtChannels, caughtLookup } from '../wiring/channels.ts'
import { type Engine, startEngine } from '../wiring/engine.ts'
import { type Catchers, EMBEDDED_MAIL_DOMAIN, startCatchers } from './catchers.ts'
import { type DevTime, devTime } from './dev-fast-forward.ts'
import { publishShipped } from './shipped.ts'
import { startTemporal } from './temporal/server.ts'

export interface LabOptions {
  /** A server that skips time; one of its own, in memory, when absent. */
  readonly temporal?: { readonly address: string; readonly namespace: string }
  /** A store of its own, in memory, when absent. It is migrated and filled, and not closed. */
  readonly store?: Store
  readonly bundle?: WorkflowBundleOption
  readonly onProgress?: (line: string) => void
  readonly log?: pino.Logger
  /** Where links in messages lead; nothing listens there unless the caller starts it. */
  readonly publicUrl?: string
}

/**
 * A whole engine that nothing leaves: the real workflow, activities and policy on a server whose
 * time can be skipped, with recorders for senders. Rehearsals, the demo and tests live in it; it
 * never uses TEMPORAL_ADDRESS or DATABASE_URL.
 */
export interface Lab {
  readonly intake: Intake
  readonly engine: Engine
  readonly catchers: Catchers
  /** Lets a lead's own time pass; what falls due on the way is done. */
  readonly time: DevTime
  readonly temporal: { readonly address: string; readonly namespace: string }
  /** Lets one lead live for so long. Throws when it cannot. */
  pass(leadId: LeadId, ms: number): Promise<void>
  stop(): Promise<void>
}

/** Starts a lab. @throws Error with a sentence and a fix when no server can be had */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const closers: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close()
  }
  try {
    return await build(options, closers, stop)
  } catch (error) {
    await stop()
    throw error
  }
}

async function build(
  options: LabOptions,
  closers: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<Lab> {
  const log = options.log ?? pino({ level: 'silent' })
  const temporal = options.temporal ?? (await ownServer(options, closers))
  const store = options.store ?? (await ownStore(closers))
  await migrate(store)
  await publishShipped(store, instant(Date.now()))
  const catchers = await startCatchers()
  closers.push(() => catchers.close())
  const publicUrl = options.publicUrl ?? 'http://127.0.0.1:7400'
  const channels = caughtChannels(catchers, publicUrl)
  closers.push(async () => {
    await channels.email.close()
    await channels.sms.close()
  })
  const hashKeys = hashKeysFrom(randomBytes(32).toString('hex'))
  const engine = await startEngine({
    store,
    hashKeys,
    temporal,
    channels,
    publicUrl,
    inboundDomain: EMBEDDED_MAIL_DOMAIN,
    phoneLookup: caughtLookup(catchers),
    clock: 'virtual',
    log,
    role: 'test',
    ...(options.bundle ? { bundle: options.bundle } : {}),
  })
  closers.push(() => engine.stop())
  const { connection } = engine.link
  const time = devTime({ connection, namespace: temporal.namespace, store, outbound: 'catch' })
  const now = () => instant(Date.now())
  return {
    intake: { store, hashKeys, doorbell: engine.doorbell, now },
    engine,
    catchers,
    time,
    temporal,
    pass: async (leadId, ms) => {
      const result = await time.fastForward(leadId, { ms })
      if (result.kind === 'refused') throw new Error(`${result.because} ${result.fix}`)
    },
    stop,
  }
}

async function ownServer(options: LabOptions, closers: (() => Promise<void>)[]) {
  const started = await startTemporal({
    store: { kind: 'memory' },
    private: true,
    timeSkipping: 'required',
    ui: false,
    ...(options.onProgress ? { onProgress: options.onProgress } : {}),
  })
  if (started.kind === 'failed') {
    throw new Error(`${started.problem.message} ${started.problem.fix}`)
  }
  closers.push(() => started.server.stop())
  return { address: started.server.address, namespace: started.server.namespace }
}

async function ownStore(closers: (() => Promise<void>)[]): Promise<Store> {
  const store = await openStore({ memory: true })
  closers.push(() => store.close())
  return store
}

/** The lab's company: what `upsertLead` and the planner go by. */
export async function labRules(store: Store) {
  return engineRules(await readSettings(store.db))
}
