import type { ColumnType, Generated } from 'kysely'
import type {
  CadenceVersionId,
  ContactPointId,
  EpisodeId,
  HoldId,
  LeadId,
  SignalId,
  TouchId,
  VisitorId,
} from '../domain/ids.ts'
import type { DeadDetails, DeadReason, EpisodeKind, LeadStatus } from '../domain/lead.ts'
import type { Answer } from '../domain/lifecycle.ts'
import type { Channel, ConsentBasis, MessageClass } from '../domain/policy/types.ts'
import type { SignalKind } from '../domain/signals.ts'
import type { Instant } from '../domain/time.ts'

/**
 * The tables, as Kysely sees them. Instants are `bigint` epoch milliseconds in columns named
 * `…_at`: the same number on Postgres and PGlite, with nothing to convert and no session zone
 * to mistake (docs/decisions/0003-store.md).
 */
export interface Database {
  hash_keys: HashKeysTable
  leads: LeadsTable
  contact_points: ContactPointsTable
  contact_keys: ContactKeysTable
  consents: ConsentsTable
  suppressions: SuppressionsTable
  cadences: CadencesTable
  cadence_versions: CadenceVersionsTable
  templates: TemplatesTable
  template_versions: TemplateVersionsTable
  episodes: EpisodesTable
  touches: TouchesTable
  holds: HoldsTable
  signals: SignalsTable
  idempotency_keys: IdempotencyKeysTable
  visitors: VisitorsTable
  visits: VisitsTable
  tokens: TokensTable
  transitions: TransitionsTable
  tasks: TasksTable
  api_keys: ApiKeysTable
  audit_log: AuditLogTable
  alerts: AlertsTable
  ledger_entries: LedgerEntriesTable
  runs: RunsTable
  settings: SettingsTable
  imports: ImportsTable
}

/** A jsonb column: any JSON out, the same type in (serialised by `json()` in executor.ts). */
type Json<T> = ColumnType<T, string, string>

export interface HashKeysTable {
  id: string
  check_value: string
  current: boolean
  created_at: Instant
}

export interface LeadsTable {
  id: LeadId
  external_id: string | null
  first_name: string | null
  last_name: string | null
  company: string | null
  state: string | null
  zip: string | null
  timezone: string | null
  source: string
  /** Decimal text, e.g. "12.50"; never a float. */
  cost_amount: string | null
  cost_currency: string | null
  owner: string | null
  tags: Json<string[]>
  attributes: Json<Record<string, unknown>>
  status: LeadStatus
  dead_reason: DeadReason | null
  dead_details: Json<DeadDetails | null>
  /** Stamped by the planner's clock when it absorbs the death; null until then. */
  dead_at: Instant | null
  check_in_at: Instant | null
  /** Check-ins made since the death: there is one. */
  check_ins: Generated<number>
  episode_id: EpisodeId | null
  /** Moves with every change that makes a plan stale. */
  revision: Generated<number>
  /** The last revision whose bell was heard by Temporal. */
  rung_revision: Generated<number>
  /** Numbers this lead's signals. */
  last_seq: Generated<number>
  priority: Generated<number>
  /** What the planner last decided; null next_at with `none` means no time is planned. */
  next_kind: Generated<NextKind>
  next_at: Instant | null
  next_words: string | null
  /** A rebuilt lead sends nothing until its open touches are reconciled. */
  reconcile_first: Generated<boolean>
  run_id: string | null
  /** The search attributes that Temporal was last told, as canonical JSON. */
  shown: string | null
  ledger_head: string | null
  ledger_count: Generated<number>
  created_at: Instant
  updated_at: Instant
  erased_at: Instant | null
}

/** `unplanned`: rows have changed and the planner has not looked yet. */
export type NextKind = 'unplanned' | 'touch' | 'look' | 'bell' | 'done'

export interface ContactPointsTable {
  id: ContactPointId
  lead_id: LeadId
  kind: 'email' | 'phone'
  value: string
  hash: string
  /** The one used for sending; a lead has at most one per kind. */
  current: boolean
  validity: 'unknown' | 'valid' | 'invalid' | 'not_capable'
  invalid_because: string | null
  created_at: Instant
}

export interface ContactKeysTable {
  hash: string
  kind: 'email' | 'phone'
  key_id: string
  created_at: Instant
}

export interface ConsentsTable {
  id: string
  contact_hash: string
  lead_id: LeadId | null
  channel: Channel
  basis: ConsentBasis
  disclosure: string | null
  at: Instant
  source: string
  ip: string | null
  by_lead: boolean
  received_at: Instant
}

export interface SuppressionsTable {
  id: string
  contact_hash: string
  channel: Channel | 'all'
  cause: 'opt_out' | 'complaint' | 'erasure' | 'import' | 'operator' | 'provider'
  /** How it was asked for: "text STOP", "one-click", "link". Never the lead's words. */
  how: string
  at: Instant
}

export interface CadencesTable {
  name: string
  title: string
  current_version_id: CadenceVersionId
}

export interface CadenceVersionsTable {
  id: CadenceVersionId
  name: string
  version: number
  checksum: string
  source: string
  definition: Json<unknown>
  published_at: Instant
  published_by: string
}

export interface TemplatesTable {
  name: string
  current_version_id: string
}

export interface TemplateVersionsTable {
  id: string
  name: string
  version: number
  checksum: string
  path: string
  source: string
  published_at: Instant
}

export interface EpisodesTable {
  id: EpisodeId
  lead_id: LeadId
  number: number
  kind: EpisodeKind
  cadence_name: string
  cadence_version_id: CadenceVersionId
  /** What began it: form, import, enroll, visit, check_in_due … */
  began_by: SignalKind | 'import' | 'api'
  started_at: Instant
  ended_at: Instant | null
  /** The signal that ended it; its time is stamped again when the signal is absorbed. */
  ended_by: SignalId | null
  outcome: string | null
  /** The reason the lead was dead for, when this revives or checks in. */
  from_reason: DeadReason | null
  from_details: Json<DeadDetails | null>
  step_id: string | null
  visit: Generated<number>
  /** When the previous step finished; the delay of the current one counts from here. */
  anchor_at: Instant
  /** Makes the next message leave without waiting for its hour; the law still holds. */
  send_now: Generated<boolean>
}

export type TouchState =
  | 'intent'
  | 'dispatching'
  | 'sent'
  | 'delivered'
  | 'failed'
  | 'abandoned'
  | 'uncertain'

export type FailureKind = 'permanent' | 'transient' | 'sender_fault'

export interface TouchesTable {
  id: TouchId
  lead_id: LeadId
  episode_id: EpisodeId
  step_id: string
  visit: number
  attempt: number
  channel: Channel
  class: MessageClass
  template_version_id: string | null
  contact_hash: string
  state: TouchState
  /** The attempt that holds the right to call the provider. */
  dispatch_token: string | null
  message_id: string | null
  provider_id: string | null
  failure_kind: FailureKind | null
  failure_code: string | null
  /** A sentence without contact data. */
  because: string | null
  /** How an uncertain touch was settled: "status callback", "found in the provider's list" … */
  evidence: string | null
  subject: string | null
  text: string | null
  html: string | null
  intent_at: Instant
  dispatched_at: Instant | null
  /** The wall clock at dispatch, to judge a deadline across virtual time. */
  dispatched_wall_at: Instant | null
  settled_at: Instant | null
  delivered_at: Instant | null
  retry_after_ms: number | null
}

export type HoldScope = 'lead' | 'cadence' | 'sender' | 'emergency'

export interface HoldsTable {
  id: HoldId
  scope: HoldScope
  lead_id: LeadId | null
  /** The cadence's name, or the sender's channel; null for a lead's own. */
  scope_key: string | null
  kind: HoldKind
  because: string
  by: string
  until_at: Instant | null
  created_at: Instant
  /** Stamped by the planner's clock; the paused time counts from here. */
  began_at: Instant | null
  lifted_at: Instant | null
  /** The signal that lifted it; its time is stamped again when the signal is absorbed. */
  lifted_by: SignalId | null
}

export type HoldKind =
  | 'paused'
  | 'held_until'
  | 'no_cadence'
  | 'cadence_paused'
  | 'sender_halted'
  | 'emergency_stop'
  | 'parked'
  | 'reconciling'

export interface SignalsTable {
  id: SignalId
  lead_id: LeadId
  seq: number
  kind: SignalKind
  payload: Json<Record<string, unknown>>
  /** Who or what reported it: "tracker", "twilio", "api", "console" … */
  via: string
  received_at: Instant
  /** The lifecycle's answer when it was accepted. */
  answer: Json<Answer>
  processed_at: Instant | null
  /** What it did, in words: "revived", "recorded: within the quiet time until …". */
  effect: string | null
}

export interface IdempotencyKeysTable {
  key: string
  body_hash: string
  status: number
  response: Json<unknown>
  created_at: Instant
}

export interface VisitorsTable {
  id: VisitorId
  lead_id: LeadId | null
  first_seen_at: Instant
  last_seen_at: Instant
  linked_at: Instant | null
  /** "token", "form" or "identify". */
  linked_by: string | null
}

export interface VisitsTable {
  visitor_id: VisitorId
  session_id: string
  lead_id: LeadId | null
  first_page: string
  pages: number
  interacted: boolean
  started_at: Instant
  last_at: Instant
}

export interface TokensTable {
  /** SHA-256 of the token; the token itself is only in the message. */
  hash: string
  purpose: 'unsubscribe' | 'redirect' | 'visitor'
  lead_id: LeadId
  touch_id: TouchId | null
  target: string | null
  created_at: Instant
  expires_at: Instant | null
}

export interface TransitionsTable {
  id: string
  lead_id: LeadId
  from_status: LeadStatus | null
  to_status: LeadStatus
  dead_reason: DeadReason | null
  episode_id: EpisodeId | null
  cause: SignalKind | 'created'
  signal_id: SignalId | null
  because: string
  /** Stamped again by the planner's clock when it absorbs the signal. */
  at: Instant
}

export interface TasksTable {
  id: string
  lead_id: LeadId
  kind: 'call' | 'voicemail' | 'reply' | 'hand_off' | 'other'
  title: string
  because: string
  assignee: string | null
  due_at: Instant | null
  created_at: Instant
  done_at: Instant | null
  done_by: string | null
}

export interface ApiKeysTable {
  id: string
  name: string
  purpose: 'api' | 'write'
  hash: string
  created_at: Instant
  revoked_at: Instant | null
}

export interface AuditLogTable {
  id: string
  at: Instant
  who: string
  action: string
  lead_id: LeadId | null
  details: Json<Record<string, unknown>>
}

export interface AlertsTable {
  id: string
  kind: 'parked' | 'sender_halted' | 'clock_disagrees' | 'uncertain' | 'channel_not_configured'
  lead_id: LeadId | null
  because: string
  fix: string
  at: Instant
  resolved_at: Instant | null
}

export interface LedgerEntriesTable {
  lead_id: LeadId
  seq: number
  kind: 'decision' | 'intent' | 'dispatch' | 'outcome' | 'erasure'
  at: Instant
  meta: Json<Record<string, unknown>>
  payload: Json<Record<string, unknown> | null>
  salt: string | null
  payload_hash: string
  previous: string | null
  hash: string
}

export interface RunsTable {
  run_id: string
  lead_id: LeadId
  started_at: Instant
  /** Set when a later run was seen, or the plan was to complete. */
  closing_at: Instant | null
  history: string | null
  archived_at: Instant | null
}

export interface SettingsTable {
  key: string
  value: Json<unknown>
  updated_at: Instant
}

export interface ImportsTable {
  id: string
  file_name: string
  mode: string
  accepted: number
  rejected: number
  finished_at: Instant | null
  created_at: Instant
}
