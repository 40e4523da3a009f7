import { Hono } from 'hono'
import pino from 'pino'
import { withBase } from '../../api/base.ts'
import type { ApiDeps } from '../../api/deps.ts'
import type { ApiEnv } from '../../api/operation.ts'
import { actionRoutes } from '../../api/routes/actions.ts'
import { bulkRoutes } from '../../api/routes/bulk.ts'
import { cadenceRoutes } from '../../api/routes/cadences.ts'
import { emergencyStopRoutes } from '../../api/routes/emergency-stops.ts'
import { importRoutes } from '../../api/routes/imports.ts'
import { leadRoutes } from '../../api/routes/leads.ts'
import { operationRoutes } from '../../api/routes/operations.ts'
import { reportRoutes } from '../../api/routes/ops.ts'
import { outboundRoutes } from '../../api/routes/outbound.ts'
import { pauseRoutes } from '../../api/routes/pauses.ts'
import { publishingRoutes } from '../../api/routes/publishing.ts'
import { segmentRoutes } from '../../api/routes/segments.ts'
import { settingsRoutes } from '../../api/routes/settings.ts'
import { stopListRoutes } from '../../api/routes/stop-lists.ts'
import type { Config } from '../../config.ts'
import { instant } from '../../domain/time.ts'
import { publishShipped } from '../../local/shipped.ts'
import { openTemporal } from '../../temporal/connection.ts'
import type { Doorbell } from '../../temporal/doorbell.ts'
import { configuredChannels } from '../../wiring/channels.ts'
import { derivedKey, ledgerKeysOf } from '../../wiring/keys.ts'
import { openConfiguredStore } from '../../wiring/store.ts'
import { temporalOf } from '../../wiring/temporal.ts'
import type { DataClient } from './client.ts'

/**
 * The api over a store that this process opened itself, because no instance runs: the same routes,
 * called without a network. Bells are left unrung; the relay of the next start rings them.
 * @throws StoreError when the store cannot be opened
 */
export async function openInProcess(config: Config): Promise<DataClient> {
  const embedded = config.DATABASE_URL === undefined
  const { store, hashKeys } = await openConfiguredStore(config, 'rekindle cli', embedded)
  const now = () => instant(Date.now())
  if (embedded) await publishShipped(store, now())
  // Only a server that was named is asked: the embedded one stands still with its instance.
  const link =
    config.TEMPORAL_ADDRESS === undefined ? null : openTemporal(temporalOf(config), { role: 'cli' })
  const deps: ApiDeps = {
    store,
    hashKeys,
    doorbell: SILENT,
    now,
    config: {
      version: 'cli',
      outbound: config.OUTBOUND,
      channels: configuredChannels(config, embedded && config.OUTBOUND === 'catch'),
      publicUrl: '',
      privateUrl: '',
      allowedHosts: [],
      twilioSigners: [],
      emailHooks: { sesTopics: [], postmarkSecret: null },
      identifySecret: null,
      trustedProxies: 0,
    },
    log: pino({ level: 'silent' }),
    ledgerKey: derivedKey(hashKeys, 'ledger'),
    leadClock: null,
    local: null,
    moreRoutes: [],
    console: null,
  }
  const operations = { client: link?.client ?? null, ledgerKeys: ledgerKeysOf(hashKeys) }
  const app = new Hono<ApiEnv>()
  withBase(app, deps, 'cli')
  app.use(async (c, next) => {
    c.set('caller', { keyId: 'cli', name: 'cli' })
    await next()
  })
  for (const routes of [
    importRoutes,
    stopListRoutes,
    leadRoutes,
    actionRoutes,
    bulkRoutes,
    pauseRoutes,
    segmentRoutes,
    emergencyStopRoutes,
    cadenceRoutes,
    publishingRoutes,
    reportRoutes,
    outboundRoutes,
    settingsRoutes,
  ]) {
    app.route('/', routes(deps))
  }
  app.route('/', operationRoutes(deps, operations))
  return {
    from: embedded ? `the data folder ${config.REKINDLE_DATA_DIR}` : 'the database',
    send: async (path, init) => app.request(path, init),
    async close() {
      await link?.close()
      await store.close()
    },
  }
}

/** Nobody hears it: what it should have rung stands in the rows. */
const SILENT: Doorbell = { ring: () => {}, healthy: false, settle: async () => {} }
