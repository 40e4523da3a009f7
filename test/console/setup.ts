import type { Hono } from 'hono'
import pino from 'pino'
import { virtualTiming } from '../../src/activities/clock.ts'
import type { ActivityDeps } from '../../src/activities/deps.ts'
import { lookAt } from '../../src/activities/look.ts'
import { changeWrittenSettings } from '../../src/api/change-settings.ts'
import { noEmailChannel, noSmsChannel } from '../../src/channels/not-configured.ts'
import { createConsole } from '../../src/console/console.ts'
import type { ConsoleDeps } from '../../src/console/deps.ts'
import { engineRules } from '../../src/domain/company/company.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import { instant } from '../../src/domain/time.ts'
import type { LeadInput } from '../../src/leads/incoming/lead-fields.ts'
import { upsertLead } from '../../src/leads/incoming/upsert.ts'
import { type Catchers, startCatchers } from '../../src/local/catchers.ts'
import { publishShipped } from '../../src/local/shipped.ts'
import { createKey, findKey, listKeys } from '../../src/store/company/api-keys.ts'
import { readSettings } from '../../src/store/company/settings.ts'
import type { Store } from '../../src/store/connect.ts'
import { hashKeysFrom } from '../../src/store/hash-key.ts'
import type { Doorbell } from '../../src/temporal/doorbell.ts'
import { openMemoryStore } from '../support/stores.ts'

const LEDGER_KEY = Buffer.from('the ledger of the tests')

/** The console on a store in memory, with the real planner behind the doorbell. */
export interface ConsoleLab {
  readonly app: Hono
  readonly store: Store
  readonly key: { readonly id: string; readonly key: string }
  readonly catchers: Catchers
  readonly doorbell: Doorbell
  /** Posts a lead as the api would, and lets the planner look at it. */
  addLead(lead: LeadInput, options?: { cadence?: string | null }): Promise<LeadId>
  close(): Promise<void>
}

export async function openConsole(more: Partial<ConsoleDeps> = {}): Promise<ConsoleLab> {
  const store = await openMemoryStore()
  const catchers = await startCatchers()
  const now = () => instant(Date.now())
  await publishShipped(store, now())
  const hashKeys = hashKeysFrom('ab'.repeat(32))
  const doorbell = plannerDoorbell(store)
  const key = await createKey(store.db, 'first key', 'api', now())
  const app = createConsole({
    store,
    hashKeys,
    doorbell,
    now,
    config: {
      version: '0.0.0',
      outbound: 'catch',
      channels: ['email', 'sms'],
      publicUrl: 'http://127.0.0.1:7400',
      privateUrl: 'http://127.0.0.1:7300',
    },
    log: pino({ level: 'silent' }),
    local: null,
    catchers,
    temporal: { namespace: 'rekindle', uiUrl: 'http://127.0.0.1:8233' },
    ledgerKeys: [LEDGER_KEY],
    changeSettings: async (written, who) => {
      await store.transaction((trx) => changeWrittenSettings(trx, written, who, now()))
    },
    sessionSecret: Buffer.from('a secret that signs the sessions'),
    checkKey: async (text) => {
      const row = await findKey(store.db, text, 'api')
      return row && { id: row.id, name: row.name }
    },
    isLive: async (keyId) => {
      const keys = await listKeys(store.db)
      return keys.some(({ id, revoked_at }) => id === keyId && revoked_at === null)
    },
    keyHint: null,
    leadClock: null,
    ...more,
  })
  return {
    app,
    store,
    key,
    catchers,
    doorbell,
    addLead: async (lead, { cadence } = {}) => {
      const context = {
        hashKeys,
        rules: engineRules(await readSettings(store.db)),
        via: 'test',
        receivedAt: now(),
        begunBy: 'api',
        eventId: null,
      } as const
      const post = { lead, consents: [], cadence, form: false, visitorId: null, dead: null }
      const { ring, lead: row } = await store.transaction((trx) => upsertLead(trx, post, context))
      if (ring !== null) doorbell.ring([ring])
      await doorbell.settle()
      return row.id
    },
    close: async () => {
      await doorbell.settle()
      await catchers.close()
      await store.close()
    },
  }
}

/** Looks at every lead that is rung for, as its workflow would. */
function plannerDoorbell(store: Store): Doorbell {
  const deps: ActivityDeps = {
    store,
    settings: async () => engineRules(await readSettings(store.db)),
    ledgerKey: LEDGER_KEY,
    email: noEmailChannel(),
    sms: noSmsChannel(),
    publicUrl: 'http://127.0.0.1:7400',
    inboundDomain: 'rekindle.invalid',
  }
  let looking: Promise<unknown> = Promise.resolve()
  return {
    ring: (rings) => {
      for (const { leadId } of rings) {
        looking = looking.then(() =>
          lookAt(deps, { v: 1, leadId, trouble: null }, 'run', virtualTiming(instant(Date.now()))),
        )
      }
    },
    healthy: true,
    settle: async () => void (await looking),
  }
}

/** A browser of one person: it keeps cookies, follows redirects and fills in forms. */
export class Visitor {
  readonly #app: Hono
  readonly #cookies = new Map<string, string>()

  constructor(app: Hono) {
    this.#app = app
  }

  async get(path: string): Promise<Response> {
    const response = await this.#send(path, {})
    const to = response.headers.get('Location')
    return to === null ? response : this.get(to)
  }

  /** Sends a form as the page made it: with the token that the last page carried. */
  async post(path: string, fields: Record<string, string>, token?: string): Promise<Response> {
    const body = new URLSearchParams({ token: token ?? (await this.token()), ...fields })
    return this.#send(path, { method: 'POST', body })
  }

  async logIn(key: string): Promise<Response> {
    return this.#send('/login', { method: 'POST', body: new URLSearchParams({ key }) })
  }

  /** The token of this session's forms. */
  async token(): Promise<string> {
    const page = await (await this.get('/tasks')).text()
    return /name="token" value="([^"]+)"/.exec(page)?.[1] ?? ''
  }

  cookie(name: string): string | undefined {
    return this.#cookies.get(name)
  }

  setCookie(name: string, value: string): void {
    this.#cookies.set(name, value)
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await this.#app.request(`http://127.0.0.1:7300${path}`, {
      ...init,
      headers: { cookie },
    })
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const [name = '', ...value] = pair.split('=')
      if (/Max-Age=0/i.test(line)) this.#cookies.delete(name)
      else this.#cookies.set(name, decodeURIComponent(value.join('=')))
    }
    return response
  }
}
