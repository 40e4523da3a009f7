import { Hono } from 'hono'
import type { Registry } from 'prom-client'
import type { Config } from './config.ts'
import { channelsOf, phoneLookupOf, textInboxOf } from './wiring/channels.ts'
import { turnsInStore } from './wiring/email-servers.ts'
import { startEngine } from './wiring/engine.ts'
import { prepareOutbound } from './wiring/going-live.ts'
import { listen } from './wiring/listeners.ts'
import { createLog, installRuntime } from './wiring/log.ts'
import { mailboxOf } from './wiring/mailbox.ts'
import { openConfiguredStore } from './wiring/store.ts'
import { temporalOf } from './wiring/temporal.ts'

/** A main that runs until it is stopped. */
export interface Running {
  /** Rejects when it can work no longer. */
  readonly done: Promise<void>
  /** Lets what is under way end, then stops. */
  stop(): Promise<void>
}

/**
 * A worker process: performs the leads' workflows and sends. Any number may run side by side. Its
 * clock is always the wall clock.
 * @throws StoreError, PortTaken, or Temporal's connection error
 */
export async function runWorker(config: Config): Promise<Running> {
  const log = createLog(config)
  installRuntime(log)
  const { store, hashKeys } = await openConfiguredStore(config, 'rekindle worker', false)
  await prepareOutbound(store, config)
  const publicUrl = config.PUBLIC_URL ?? `http://127.0.0.1:${config.PUBLIC_PORT}`
  const channels = channelsOf(config, publicUrl, turnsInStore(store))
  const engine = await startEngine({
    store,
    hashKeys,
    temporal: temporalOf(config),
    channels,
    publicUrl,
    inboundDomain: config.INBOUND_EMAIL_DOMAIN ?? null,
    consoleUrl: config.CONSOLE_URL ?? null,
    webhooks: config.OUTBOUND !== 'catch',
    textInbox: textInboxOf(config),
    phoneLookup: phoneLookupOf(config, null),
    mailbox: config.OUTBOUND === 'catch' ? null : mailboxOf(config),
    clock: 'wall',
    log,
    role: 'worker',
    emailsPerSecond: config.EMAILS_PER_SECOND,
    textsPerSecond: config.TEXTS_PER_SECOND,
  })
  const health = await listen(
    { host: config.PRIVATE_HOST, port: config.PRIVATE_PORT, orAnother: true },
    'PRIVATE_PORT',
  )
  health.serve(
    healthApp(engine.metrics, async () => (await engine.link.check()).kind === 'reached'),
  )
  log.info({ outbound: config.OUTBOUND, health: health.url }, 'the worker is ready')
  return {
    done: engine.done,
    stop: async () => {
      await health.close()
      await engine.stop()
      await channels.email.close()
      await channels.sms.close()
      await store.close()
      log.info('the worker has stopped')
    },
  }
}

/** Liveness, readiness and numbers, for whoever watches the process. */
function healthApp(metrics: Registry, isReady: () => Promise<boolean>): Hono {
  const app = new Hono()
  app.get('/healthz', (c) => c.json({ ok: true }))
  app.get('/readyz', async (c) => {
    const ready = await isReady()
    return c.json({ ok: ready, temporal: ready ? 'reached' : 'away' }, ready ? 200 : 503)
  })
  app.get('/metrics', async (c) =>
    c.body(await metrics.metrics(), 200, { 'Content-Type': metrics.contentType }),
  )
  return app
}
