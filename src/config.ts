import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'

/**
 * What the environment decides, checked once at start. Every variable may be given as a file
 * instead: NAME_FILE names one that holds the value (for secrets).
 */
export type Config = Readonly<z.infer<typeof environment>>

const port = z.coerce.number().int().min(0).max(65_535)
const optional = <T extends z.ZodType>(schema: T) => schema.optional()
const withoutSlash = (url: string) => url.replace(/\/+$/, '')
const url = z.url({ protocol: /^https?$/ }).transform(withoutSlash)
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== ''),
)

const domainName = z
  .string()
  .toLowerCase()
  .regex(/^([a-z0-9-]+\.)+[a-z0-9-]{2,}$/, 'is a domain such as mail.acme.com')
const smtpUrl = z.url({ protocol: /^smtps?$/ })
const senderServer = z.strictObject({
  address: z.email().toLowerCase(),
  /** Its own server; SMTP_URL when absent. */
  url: optional(smtpUrl),
  perSecond: optional(z.number().positive().max(1_000)),
  maxConnections: optional(z.number().int().min(1).max(100)),
  dkim: optional(
    z
      .strictObject({
        domain: domainName,
        selector: z.string().min(1).max(63),
        privateKey: optional(z.string()),
        privateKeyFile: optional(z.string()),
      })
      .refine(
        ({ privateKey, privateKeyFile }) => (privateKey ?? privateKeyFile) !== undefined,
        'needs privateKey or privateKeyFile',
      ),
  ),
})
const senderServers = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown
    } catch {
      context.addIssue({ code: 'custom', message: 'is not JSON: write a list of senders' })
      return z.NEVER
    }
  })
  .pipe(z.array(senderServer).min(1).max(100))

/** Where a variable cannot hold lines, their ends are written as \n. */
const pem = z.string().transform((text) => text.replaceAll('\\n', '\n'))
const isPhone = (text: string) => /^\+\d{8,15}$/.test(text)

const environment = z.object({
  /** Rows, keys and the outbox of the embedded mode; the default is below the working folder. */
  REKINDLE_DATA_DIR: z
    .string()
    .default('.rekindle')
    .transform((path) => resolve(path)),
  /** The company's folder (`rekindle init`); the working folder when it is one. */
  REKINDLE_FOLDER: optional(z.string()),
  /** A Postgres server; without it PGlite in the data folder. */
  DATABASE_URL: optional(z.string().regex(/^postgres(ql)?:\/\//, 'starts with postgres://')),
  TEMPORAL_ADDRESS: optional(z.string().regex(/^[^/\s]+:\d+$/, 'is host:port')),
  TEMPORAL_NAMESPACE: z.string().default('rekindle'),
  TEMPORAL_API_KEY: optional(z.string()),
  TEMPORAL_TLS: z.enum(['on', 'off']).default('off'),
  /** catch: nothing leaves this machine · allowlist: only to those · live. */
  OUTBOUND: z.enum(['catch', 'allowlist', 'live']).default('catch'),
  OUTBOUND_ALLOWLIST: list.default([]),
  PUBLIC_HOST: z.string().default('127.0.0.1'),
  PUBLIC_PORT: port.default(7400),
  /** Where leads and providers reach the public listener, when not at its own address. */
  PUBLIC_URL: optional(url),
  PRIVATE_HOST: z.string().default('127.0.0.1'),
  PRIVATE_PORT: port.default(7300),
  /** Hosts, besides its own address, by which the private listener may be called. */
  PRIVATE_HOSTS: list.default([]),
  /** Where people reach the console, for links in notices to them. */
  CONSOLE_URL: optional(url),
  /** Asked for by the console when the private listener is not on loopback. */
  OWNER_PASSWORD: optional(z.string().min(12, 'has at least 12 characters')),
  /** Reverse proxies of ours in front of the public listener; 0 trusts no forwarded address. */
  TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  /** Signs cookies and identified visitors. */
  REKINDLE_SECRET: optional(z.string().min(32, 'has at least 32 characters')),
  CONTACT_HASH_KEY: optional(z.string()),
  CONTACT_HASH_KEYS_OLD: list.default([]),
  /** smtp://user:password@host:port, smtps:// for TLS from the first byte. */
  SMTP_URL: optional(smtpUrl),
  /** DKIM for SMTP_URL: the domain, the selector and the private key (PEM). */
  DKIM_DOMAIN: optional(z.string()),
  DKIM_SELECTOR: optional(z.string()),
  DKIM_PRIVATE_KEY: optional(pem),
  /**
   * required: a trusted certificate, or nothing leaves · private-network: whoever sets it vouches
   * for the network to the mail server, and mail to it goes in plain text.
   */
  SMTP_TLS: z.enum(['required', 'private-network']).default('required'),
  /** Senders with a server, a rate or a DKIM key of their own, as JSON (wiring/email-servers.ts). */
  SMTP_SENDERS: optional(senderServers),
  /** The domain whose mail comes back to us: bounces and answers go to tagged addresses there. */
  INBOUND_EMAIL_DOMAIN: optional(domainName),
  /** Where answers and bounces arrive: imaps://user:password@host/FOLDER; imap:// for STARTTLS. */
  IMAP_URL: optional(z.url({ protocol: /^imaps?$/ })),
  /** Folder into which mail goes once it was taken; without one it stays, marked as read. */
  IMAP_MOVE_TO: optional(z.string().max(200)),
  IMAP_EVERY_SECONDS: z.coerce.number().int().min(1).max(3_600).default(20),
  /**
   * elsewhere: nothing here reads answers and bounces, and live emails may leave all the same;
   * whoever reads them reports them to /v1/signals.
   */
  REPLIES_BY_EMAIL: z.enum(['here', 'elsewhere']).default('here'),
  /** SNS topics through which SES reports bounces, complaints and mail, separated by commas. */
  SES_TOPIC_ARNS: list.default([]),
  /** What Postmark's webhooks show, as the password of basic authentication or a header. */
  POSTMARK_WEBHOOK_TOKEN: optional(z.string().min(16, 'has at least 16 characters')),
  TWILIO_ACCOUNT_SID: optional(z.string().regex(/^AC[0-9a-f]{32}$/i, 'starts with AC')),
  TWILIO_AUTH_TOKEN: optional(z.string()),
  /** While the token is rotated: webhooks signed with the other one are taken too. */
  TWILIO_AUTH_TOKEN_SECONDARY: optional(z.string()),
  TWILIO_MESSAGING_SERVICE_SID: optional(z.string().regex(/^MG/, 'starts with MG')),
  /** An API key to send with; webhook signatures still need the auth token. */
  TWILIO_API_KEY_SID: optional(z.string().regex(/^SK/, 'starts with SK')),
  TWILIO_API_KEY: optional(z.string()),
  /** One number, or several with commas: each lead always hears from the same one. */
  TWILIO_FROM: list
    .refine((all) => all.every(isPhone), 'is a number such as +12125550142, or several with commas')
    .default([]),
  /** Another origin than Twilio's own: a catcher that plays it, for trying a live set-up. */
  TWILIO_API_URL: optional(url),
  /** With OUTBOUND=catch and no embedded catchers: where a catcher listens. */
  CATCH_SMTP_URL: optional(z.url({ protocol: /^smtp$/ })),
  CATCH_SMS_URL: optional(url),
  EMAILS_PER_SECOND: z.coerce.number().positive().default(20),
  TEXTS_PER_SECOND: z.coerce.number().positive().default(10),
  LOG_LEVEL: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
})

export type ConfigReading =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly string[] }

/** Reads the configuration; a problem names its variable and says what it should be. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): ConfigReading {
  const given: Record<string, string> = {}
  const problems: string[] = []
  for (const name of Object.keys(environment.shape)) {
    const value = valueOf(env, name, problems)
    if (value !== null) given[name] = value
  }
  const reading = environment.safeParse(given)
  if (!reading.success) {
    problems.push(...reading.error.issues.map((issue) => `${issue.path.join('.')} ${told(issue)}`))
  }
  if (problems.length > 0 || !reading.success) return { ok: false, problems }
  return { ok: true, config: reading.data }
}

/** An empty variable counts as absent: compose files pass them so. */
function valueOf(env: NodeJS.ProcessEnv, name: string, problems: string[]): string | null {
  const direct = env[name]?.trim()
  if (direct !== undefined && direct !== '') return direct
  const file = env[`${name}_FILE`]
  if (file === undefined || file === '') return null
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    problems.push(`${name}_FILE names a file that cannot be read`)
    return null
  }
}

/** Says what is wrong without repeating the value, which may be a secret. */
function told(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_format' && issue.message.startsWith('Invalid')
    ? `is not a valid ${issue.format}`
    : issue.message
}
