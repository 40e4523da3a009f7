import { Client } from '@temporalio/client'
import { NativeConnection, type WorkflowBundleOption } from '@temporalio/worker'
import { Registry } from 'prom-client'
import type { ActivityDeps } from '../activities/deps.ts'
import type { ImapConfig } from '../channels/email/imap.ts'
import type { SmsInbox } from '../channels/sms/twilio-inbox.ts'
import { type EngineRules, engineRules } from '../domain/company/company.ts'
import { instant } from '../domain/time.ts'
import { readSettings } from '../store/company/settings.ts'
import type { Store } from '../store/connect.ts'
import type { HashKeys } from '../store/hash-key.ts'
import { createArchiver } from '../temporal/archive.ts'
import { createBulkRelay } from '../temporal/bulk-relay.ts'
import { openTemporal, type TemporalLink, type TemporalLocation } from '../temporal/connection.ts'
import { createDoorbell, type RunningDoorbell } from '../temporal/create-doorbell.ts'
import type { Log } from '../temporal/log.ts'
import type { Loop } from '../temporal/loop.ts'
import { registerHarmony, registerKeepers } from '../temporal/metrics.ts'
import { createRelay } from '../temporal/relay.ts'
import { createSweep } from '../temporal/sweep.ts'
import type { Channels } from './channels.ts'
import { createDeliveriesLoop } from './deliver-webhooks.ts'
import { createEvidenceLoop } from './evidence.ts'
import { derivedKey } from './keys.ts'
import { createMailboxLoop } from './mailbox.ts'
import { createNotifyLoop } from './notify.ts'
import { createOfferingsLoop } from './offerings.ts'
import { createPhoneLookupLoop, type PhoneLookupOptions } from './phone-lookups.ts'
import { createPublicationsLoop } from './publications.ts'
import { createTestSendsLoop } from './test-sends.ts'
import { createTextInboxLoop } from './text-inbox.ts'
import { type RunningWorkers, startWorkers } from './workers.ts'

export interface EngineOptions {
  readonly store: Store
  readonly hashKeys: HashKeys
  readonly temporal: TemporalLocation
  readonly channels: Channels
  readonly publicUrl: string
  /** The domain whose mail comes back to us; null: bounces and answers go to the sender. */
  readonly inboundDomain?: string | null
  /** Where people reach the console, for links in notices. */
  readonly consoleUrl?: string | null
  /** Asked for texts and their fate where Twilio cannot call us; else null. */
  readonly textInbox?: SmsInbox | null
  /** Asked what kind of line a number is; null, or absent: nobody is. */
  readonly phoneLookup?: Pick<PhoneLookupOptions, 'lookup' | 'mayAsk'> | null
  /** Whether notices may leave for a chat; default: no. */
  readonly webhooks?: boolean
  /** Where answers and bounces arrive; null, or absent: nowhere that we read. */
  readonly mailbox?: { readonly imap: ImapConfig; readonly everyMs: number } | null
  readonly clock: 'wall' | 'virtual'
  readonly log: Log
  readonly role: 'worker' | 'start' | 'test'
  readonly bundle?: WorkflowBundleOption
  readonly emailsPerSecond?: number
  readonly textsPerSecond?: number
}

/** Everything that performs the leads' workflows, whichever process it runs in. */
export interface Engine {
  readonly link: TemporalLink
  readonly doorbell: RunningDoorbell
  /** Signs the ledger's chain. */
  readonly ledgerKey: Buffer
  /** How well Temporal and the rows agree, and what this process does about it. */
  readonly metrics: Registry
  /** Rejects when it can work no longer. */
  readonly done: Promise<void>
  /** Lets what is under way end, then stops; closes no store and no channel of others. */
  stop(): Promise<void>
}

/** How stale the settings in hand may be: an emergency belongs in a hold, not in a setting. */
const SETTINGS_FOR_MS = 2_000

/** Starts the workers and the loops around them, on a store that is open and migrated. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { store, temporal, log, channels } = options
  const link = openTemporal(temporal, { role: options.role })
  const ledgerKey = derivedKey(options.hashKeys, 'ledger')
  const deps: ActivityDeps = {
    store,
    settings: cachedSettings(store),
    ledgerKey,
    ...channels,
    publicUrl: options.publicUrl,
    inboundDomain: options.inboundDomain ?? null,
  }
  const { tls, apiKey } = temporal.security ?? {}
  const connection = await NativeConnection.connect({
    address: temporal.address,
    ...(tls === undefined || tls === null ? {} : { tls }),
    ...(typeof apiKey === 'string' ? { apiKey } : {}),
  })
  const { identity } = link.client.options
  const here = new Client({ connection, namespace: temporal.namespace, identity })
  const doorbell = createDoorbell({ client: link.client, here, store, log })
  const workers: RunningWorkers = await startWorkers({
    connection,
    namespace: temporal.namespace,
    deps,
    clock: options.clock,
    doorbell,
    ...(options.bundle ? { bundle: options.bundle } : {}),
    ...(options.emailsPerSecond ? { emailsPerSecond: options.emailsPerSecond } : {}),
    ...(options.textsPerSecond ? { textsPerSecond: options.textsPerSecond } : {}),
  })
  const relay = createRelay({ store, doorbell, log })
  const sweep = createSweep({ client: link.client, store, doorbell, log })
  const archiver = createArchiver({ client: link.client, store, log })
  const metrics = new Registry()
  registerHarmony(metrics, store)
  registerKeepers(metrics, { doorbell, relay, sweep, archiver })
  const loops: Loop[] = [
    relay,
    sweep,
    archiver,
    createBulkRelay({ client: link.client, store, log }),
    createNotifyLoop({
      intake: { store, now: wallClock },
      email: channels.email,
      places: {
        inboundDomain: deps.inboundDomain,
        consoleUrl: options.consoleUrl ?? null,
      },
      webhooks: options.webhooks ?? false,
      log,
    }),
    createTestSendsLoop({
      ...channels,
      intake: { store, now: wallClock },
      settings: deps.settings,
      log,
    }),
    createDeliveriesLoop({
      intake: { store, now: wallClock },
      live: options.webhooks ?? false,
      log,
    }),
    createEvidenceLoop({
      intake: { store, doorbell, now: wallClock },
      sms: channels.sms,
      ledgerKey,
      log,
    }),
    createPublicationsLoop({
      intake: { store, doorbell, now: wallClock },
      settings: deps.settings,
      log,
    }),
  ]
  loops.push(createOfferingsLoop({ intake: { store, doorbell, now: wallClock }, log }))
  if (options.textInbox) {
    const intake = { store, hashKeys: options.hashKeys, doorbell, now: wallClock }
    const { sms } = channels
    loops.push(createTextInboxLoop({ intake, ledgerKey, sms, inbox: options.textInbox, log }))
  }
  if (options.phoneLookup) {
    const intake = { store, hashKeys: options.hashKeys, doorbell, now: wallClock }
    loops.push(createPhoneLookupLoop({ ...options.phoneLookup, intake, log }))
  }
  if (options.mailbox) {
    const intake = { store, hashKeys: options.hashKeys, doorbell, now: wallClock, ledgerKey }
    loops.push(createMailboxLoop({ ...options.mailbox, intake, log }))
  }
  for (const loop of loops) loop.start()
  return {
    link,
    doorbell,
    ledgerKey,
    metrics,
    done: workers.done,
    stop: async () => {
      await Promise.all(loops.map((loop) => loop.stop()))
      await workers.stop()
      await doorbell.close()
      await connection.close()
      await link.close()
    },
  }
}

/** The company's settings, read again after a while. */
export function cachedSettings(store: Store): () => Promise<EngineRules> {
  let read: { at: number; rules: Promise<EngineRules> } | null = null
  return () => {
    if (read === null || performance.now() - read.at > SETTINGS_FOR_MS) {
      const rules = readSettings(store.db).then(engineRules)
      // A failed read is not kept.
      rules.catch(() => {
        read = null
      })
      read = { at: performance.now(), rules }
    }
    return read.rules
  }
}

function wallClock() {
  return instant(Date.now())
}
