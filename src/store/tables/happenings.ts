import type { Generated } from 'kysely'
import type { Step } from '../../domain/cadence/types.ts'
import type {
  CadenceVersionId,
  ContactPointId,
  EpisodeId,
  HoldId,
  LeadId,
  MessageId,
  PublicationId,
  SignalId,
  TouchId,
} from '../../domain/ids.ts'
import type { DeadDetails, DeadReason, EpisodeKind, LeadStatus } from '../../domain/lead.ts'
import type { Answer } from '../../domain/lifecycle.ts'
import type { MessageOutcome, RequiredAnswer, WrittenClass } from '../../domain/messages.ts'
import type { ResumeMode } from '../../domain/pauses.ts'
import type { FlowOutcome } from '../../domain/plan/plan-flow.ts'
import type { Channel, MessageClass } from '../../domain/policy/types.ts'
import type { ReplyEffect } from '../../domain/replies/effect.ts'
import type { Intent, ReplyFacts } from '../../domain/replies/types.ts'
import type { SignalKind } from '../../domain/signals.ts'
import type { Instant } from '../../domain/time.ts'
import type { Json } from './json.ts'

// What happens to leads: episodes, touches, holds, signals.

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
  /** When the current step was due, for one that has to be tried again; else its delay counts. */
  due_at: Instant | null
  /** When the current step may leave at the earliest, because it is late and others are too. */
  release_at: Generated<Instant | null>
  /** Makes the next message leave without waiting for its hour; the law still holds. */
  send_now: Generated<boolean>
  /** The lead's signals up to here came before the episode … */
  from_seq: Generated<number>
  /** … and up to here before its current step. */
  anchor_seq: Generated<number>
  /** A channel without provider, which the current step leaves to its fallback. */
  closed_channel: Channel | null
  /** The publication that last moved it into another version; null: it is where it began. */
  publication_id: Generated<PublicationId | null>
  /** The due time that such a move kept for the current step; time on hold comes on top. */
  kept_due_at: Generated<Instant | null>
  /** It was moved, and the planner has not yet seen whether it is overdue by that. */
  spread_overdue: Generated<boolean>
}

/** What a step came to that writes to nobody, or gives a task; a message's are its touches. */
export interface StepResultsTable {
  episode_id: EpisodeId
  step_id: string
  visit: number
  lead_id: LeadId
  kind: Step['kind']
  outcome: FlowOutcome | 'ended' | 'given'
  /** Of a split. */
  arm: string | null
  /** The step it went to; null: the next one, or an end. */
  goes_to: string | null
  /** Why, in the cadence's own words. */
  because: string
  at: Instant
}

/** Points that a cadence gave or took; those for engagement and fit are counted from the facts. */
export interface ScoreChangesTable {
  id: string
  lead_id: LeadId
  points: number
  because: string
  /** "cadence:<name>" … */
  by: string
  at: Instant
}

/** Another system that cadences tell of leads. */
export interface WebhooksTable {
  name: string
  url: string
  /** Signs what is sent; shown once. */
  secret: string
  /** Whether it gets the lead's name, email and phone. */
  contact_data: boolean
  created_at: Instant
  created_by: string
  updated_at: Instant
  removed_at: Instant | null
}

/** One thing to tell a webhook: ids only, its words are made when it leaves. */
export interface WebhookDeliveriesTable {
  id: string
  webhook: string
  lead_id: LeadId
  episode_id: EpisodeId
  step_id: string
  visit: number
  /** caught: nothing may leave this machine; dropped: it makes no sense any more. */
  state: 'due' | 'delivered' | 'failed' | 'caught' | 'dropped'
  attempts: number
  /** By the wall clock, as all about deliveries but `happened_at`. */
  due_at: Instant
  created_at: Instant
  settled_at: Instant | null
  /** When the lead came to the step, by the engine's clock. */
  happened_at: Instant
  /** The HTTP status of the last answer. */
  status: number | null
  because: string | null
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

/** An attempt at a step of an episode, or at a message outside any. */
export interface TouchesTable {
  id: TouchId
  lead_id: LeadId
  episode_id: EpisodeId | null
  step_id: string | null
  visit: number
  attempt: number
  /** The cadence that it counts for; null for a message outside any. */
  cadence: string | null
  /** Nothing of its episode had left before. */
  opens: Generated<boolean>
  channel: Channel
  class: MessageClass
  /** The message that it is an attempt at; null for a step's. */
  written_id: MessageId | null
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
  /** How long its provider may try to deliver a text, from the dispatch on; null for emails. */
  valid_for_ms: Generated<number | null>
  /** The address that an email came from. */
  sender: string | null
  /** Why it is not the one that the step asked for; null when it is. */
  sender_because: Generated<string | null>
  /** When its picture was first loaded, where opens are tracked. */
  opened_at: Instant | null
  /** When all its links were followed at once, as mail scanners do. */
  scanned_at: Instant | null
}

/** How many emails a sender was given on one day of the company. */
export interface SenderDaysTable {
  sender: string
  day: number
  taken: number
}

/** When the next email of a sender may leave, where it has a rate, over all processes. */
export interface SenderTurnsTable {
  sender: string
  next_at: Instant
}

/** Messages that people write, and the answers that the law asks for. */
export interface MessagesTable {
  id: MessageId
  lead_id: LeadId
  class: WrittenClass
  channel: Channel
  /** Whom it is for: it goes nowhere else, whatever becomes of the lead's contact data. */
  contact_hash: string
  /** Set for the required ones: their words are made when they leave. */
  answer: RequiredAnswer | null
  subject: string | null
  text: string | null
  /** Who wrote it: "api:<key>", "console:<user>", "twilio" … */
  by: string
  in_reply_to: SignalId | null
  /** The wall clock of whoever took it. */
  requested_at: Instant
  /** How long it is worth sending, from then on; null: for ever. */
  valid_ms: number | null
  /** The planner's clock when it first looked; null until then. */
  seen_at: Instant | null
  /** On the planner's clock; null until it looked, and for one that is good for ever. */
  not_after: Instant | null
  closed_at: Instant | null
  outcome: MessageOutcome | null
  /** A sentence without contact data. */
  because: string | null
}

export type HoldScope = 'lead' | 'cadence' | 'sender' | 'emergency'

export interface HoldsTable {
  id: HoldId
  scope: HoldScope
  lead_id: LeadId | null
  /** The cadence's name, the sender's channel or "email:<address>"; null for a lead's own. */
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
  /** What became of its time when it was lifted; null: the clock moved along. */
  resume_mode: Generated<ResumeMode | null>
}

export type HoldKind =
  | 'paused'
  | 'held_until'
  | 'lead_paused'
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

/** How an answer was understood; several of one signal when a person corrected it. */
export interface ReplyVerdictsTable {
  id: string
  lead_id: LeadId
  signal_id: SignalId
  /** "rules", or the person who corrected it. */
  made_by: string
  intent: Intent
  /** What the person wrote, and what was found in it: goes with the person. */
  detail: string | null
  words: string | null
  confidence: number
  rule: string
  rules_version: string
  facts: Json<ReplyFacts | null>
  effect: Json<ReplyEffect>
  /** Before and after, for whoever takes it back. */
  did: Json<ReplyDeeds>
  created_at: Instant
  /** By the planner's clock, once it has looked. */
  asked_at: Instant | null
  until_at: Instant | null
  undone_at: Instant | null
  undone_by: string | null
  undone_because: string | null
}

/** What a verdict changed, for whoever takes it back; it goes with the person. */
export interface ReplyDeeds {
  readonly holds: readonly HoldId[]
  readonly tasks: readonly string[]
  readonly suppressions: readonly string[]
  readonly points: readonly {
    readonly id: ContactPointId
    readonly validity: 'unknown' | 'valid' | 'invalid' | 'not_capable'
  }[]
  /** The signal that moved the lead: the answer's, or its correction's. */
  readonly by: SignalId
  /** The lead as it was before; null when the verdict moved it nowhere. */
  readonly before: LeadBefore | null
}

/** Where a lead stood before a verdict moved it. */
export interface LeadBefore {
  readonly status: LeadStatus
  readonly dead_reason: DeadReason | null
  readonly dead_details: DeadDetails | null
  readonly dead_at: Instant | null
  readonly check_in_at: Instant | null
  readonly check_ins: number
  readonly episode_id: EpisodeId | null
  readonly watch_since: Instant | null
  readonly watch_step: number | null
}
