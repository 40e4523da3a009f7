import type { ColumnType, Generated } from 'kysely'
import type { AskedSignal } from '../../domain/cadence/conditions/conditions.ts'
import type { ContactPointId, EpisodeId, LeadId } from '../../domain/ids.ts'
import type { DeadDetails, DeadReason, LeadStatus } from '../../domain/lead.ts'
import type { LineType } from '../../domain/line-types.ts'
import type { Channel, ConsentBasis } from '../../domain/policy/types.ts'
import type { Instant } from '../../domain/time.ts'
import type { Json } from './json.ts'

// Leads, how to reach them, and what they allowed.

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
  /** BCP 47; null where it is not known. */
  language: string | null
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
  /** Since when a person is waited for to say what became of it; stamped by the planner. */
  watch_since: Instant | null
  /** How many of the watch's steps are done; null: nobody is waited for. */
  watch_step: number | null
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
  /** Messages outside a cadence that are not closed yet. */
  open_messages: Generated<number>
  /** Signals that ring it although the lifecycle only records them: its step waits for them. */
  awaits: ColumnType<AskedSignal[] | null, string | undefined, string>
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

/** What kind of line a number is, as its provider says: asked once, and kept for all leads. */
export interface PhoneLookupsTable {
  contact_hash: string
  /** `unknown`: it was asked, and nobody could say. */
  state: 'due' | 'known' | 'unknown'
  line_type: LineType | null
  attempts: Generated<number>
  requested_at: Instant
  due_at: Instant
  answered_at: Instant | null
  /** Why nobody could say, without contact data. */
  because: string | null
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
  /** The page on which it was given. */
  url: Generated<string | null>
  /** Where more can be found: a certificate, a recording, a scan. */
  proof: Generated<string | null>
  by_lead: boolean
  received_at: Instant
}

/** Topics that a person wants no messages about; the row goes when they want them again. */
export interface TopicOptOutsTable {
  contact_hash: string
  topic: string
  at: Instant
}

export interface SuppressionsTable {
  id: string
  contact_hash: string
  channel: Channel | 'all'
  cause: 'opt_out' | 'complaint' | 'erasure' | 'import' | 'operator' | 'provider'
  /** How it was asked for: "text STOP", "one-click", "link". Never the lead's words. */
  how: string
  at: Instant
  /** The store's own clock when it was written: from then on no send begins. */
  effective_at: Generated<Instant | null>
}

/** What people are shown when they consent; a version never changes. */
export interface DisclosuresTable {
  id: string
  version: number
  channel: Channel
  text: string
  /** From when on it was shown. */
  since_at: Instant
  created_at: Instant
  created_by: string
}

/** A source vouches for the consent of all leads that come from it. */
export interface AttestationsTable {
  id: string
  source: string
  channel: Channel
  basis: ConsentBasis
  disclosure: string
  /** Leads that came from then on … */
  from_at: Instant
  /** … and before then; null: until it is withdrawn. */
  until_at: Instant | null
  because: string
  by: string
  created_at: Instant
  withdrawn_at: Instant | null
  withdrawn_by: string | null
}

/** Numbers on the newest national do-not-call list, as keyed hashes. */
export interface DncNumbersTable {
  contact_hash: string
  list_id: string
}

export interface DncListsTable {
  id: string
  /** The day the list was taken from the registry. */
  as_of: Instant
  /** The area codes that it has numbers of: it says nothing of the others. */
  area_codes: Json<string[]>
  numbers: number
  imported_by: string
  created_at: Instant
  /** null while it is being loaded, and for one that was broken off. */
  finished_at: Instant | null
}
