import type { Config } from './config.ts'
import { instant } from './domain/time.ts'
import type { Intake } from './leads/intake.ts'
import { openTemporal } from './temporal/connection.ts'
import { createDoorbell } from './temporal/create-doorbell.ts'
import { createRelay } from './temporal/relay.ts'
import { listen, PATIENT_MS } from './wiring/listeners.ts'
import { createLog } from './wiring/log.ts'
import { requirePassword, serveApps } from './wiring/serve-apps.ts'
import { openConfiguredStore } from './wiring/store.ts'
import { temporalOf } from './wiring/temporal.ts'
import type { Running } from './worker.ts'

export interface RunningApi extends Running {
  readonly publicUrl: string
  readonly privateUrl: string
}

/**
 * An api process: both listeners. Any number may run side by side. It starts, and accepts, while
 * Temporal is away.
 * @throws StoreError, PortTaken, NoOwnerPassword: each with a code and a fix
 */
export async function runApi(config: Config): Promise<RunningApi> {
  requirePassword(config)
  const log = createLog(config)
  const { store, hashKeys } = await openConfiguredStore(config, 'rekindle api', false)
  const temporal = temporalOf(config)
  const link = openTemporal(temporal, { role: 'api' })
  const doorbell = createDoorbell({ client: link.client, store, log })
  // What this process could not ring, it rings again itself: no worker need be there for that.
  const relay = createRelay({ store, doorbell, log })
  relay.start()
  const listeners = {
    public: await listen(
      { host: config.PUBLIC_HOST, port: config.PUBLIC_PORT, orAnother: false },
      'PUBLIC_PORT',
    ),
    private: await listen(
      {
        host: config.PRIVATE_HOST,
        port: config.PRIVATE_PORT,
        orAnother: false,
        requestMs: PATIENT_MS,
      },
      'PRIVATE_PORT',
    ),
  }
  const publicUrl = config.PUBLIC_URL ?? listeners.public.url
  const intake: Intake = { store, hashKeys, doorbell, now: () => instant(Date.now()) }
  serveApps({
    config,
    log,
    intake,
    listeners,
    publicUrl,
    temporal: { client: link.client, namespace: temporal.namespace, uiUrl: null },
    embedded: null,
    keyHint: null,
  })
  log.info({ publicUrl, privateUrl: listeners.private.url }, 'the api is ready')
  return {
    publicUrl,
    privateUrl: listeners.private.url,
    // Nothing in here can fail for good: each request stands by itself.
    done: new Promise(() => {}),
    stop: async () => {
      await listeners.public.close()
      await listeners.private.close()
      await relay.stop()
      await doorbell.close()
      await link.close()
      await store.close()
      log.info('the api has stopped')
    },
  }
}
