import type { Hono } from 'hono'
import type { Logger } from 'pino'
import type { LeadId } from '../domain/ids.ts'
import type { Channel } from '../domain/policy/types.ts'
import type { Instant } from '../domain/time.ts'
import type { Intake } from '../leads/intake.ts'
import type { CompanyFolder } from '../local/company-folder.ts'
import type { Api } from './operation.ts'

/** What the two listeners need from outside; wired once by the mains. */
export interface ApiDeps extends Intake {
  readonly config: ApiConfig
  /** Never given a query string, a body or contact data. */
  readonly log: Logger
  /** Signs the ledger's chain; evidence from providers is written into it. */
  readonly ledgerKey: Buffer
  /** A lead's own clock, which runs ahead when it was fast-forwarded; null: the wall clock. */
  readonly leadClock: ((leadId: LeadId) => Promise<Instant>) | null
  /** The tools of the embedded mode; null unless OUTBOUND=catch on loopback. */
  readonly local: LocalTools | null
  /** The company's folder, whose changed files are drafts; absent: there is none here. */
  readonly folder?: CompanyFolder | null
  /** More /v1 routes, made by whoever has what they need (Temporal's client, say). */
  readonly moreRoutes: readonly ((deps: ApiDeps) => Api)[]
  /** The console, mounted at / of the private listener behind its Host and Origin checks. */
  readonly console: Hono | null
}

export interface ApiConfig {
  readonly version: string
  readonly outbound: 'catch' | 'allowlist' | 'live'
  /** The channels that have a provider; a step on another one is skipped. */
  readonly channels: readonly Channel[]
  /** Where the public listener is reached from outside, without a trailing slash. */
  readonly publicUrl: string
  readonly privateUrl: string
  /** Host headers that the private listener answers to, e.g. "127.0.0.1:8080". */
  readonly allowedHosts: readonly string[]
  /** Who may post texts and reports: our Twilio account, the emulator that plays it, or both. */
  readonly twilioSigners: readonly TwilioSigner[]
  readonly emailHooks: EmailHooks
  /** The secret a company's own server signs visitors with; null switches identify off. */
  readonly identifySecret: string | null
  /** How many proxies of ours stand in front of the public listener; 0 trusts no header. */
  readonly trustedProxies: number
}

/** An account whose webhooks are believed. */
export interface TwilioSigner {
  /** The address that it was given, without a trailing slash: it takes part in the signature. */
  readonly publicUrl: string
  /** Two while one is rotated. */
  readonly authTokens: readonly string[]
  /** Whether an answer may leave with the response, as a text to this number. */
  readonly mayAnswer: (to: string) => boolean
}

/** Whom the webhooks of mail providers believe; nobody when nothing is set. */
export interface EmailHooks {
  /** SNS topics whose messages are taken. */
  readonly sesTopics: readonly string[]
  readonly postmarkSecret: string | null
  /** Fetches certificates and confirms subscriptions; over public https when absent. */
  readonly fetchText?: (url: string) => Promise<string>
}

/** What only the embedded mode has. */
export interface LocalTools {
  /** The outbox of the catchers and faults on demand, mounted at /dev. */
  readonly routes: Hono
  /** Lets time pass for one lead, or until its next touch. */
  fastForward(leadId: LeadId, by: { readonly ms: number } | 'next-touch'): Promise<FastForwarded>
  /** The address of Temporal's Web UI; null when there is none. */
  readonly uiUrl: string | null
}

export type FastForwarded =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly because: string; readonly fix: string }
