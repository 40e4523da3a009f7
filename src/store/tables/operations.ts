import type { Generated } from 'kysely'
import type { BulkPace, BulkWhom, BulkWork } from '../../domain/bulk.ts'
import type { BulkId, LeadId, QueuedId, SignalId } from '../../domain/ids.ts'
import type { SignalKind } from '../../domain/signals.ts'
import type { Instant } from '../../domain/time.ts'
import type { Json } from './json.ts'

// What operators do to many leads, and what waits its turn.

export type BulkState = 'running' | 'paused' | 'cancelled' | 'done'

export interface BulkRunsTable {
  id: BulkId
  work: Json<BulkWork>
  whom: Json<BulkWhom>
  pace: Json<BulkPace>
  because: string
  by: string
  state: BulkState
  /** How many leads it concerned when it began. */
  total: number
  done: Generated<number>
  /** Leads that it could do nothing to; `bulk_passed` says why. */
  passed: Generated<number>
  /** The last lead that was dealt with; they are taken in the order of their ids. */
  cursor: string | null
  /** Leads that may still be dealt with before `next_batch_at`. */
  batch_left: Generated<number>
  /** On the engine's clock. */
  next_batch_at: Instant | null
  /** Moves when an operator changes it; `heard_revision` is what its workflow was told of. */
  revision: Generated<number>
  heard_revision: Generated<number>
  /** When its workflow will have been here again, on the wall clock; null: it waits for a bell. */
  back_by_at: Instant | null
  created_at: Instant
  updated_at: Instant
  finished_at: Instant | null
}

export interface BulkPassedTable {
  bulk_id: BulkId
  lead_id: LeadId
  code: string
  /** A sentence without contact data. */
  because: string
  at: Instant
}

/** Cadences that wait for a lead's present one to end. */
export interface QueuedEnrollmentsTable {
  id: QueuedId
  lead_id: LeadId
  cadence_name: string
  /** The cadence's when it was queued; the highest starts first. */
  priority: number
  begun_by: SignalKind | 'import' | 'api'
  /** "api:<key>", "console:<user>", "bulk:<id>" … */
  by: string
  queued_at: Instant
  closed_at: Instant | null
  outcome: 'started' | 'cancelled' | null
  because: string | null
  /** The signal that closed it, for whoever takes that back. */
  closed_by: SignalId | null
}

/** Named conditions that leads meet or do not. */
export interface SegmentsTable {
  name: string
  title: string
  definition: Json<unknown>
  created_at: Instant
  updated_at: Instant
  updated_by: string
}

/** How many late messages were given each minute. */
export interface LateMinutesTable {
  /** "email", "sms", or one sender's "email:<address>". */
  key: string
  /** Since the epoch. */
  minute: number
  taken: number
}
