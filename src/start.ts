import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Hono } from 'hono'
import { ensureFirstKeys, type FirstKeys, keyFileIn, workingKeys } from './api/first-keys.ts'
import type { Config } from './config.ts'
import { type Instant, instant } from './domain/time.ts'
import type { Intake } from './leads/intake.ts'
import { takeRawMail } from './leads/mail/take-raw-mail.ts'
import {
  type Catchers,
  EMBEDDED_ACCOUNT,
  EMBEDDED_MAIL_DOMAIN,
  startCatchers,
} from './local/catchers.ts'
import { openCompanyFolder } from './local/company-folder.ts'
import { devTime } from './local/dev-fast-forward.ts'
import { sampleSite } from './local/dev-site.tsx'
import { embeddedTools } from './local/dev-tools.ts'
import { companyFolderOf } from './local/folder.ts'
import { publishShipped } from './local/shipped.ts'
import { type LocalTemporal, startTemporal } from './local/temporal/server.ts'
import type { Store } from './store/connect.ts'
import { removeInstance, writeInstance } from './store/instance.ts'
import {
  type Channels,
  caughtChannels,
  channelsOf,
  phoneLookupOf,
  textInboxOf,
} from './wiring/channels.ts'
import { draftWords, fillFromFolder } from './wiring/company-folder.ts'
import { turnsInStore } from './wiring/email-servers.ts'
import { type Engine, startEngine } from './wiring/engine.ts'
import { type AskDue, prepareOutbound } from './wiring/going-live.ts'
import { derivedKey } from './wiring/keys.ts'
import { type Listener, listen, PATIENT_MS } from './wiring/listeners.ts'
import { createLog, installRuntime } from './wiring/log.ts'
import { mailboxOf } from './wiring/mailbox.ts'
import { requirePassword, serveApps } from './wiring/serve-apps.ts'
import { openConfiguredStore } from './wiring/store.ts'
import type { Running } from './worker.ts'

export interface Started extends Running {
  readonly publicUrl: string
  readonly privateUrl: string
  /** Temporal's Web UI; null when there is none. */
  readonly uiUrl: string | null
  /** For people at a terminal only; it also stands in `keysFile`, readable by this user. */
  readonly apiKey: string
  readonly writeKey: string
  readonly keysFile: string
}

/** The start could not be finished; the sentence is for the person who started it. */
export class StartProblem extends Error {
  readonly code: string
  readonly fix: string
  constructor({ code, message, fix }: { code: string; message: string; fix: string }) {
    super(message)
    this.code = code
    this.fix = fix
  }
}

/**
 * Everything in one process on embedded defaults: the Temporal server as a child, the store, the
 * catchers, the api, the console, the workers.
 * @throws StartProblem, StoreError, PortTaken, NotFitToGoLive: each with a code and a fix
 */
export async function start(
  config: Config,
  onProgress: (line: string) => void = () => {},
  askDue: AskDue | null = null,
): Promise<Started> {
  const closers: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close()
  }
  try {
    return await build(config, onProgress, askDue, closers, stop)
  } catch (error) {
    await stop()
    throw error
  }
}

async function build(
  config: Config,
  onProgress: (line: string) => void,
  askDue: AskDue | null,
  closers: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<Started> {
  requirePassword(config)
  const log = createLog(config)
  installRuntime(log)
  const dataDir = config.REKINDLE_DATA_DIR
  const catching = config.OUTBOUND === 'catch'
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })

  onProgress('Opening the store')
  const { store, hashKeys } = await openConfiguredStore(config, 'rekindle', true)
  closers.push(() => store.close())
  await prepareOutbound(store, config, askDue)
  const root = companyFolderOf(config.REKINDLE_FOLDER)
  if (root !== null) await fillFromFolder(store, root, wallClock(), onProgress)
  await publishShipped(store, wallClock())
  const folder =
    root === null ? null : openCompanyFolder(root, store, (state) => onProgress(draftWords(state)))
  if (folder !== null) closers.push(async () => folder.close())
  const keys = await keysOf(store, dataDir)

  const listeners = await openListeners(config, closers)
  // The catchers call back here, and sign the address they call: it must be the one we check.
  const ownUrl = listeners.public.url
  const publicUrl = catching ? ownUrl : (config.PUBLIC_URL ?? ownUrl)

  onProgress('Starting Temporal')
  const temporal = await startServer(config, onProgress)
  closers.push(() => temporal.stop())

  // Its token is made anew: the public listener may be in the world's reach, and a token that
  // everybody can read in our source would let everybody text in anybody's name.
  const account = { ...EMBEDDED_ACCOUNT, authToken: randomBytes(16).toString('hex') }
  const catchers = catching
    ? await startCatchers({ folder: join(dataDir, 'outbox'), account })
    : null
  if (catchers) closers.push(() => catchers.close())
  const channels = catchers
    ? caughtChannels(catchers, listeners.public.url)
    : channelsOf(config, publicUrl, turnsInStore(store))
  closers.push(() => closeChannels(channels))

  onProgress('Starting the workers')
  const engine = await startEngine({
    store,
    hashKeys,
    temporal: { address: temporal.address, namespace: temporal.namespace },
    channels,
    publicUrl,
    consoleUrl: config.CONSOLE_URL ?? listeners.private.url,
    webhooks: !catching,
    textInbox: textInboxOf(config),
    phoneLookup: phoneLookupOf(config, catchers),
    inboundDomain: catching ? EMBEDDED_MAIL_DOMAIN : (config.INBOUND_EMAIL_DOMAIN ?? null),
    mailbox: catching ? null : mailboxOf(config),
    clock: catching ? 'virtual' : 'wall',
    log,
    role: 'start',
    emailsPerSecond: config.EMAILS_PER_SECOND,
    textsPerSecond: config.TEXTS_PER_SECOND,
  })
  closers.push(() => engine.stop())

  const intake: Intake = { store, hashKeys, doorbell: engine.doorbell, now: wallClock }
  const mailIntake = { ...intake, ledgerKey: derivedKey(hashKeys, 'ledger') }
  catchers?.route({
    inboundSmsUrl: `${listeners.public.url}/hooks/twilio/inbound`,
    onEmailReply: async (raw) => void (await takeRawMail(mailIntake, 'catcher', raw)),
  })
  const privateUrl = listeners.private.url
  const site = sampleSite({ publicUrl, privateUrl, apiKey: keys.api, writeKey: keys.write })
  serveApps({
    config,
    log,
    intake,
    listeners,
    publicUrl,
    temporal: {
      client: engine.link.client,
      namespace: temporal.namespace,
      uiUrl: temporal.uiUrl,
    },
    embedded: catchers && embedded(engine, temporal, store, catchers, site),
    keyHint: keyFileIn(dataDir),
    folder,
  })
  writeInstance(dataDir, { publicUrl, privateUrl })
  closers.push(async () => removeInstance(dataDir))
  log.debug({ outbound: config.OUTBOUND, publicUrl, privateUrl }, 'rekindle is ready')
  return {
    publicUrl,
    privateUrl,
    uiUrl: temporal.uiUrl,
    apiKey: keys.api,
    writeKey: keys.write,
    keysFile: keyFileIn(dataDir),
    done: engine.done,
    stop,
  }
}

/** What only the embedded mode has, while nothing leaves the machine. */
function embedded(
  engine: Engine,
  temporal: LocalTemporal,
  store: Store,
  catchers: Catchers,
  site: Hono,
) {
  const time = devTime({
    connection: engine.link.connection,
    namespace: temporal.namespace,
    store,
    outbound: 'catch',
  })
  const tools = embeddedTools(catchers, time, temporal.uiUrl, site)
  return { tools, catchers, leadClock: time.clockOf }
}

/** The keys of the first start; they can be read again from their file. */
async function keysOf(store: Store, dataDir: string): Promise<FirstKeys> {
  const made = await ensureFirstKeys(store, dataDir, wallClock())
  const keys = made ?? (await workingKeys(store, dataDir))
  if (keys !== null) return keys
  throw new StartProblem({
    code: 'key_file_missing',
    message: `The store has keys, but ${keyFileIn(dataDir)} does not hold one that works.`,
    fix: 'Put the file back, or revoke the keys in the table api_keys to get new ones.',
  })
}

async function startServer(
  config: Config,
  onProgress: (line: string) => void,
): Promise<LocalTemporal> {
  const result = await startTemporal({
    store: { kind: 'folder', folder: config.REKINDLE_DATA_DIR },
    namespace: config.TEMPORAL_NAMESPACE,
    timeSkipping: config.OUTBOUND === 'catch' ? 'wanted' : 'off',
    onProgress,
  })
  if (result.kind === 'failed') throw new StartProblem(result.problem)
  return result.server
}

export interface Listeners {
  readonly public: Listener
  readonly private: Listener
}

async function openListeners(
  config: Config,
  closers: (() => Promise<unknown>)[],
): Promise<Listeners> {
  const open = async (host: string, port: number, variable: string) => {
    const orAnother = process.env[variable] === undefined
    const patience = variable === 'PRIVATE_PORT' ? { requestMs: PATIENT_MS } : {}
    const listener = await listen({ host, port, orAnother, ...patience }, variable)
    closers.push(() => listener.close())
    return listener
  }
  return {
    public: await open(config.PUBLIC_HOST, config.PUBLIC_PORT, 'PUBLIC_PORT'),
    private: await open(config.PRIVATE_HOST, config.PRIVATE_PORT, 'PRIVATE_PORT'),
  }
}

async function closeChannels({ email, sms }: Channels): Promise<void> {
  await email.close()
  await sms.close()
}

function wallClock(): Instant {
  return instant(Date.now())
}
