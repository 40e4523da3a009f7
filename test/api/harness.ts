import { randomBytes } from 'node:crypto'
import { Writable } from 'node:stream'
import type { Hono } from 'hono'
import pino from 'pino'
import type { ApiConfig, ApiDeps } from '../../src/api/deps.ts'
import type { ApiEnv } from '../../src/api/operation.ts'
import { createPrivateApp } from '../../src/api/private.ts'
import { createPublicApp } from '../../src/api/public.ts'
import { operationRoutes } from '../../src/api/routes/operations.ts'
import { engineRules } from '../../src/domain/company/company.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import { type Instant, instant } from '../../src/domain/time.ts'
import { absorb } from '../../src/leads/absorb.ts'
import { publishShipped } from '../../src/local/shipped.ts'
import { createKey } from '../../src/store/company/api-keys.ts'
import { readSettings } from '../../src/store/company/settings.ts'
import type { Store } from '../../src/store/connect.ts'
import { hashKeysFrom } from '../../src/store/hash-key.ts'
import { findLead, lockLead } from '../../src/store/leads.ts'
import { newsOf } from '../../src/store/news.ts'
import type { Doorbell, Ring } from '../../src/temporal/doorbell.ts'
import { openMemoryStore } from '../support/stores.ts'

export const HOST = '127.0.0.1:7300'
export const PUBLIC_URL = 'http://127.0.0.1:7400'
export const TWILIO_TOKEN = 'a-token-for-tests'
export const IDENTIFY_SECRET = 'a-secret-for-identified-visitors'

/** A doorbell that only remembers. */
export class RecordingDoorbell implements Doorbell {
  readonly rings: Ring[] = []
  healthy = true
  ring(rings: readonly Ring[]): void {
    this.rings.push(...rings)
  }
  async settle(): Promise<void> {}
}

export interface Harness {
  readonly store: Store
  readonly deps: ApiDeps
  readonly doorbell: RecordingDoorbell
  readonly privateApp: Hono<ApiEnv>
  readonly publicApp: Hono<ApiEnv>
  readonly apiKey: string
  readonly writeKey: string
  /** Everything logged so far. */
  readonly logged: () => string
  /** The wall clock of the listeners; tests move it. */
  readonly clock: { now: Instant }
  /** Calls /v1 with the key; a body is sent as JSON. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Called>
  /** Absorbs the lead's signals, as the planner does. */
  absorb(leadId: LeadId): Promise<void>
  close(): Promise<void>
}

// What an answer looks like is what the tests assert.
// oxlint-disable-next-line typescript/no-explicit-any
export type Loose = any

export interface Called {
  readonly status: number
  readonly body: Loose
  readonly response: Response
}

/** Both listeners over a store in memory with the shipped cadences, and a doorbell that records. */
export async function startHarness(
  config: Partial<ApiConfig> = {},
  given?: Store,
): Promise<Harness> {
  const store = given ?? (await openMemoryStore())
  const clock = { now: instant(Date.parse('2026-06-10T15:00:00Z')) }
  await publishShipped(store, clock.now)
  const keys = await store.transaction(async (trx) => ({
    api: (await createKey(trx, 'tests', 'api', clock.now)).key,
    write: (await createKey(trx, 'tests', 'write', clock.now)).key,
  }))
  const lines: string[] = []
  const log = pino(
    { level: 'trace' },
    new Writable({
      write(chunk, _, done) {
        lines.push(String(chunk))
        done()
      },
    }),
  )
  const doorbell = new RecordingDoorbell()
  const ledgerKey = randomBytes(32)
  const deps: ApiDeps = {
    store,
    hashKeys: hashKeysFrom(randomBytes(32).toString('hex')),
    doorbell,
    now: () => clock.now,
    log,
    ledgerKey,
    leadClock: null,
    local: null,
    moreRoutes: [(all) => operationRoutes(all, { client: null, ledgerKeys: [ledgerKey] })],
    console: null,
    config: {
      version: '0.0.0-test',
      outbound: 'catch',
      channels: ['email', 'sms'],
      publicUrl: PUBLIC_URL,
      privateUrl: `http://${HOST}`,
      allowedHosts: [HOST],
      twilioSigners: [{ publicUrl: PUBLIC_URL, authTokens: [TWILIO_TOKEN], mayAnswer: () => true }],
      emailHooks: { sesTopics: [], postmarkSecret: null },
      identifySecret: IDENTIFY_SECRET,
      trustedProxies: 0,
      ...config,
    },
  }
  const privateApp = createPrivateApp(deps)
  return {
    store,
    deps,
    doorbell,
    privateApp,
    publicApp: createPublicApp(deps),
    apiKey: keys.api,
    writeKey: keys.write,
    logged: () => lines.join(''),
    clock,
    async call(method, path, body, headers = {}) {
      const response = await privateApp.request(`http://${HOST}${path}`, {
        method,
        headers: {
          Authorization: `Bearer ${keys.api}`,
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined
          ? {}
          : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, body: text === '' ? null : JSON.parse(text), response }
    },
    async absorb(leadId) {
      const rules = engineRules(await readSettings(store.db))
      await store.transaction(async (trx) => {
        const lead = await lockLead(trx, leadId)
        if (lead === null) return
        const { signals } = await newsOf(trx, leadId)
        await absorb(trx, lead, signals, clock.now, rules)
      })
    },
    close: () => store.close(),
  }
}

/** The lead's row, which must be there. */
export async function leadRow(store: Store, leadId: LeadId) {
  const lead = await findLead(store.db, leadId)
  if (lead === null) throw new Error('there is no such lead')
  return lead
}
