import { timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Client } from '@temporalio/client'
import type { Logger } from 'pino'
import { changeWrittenSettings } from '../api/change-settings.ts'
import type { ApiConfig, ApiDeps, LocalTools, TwilioSigner } from '../api/deps.ts'
import { createPrivateApp } from '../api/private.ts'
import { createPublicApp } from '../api/public.ts'
import { type Operations, operationRoutes } from '../api/routes/operations.ts'
import { isOnAllowlist } from '../channels/allowlist.ts'
import type { Config } from '../config.ts'
import { createConsole } from '../console/console.ts'
import type { ConsoleDeps, KeyHolder } from '../console/deps.ts'
import type { Intake } from '../leads/intake.ts'
import type { Catchers } from '../local/catchers.ts'
import type { CompanyFolder } from '../local/company-folder.ts'
import type { EmulatedAccount } from '../local/sms-emulator/account.ts'
import { findKey, isLiveKey } from '../store/company/api-keys.ts'
import { configuredChannels } from './channels.ts'
import { derivedKey, ledgerKeysOf } from './keys.ts'
import type { Listener } from './listeners.ts'

export interface Serving {
  readonly config: Config
  readonly log: Logger
  readonly intake: Intake
  readonly listeners: { readonly public: Listener; readonly private: Listener }
  readonly publicUrl: string
  readonly temporal: {
    readonly client: Client
    readonly namespace: string
    readonly uiUrl: string | null
  }
  /** The embedded mode's tools and catchers; null where messages really leave. */
  readonly embedded: {
    readonly tools: LocalTools
    readonly catchers: Catchers
    readonly leadClock: ConsoleDeps['leadClock']
  } | null
  /** Where the first key is kept, told on the log-in page. */
  readonly keyHint: string | null
  /** The company's folder, whose changed files are drafts; absent: there is none here. */
  readonly folder?: CompanyFolder | null
}

/** The private listener is open to others, and nothing asks who they are. */
class NoOwnerPassword extends Error {
  readonly code = 'no_owner_password'
  readonly fix = 'Set OWNER_PASSWORD (12 characters or more), or keep PRIVATE_HOST on 127.0.0.1.'
  constructor(host: string) {
    super(`The private listener is bound to ${host}, and no OWNER_PASSWORD is set.`)
  }
}

/** Refuses to serve the console beyond this machine without a password. @throws NoOwnerPassword */
export function requirePassword({ PRIVATE_HOST: host, OWNER_PASSWORD: password }: Config): void {
  const loopback = /^(127\.|localhost$|::1$)/.test(host)
  if (!loopback && password === undefined) throw new NoOwnerPassword(host)
}

/** Builds both apps and opens the doors. */
export function serveApps(serving: Serving): void {
  const { config, log, intake, listeners, publicUrl, embedded } = serving
  const apiConfig = apiConfigOf(serving)
  const consoleApp = createConsole({
    ...intake,
    config: apiConfig,
    log,
    local: embedded?.tools ?? null,
    catchers: embedded?.catchers ?? null,
    temporal: serving.temporal,
    ledgerKeys: ledgerKeysOf(intake.hashKeys),
    changeSettings: async (written, who) => {
      const { store, now } = intake
      await store.transaction((trx) => changeWrittenSettings(trx, written, who, now()))
    },
    sessionSecret: derivedKey(intake.hashKeys, 'session'),
    checkKey: (key) => holderOf(serving, key),
    isLive: async (keyId) => keyId === OWNER.id || isLiveKey(intake.store.db, keyId),
    keyHint: serving.keyHint,
    folder: serving.folder ?? null,
    leadClock: embedded?.leadClock ?? null,
  })
  const deps: ApiDeps = {
    ...intake,
    config: apiConfig,
    log,
    ledgerKey: derivedKey(intake.hashKeys, 'ledger'),
    leadClock: embedded?.leadClock ?? null,
    local: embedded?.tools ?? null,
    folder: serving.folder ?? null,
    moreRoutes: [(api) => operationRoutes(api, operationsOf(serving))],
    console: consoleApp,
  }
  listeners.public.serve(createPublicApp(deps))
  listeners.private.serve(createPrivateApp(deps))
  log.debug({ publicUrl, outbound: config.OUTBOUND }, 'both listeners serve')
}

function operationsOf({ temporal, intake }: Serving): Operations {
  return { client: temporal.client, ledgerKeys: ledgerKeysOf(intake.hashKeys) }
}

function apiConfigOf({ config, intake, listeners, publicUrl, embedded }: Serving): ApiConfig {
  const { port } = listeners.private
  return {
    version: VERSION,
    outbound: config.OUTBOUND,
    channels: configuredChannels(config, embedded !== null),
    publicUrl,
    privateUrl: listeners.private.url,
    allowedHosts: [
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      `[::1]:${port}`,
      ...config.PRIVATE_HOSTS,
    ],
    twilioSigners: signersOf(config, publicUrl, embedded?.catchers.sms.account ?? null),
    emailHooks: {
      sesTopics: config.SES_TOPIC_ARNS,
      postmarkSecret: config.POSTMARK_WEBHOOK_TOKEN ?? null,
    },
    identifySecret:
      config.REKINDLE_SECRET ?? derivedKey(intake.hashKeys, 'identify').toString('hex'),
    trustedProxies: config.TRUSTED_PROXIES,
  }
}

/**
 * The account of the texts. While messages are caught here an emulator plays it, and the real one is
 * heard all the same: whoever was texted before may say STOP.
 */
export function signersOf(
  config: Config,
  publicUrl: string,
  emulated: EmulatedAccount | null,
): readonly TwilioSigner[] {
  const tokens = [config.TWILIO_AUTH_TOKEN, config.TWILIO_AUTH_TOKEN_SECONDARY]
  const authTokens = tokens.filter((token) => token !== undefined)
  const mayAnswer = mayLeaveTo(config)
  if (emulated === null) return [{ publicUrl, authTokens, mayAnswer }]
  return [
    { publicUrl, authTokens: [emulated.authToken], mayAnswer: () => true },
    { publicUrl: config.PUBLIC_URL ?? publicUrl, authTokens, mayAnswer },
  ]
}

function mayLeaveTo({ OUTBOUND, OUTBOUND_ALLOWLIST }: Config): (to: string) => boolean {
  switch (OUTBOUND) {
    case 'catch':
      return () => false
    case 'allowlist':
      return (to) => isOnAllowlist(OUTBOUND_ALLOWLIST, to)
    case 'live':
      return () => true
  }
}

const OWNER: KeyHolder = { id: 'owner', name: 'owner' }

/** Whoever has an API key, or the owner's password, may come in. */
async function holderOf({ config, intake }: Serving, key: string): Promise<KeyHolder | null> {
  const { OWNER_PASSWORD: password } = config
  if (password !== undefined && isSame(key, password)) return OWNER
  const row = await findKey(intake.store.db, key, 'api')
  return row === null ? null : { id: row.id, name: row.name }
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)]
  return a.length === b.length && timingSafeEqual(a, b)
}

const VERSION: string = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
).version
