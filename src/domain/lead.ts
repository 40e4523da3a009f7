import type { LeadId } from './ids.ts'
import type { Instant } from './time.ts'

/** `held` is not a status of its own: it is an open lead with a hold on it. */
export const LEAD_STATUSES = ['nurturing', 'engaged', 'converted', 'dead', 'erased'] as const
export type LeadStatus = (typeof LEAD_STATUSES)[number]

export const DEAD_REASONS = [
  'unresponsive',
  'bad_contact_info',
  'competitor',
  'no_matching_offering',
  'not_interested',
  'postponing',
  'unqualified',
  'hostile',
  'spam',
  'opted_out',
  'duplicate',
] as const
export type DeadReason = (typeof DEAD_REASONS)[number]

/** What must be recorded beside each reason. Free text lives in the store only. */
export type DeadDetails =
  | { readonly reason: 'unresponsive'; readonly attempts: readonly AttemptRecord[] }
  | { readonly reason: 'bad_contact_info'; readonly failures: readonly ContactFailure[] }
  | {
      readonly reason: 'competitor'
      readonly competitor: string | null
      readonly why: 'price' | 'feature' | 'timing' | 'other' | null
      /** When the competitor's contract likely ends (ISO date), for the check-in. */
      readonly contractEnds: string | null
    }
  | {
      readonly reason: 'no_matching_offering'
      readonly wanted: string | null
      readonly fault: 'poor_sourcing' | 'inadequate_offering' | null
    }
  | { readonly reason: 'not_interested'; readonly words: string | null }
  | { readonly reason: 'postponing'; readonly postponements: readonly Postponement[] }
  | { readonly reason: 'unqualified'; readonly criterion: string | null }
  | { readonly reason: 'hostile'; readonly words: string | null }
  | { readonly reason: 'spam'; readonly evidence: string | null }
  | { readonly reason: 'opted_out'; readonly how: string; readonly words: string | null }
  | { readonly reason: 'duplicate'; readonly survivor: LeadId | null }

/** A reason with nothing known beside it. */
export function bareDetails(reason: DeadReason): DeadDetails {
  switch (reason) {
    case 'unresponsive':
      return { reason, attempts: [] }
    case 'bad_contact_info':
      return { reason, failures: [] }
    case 'competitor':
      return { reason, competitor: null, why: null, contractEnds: null }
    case 'no_matching_offering':
      return { reason, wanted: null, fault: null }
    case 'postponing':
      return { reason, postponements: [] }
    case 'unqualified':
      return { reason, criterion: null }
    case 'not_interested':
    case 'hostile':
      return { reason, words: null }
    case 'spam':
      return { reason, evidence: null }
    case 'opted_out':
      return { reason, how: 'cadence', words: null }
    case 'duplicate':
      return { reason, survivor: null }
  }
}

export interface AttemptRecord {
  readonly channel: 'email' | 'sms' | 'call'
  readonly at: Instant
  /** ISO weekday and hour in the lead's best known zone. */
  readonly weekday: number
  readonly hour: number
  readonly delivered: boolean | null
}

export interface ContactFailure {
  readonly contactPoint: 'email' | 'phone'
  readonly how: string
}

export interface Postponement {
  readonly askedAt: Instant
  readonly until: Instant
}

export type EpisodeKind = 'nurture' | 'revival' | 'check-in'
