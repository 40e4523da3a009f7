import type { EpisodeId, LeadId, SignalId, TouchId, VisitorId } from '../../domain/ids.ts'
import type { DeadReason, LeadStatus } from '../../domain/lead.ts'
import type { Channel } from '../../domain/policy/types.ts'
import type { SignalKind } from '../../domain/signals.ts'
import type { Instant } from '../../domain/time.ts'
import type { Json } from './json.ts'

// What stands around: visitors, tokens, tasks, keys, the ledger, runs, settings.

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
  /** `bounce` and `reply` stand in the addresses of a message (channels/email/addresses.ts). */
  purpose: 'unsubscribe' | 'why' | 'redirect' | 'visitor' | 'open' | 'bounce' | 'reply' | 'owner'
  lead_id: LeadId
  touch_id: TouchId | null
  target: string | null
  created_at: Instant
  expires_at: Instant | null
  /** When its link was last followed, by whomever. */
  last_hit_at: Instant | null
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
  /** The episode whose step gave it; a call that is made for it counts there as a planned touch. */
  episode_id: EpisodeId | null
  title: string
  because: string
  assignee: string | null
  due_at: Instant | null
  created_at: Instant
  done_at: Instant | null
  done_by: string | null
}

/** A call that was made to a lead, by whoever says so; a row never changes. */
export interface CallsTable {
  id: string
  lead_id: LeadId
  /** The number that the lead had then, as a keyed hash; null when it had none. */
  contact_hash: string | null
  /** The task that it was made for; null for one that was reported. */
  task_id: string | null
  /** Set when a cadence asked for it. */
  episode_id: EpisodeId | null
  at: Instant
  by: string
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
  kind:
    | 'parked'
    | 'sender_halted'
    | 'clock_disagrees'
    | 'uncertain'
    | 'channel_not_configured'
    | 'mailbox_unreadable'
    | 'texts_filtered'
    | 'unknown_answer'
    | 'webhook_failed'
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

/**
 * A notice to a person: that a lead wrote, that there is something to do, that something broke, that
 * mail waits.
 */
export interface NoticesTable {
  id: string
  kind: 'reply' | 'task' | 'alert' | 'mail'
  /** The signal, task, alert or kept mail that it is about. */
  subject_id: string
  /** To the lead's owner, to the company's address, or to its chat. */
  way: 'owner' | 'email' | 'webhook'
  lead_id: LeadId | null
  /** `sending` is never begun again: what becomes of it is told, or it is `uncertain`. */
  state: 'due' | 'sending' | 'sent' | 'failed' | 'uncertain'
  attempts: number
  due_at: Instant
  created_at: Instant
  settled_at: Instant | null
  /** Why the last attempt failed, without contact data. */
  because: string | null
}

/** A message that somebody sends to themselves: no touch of any lead, and counted in no cap. */
export interface TestSendsTable {
  id: string
  cadence: string
  step_id: string
  channel: Channel
  /** The address or number; it goes with the row after thirty days. */
  recipient: string
  contact_hash: string
  subject: string | null
  text: string
  html: string | null
  asked_by: string
  /** `sending` is never begun again: what becomes of it is told, or it is `uncertain`. */
  state: 'due' | 'sending' | 'sent' | 'failed' | 'uncertain'
  created_at: Instant
  begun_at: Instant | null
  settled_at: Instant | null
  /** Why it was not sent, without contact data. */
  because: string | null
}

export interface InboundMailTable {
  id: string
  /** The mail's own id at its source: the same mail acts once. */
  event_id: string
  /** "imap", "ses", "postmark", "catcher" … */
  via: string
  kind: InboundMailKind
  state: 'acted' | 'recorded' | 'kept' | 'assigned' | 'dismissed'
  /** What it did, or why it was kept for a person; no contact data. */
  because: string
  lead_id: LeadId | null
  touch_id: TouchId | null
  /** Whose it was, as far as known: the keyed hash outlives erasure, soft bounces count by it. */
  contact_hash: string | null
  /** These three only while a person is to look at it. */
  from_address: string | null
  subject: string | null
  text: string | null
  received_at: Instant
  handled_at: Instant | null
  handled_by: string | null
}

export type InboundMailKind =
  | 'hard_bounce'
  | 'soft_bounce'
  | 'policy_bounce'
  | 'delayed'
  | 'complaint'
  | 'auto_reply'
  | 'answer'
  | 'notice'
  /** Only its headers and raw text could be read. */
  | 'unreadable'

export interface MailboxesTable {
  /** User, host and folder. */
  name: string
  /** RFC 3501 §2.3.1.1: with another one, all UIDs mean other mails. */
  uid_validity: string
  /** Every mail up to this UID was taken or kept. */
  last_uid: number
  /** The process that reads it now; others leave it alone until then. */
  reader: string | null
  reader_until: Instant | null
}

/** What a provider's webhook brought, by its own id, so that it acts once. */
export interface ReceiptsTable {
  /** "twilio:inbound:<sid>", "twilio:status:<sid>:<status>:<touch>". */
  id: string
  first_at: Instant
  /** What became of it, where that stands nowhere else. */
  note: string | null
}
