import { Writable } from 'node:stream'
import type { Client } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import { type Logger, pino } from 'pino'
import { inject } from 'vitest'
import { DEFAULT_SETTINGS, engineRules } from '../../src/domain/company/company.ts'
import { leadWorkflowId } from '../../src/domain/contract.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import { instant } from '../../src/domain/time.ts'
import type { Post } from '../../src/leads/incoming/post.ts'
import { upsertLead } from '../../src/leads/incoming/upsert.ts'
import { type Catchers, startCatchers } from '../../src/local/catchers.ts'
import { publishShipped } from '../../src/local/shipped.ts'
import type { Store } from '../../src/store/connect.ts'
import { hashKeysFrom, verifyHashKeys } from '../../src/store/hash-key.ts'
import { findLead, type LeadRow } from '../../src/store/leads.ts'
import { openTemporal, type TemporalLink } from '../../src/temporal/connection.ts'
import type { Ring } from '../../src/temporal/doorbell.ts'
import { caughtChannels } from '../../src/wiring/channels.ts'
import { cachedSettings } from '../../src/wiring/engine.ts'
import { derivedKey } from '../../src/wiring/keys.ts'
import { type RunningWorkers, startWorkers } from '../../src/wiring/workers.ts'
import { openMemoryStore } from '../support/stores.ts'
import { type TestNamespace, testNamespace } from '../support/temporal.ts'

/** Everything around the loops under test, all of it real: store, server, workers, catchers. */
export interface Rig {
  readonly store: Store
  readonly test: TestNamespace
  readonly link: TemporalLink
  readonly client: Client
  readonly log: Logger
  /** What was logged, as one text. */
  readonly logged: () => string
  readonly catchers: Catchers
  readonly ledgerKey: Buffer
  /** Workers perform the leads until they are stopped. */
  work(): Promise<RunningWorkers>
  /** Posts a lead, as the api does; rings nobody. */
  post(post?: Partial<Post> & { readonly priority?: 'import' }): Promise<Posted>
  lead(leadId: LeadId): Promise<LeadRow>
  /** The newest run of the lead: its status, or null when there is none. */
  status(leadId: LeadId): Promise<string | null>
  close(): Promise<void>
}

export interface Posted {
  readonly leadId: LeadId
  readonly ring: Ring
}

const hashKeys = hashKeysFrom('00'.repeat(32))
const PUBLIC_URL = 'http://127.0.0.1:1'
let posts = 0

export async function openRig(): Promise<Rig> {
  const store = await openMemoryStore()
  const test = await testNamespace()
  const catchers = await startCatchers({ gapMs: 1 })
  const now = () => instant(Date.now())
  await verifyHashKeys(store, hashKeys, now())
  await publishShipped(store, now())
  const { log, logged } = recordingLog()
  const link = openTemporal({ address: test.address, namespace: test.namespace }, { role: 'test' })
  const ledgerKey = derivedKey(hashKeys, 'ledger')
  const native = await NativeConnection.connect({ address: test.address })
  const running: RunningWorkers[] = []

  return {
    store,
    test,
    link,
    client: link.client,
    log,
    logged,
    catchers,
    ledgerKey,
    async work() {
      const workers = await startWorkers({
        connection: native,
        namespace: test.namespace,
        deps: {
          store,
          settings: cachedSettings(store),
          ledgerKey,
          ...caughtChannels(catchers, PUBLIC_URL),
          publicUrl: PUBLIC_URL,
          inboundDomain: 'rekindle.invalid',
        },
        clock: 'virtual',
        bundle: { codePath: inject('workflowBundlePath') },
      })
      running.push(workers)
      return workers
    },
    post: (post) => postLead(store, post),
    async lead(leadId) {
      const row = await findLead(store.db, leadId)
      if (row === null) throw new Error('no such lead')
      return row
    },
    status: (leadId) => statusOf(link.client, leadId),
    async close() {
      await Promise.all(running.map((workers) => workers.stop()))
      await native.close()
      await link.close()
      await test.close()
      await catchers.close()
      await store.close()
    },
  }
}

/** Posts a lead into a store, as the api does; rings nobody. */
export async function postLead(
  store: Store,
  { priority, ...post }: Partial<Post> & { readonly priority?: 'import' } = {},
): Promise<Posted> {
  posts += 1
  const { lead, ring } = await store.transaction((trx) =>
    upsertLead(
      trx,
      {
        lead: { firstName: 'Ada', email: `ada-${posts}@example.com`, source: 'webform' },
        consents: [],
        cadence: null,
        form: false,
        visitorId: null,
        dead: null,
        ...post,
      },
      {
        hashKeys,
        rules: engineRules(DEFAULT_SETTINGS),
        via: 'test',
        receivedAt: instant(Date.now()),
        begunBy: priority ?? 'api',
        eventId: null,
      },
    ),
  )
  if (ring === null) throw new Error('the post made no plan stale')
  return { leadId: lead.id, ring }
}

async function statusOf(client: Client, leadId: LeadId): Promise<string | null> {
  try {
    const { status } = await client.workflow.getHandle(leadWorkflowId(leadId)).describe()
    return status.name
  } catch {
    return null
  }
}

function recordingLog(): { log: Logger; logged: () => string } {
  const lines: string[] = []
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString('utf8'))
      done()
    },
  })
  return { log: pino({ level: 'debug' }, sink), logged: () => lines.join('') }
}
