import type { SignalId, TouchId, VisitorId } from './ids.ts'
import type { DeadDetails, DeadReason } from './lead.ts'
import type { ResumeMode } from './pauses.ts'
import type { Channel } from './policy/types.ts'
import type { Intent, ReplyReading } from './replies/types.ts'
import type { Instant } from './time.ts'

/**
 * A signal is something that happened to a lead, or that a person asked for. Every kind is a row
 * in the store before anything acts on it. Payloads may hold contact data and free text: they
 * stay in the store; Temporal sees the kind and the sequence number only.
 */
export const FACT_KINDS = [
  'form',
  'visit',
  'click',
  'reply',
  'call',
  'booking',
  'purchase',
  'offering_added',
  'custom',
  'opt_out',
  'opt_in',
  'hard_bounce',
  'soft_bounce',
  'complaint',
  'pause_asked',
  'contact_changed',
  'disposition',
] as const
export type FactKind = (typeof FACT_KINDS)[number]

/** What an operator, or the lead's owner, may ask for. */
export const ACTION_KINDS = [
  'enroll',
  'pause',
  'resume',
  'skip',
  'jump',
  'hold',
  'send_now',
  'mark_dead',
  'revive',
  'convert',
  'erase',
  'correct_reply',
] as const
export type ActionKind = (typeof ACTION_KINDS)[number]

/** What time, or the cadence, does to a lead. These are found by the planner, not posted. */
export const INNER_KINDS = [
  'cadence_ended',
  'check_in_due',
  'no_channel_left',
  'went_silent',
] as const
export type InnerKind = (typeof INNER_KINDS)[number]

export const SIGNAL_KINDS = [...FACT_KINDS, ...ACTION_KINDS, ...INNER_KINDS] as const
export type SignalKind = FactKind | ActionKind | InnerKind

/** What each kind of signal carries. Anything personal in here lives in the store only. */
export interface SignalPayloads {
  form: {
    readonly cadence: string | null
    /** The same post carried a consent that the lead gave. */
    readonly freshConsent: boolean
  }
  visit: {
    readonly sessionId: string
    readonly visitorId: VisitorId | null
    readonly page: string | null
    readonly interacted: boolean
    /** It came by a link of our message, which mail scanners follow too. */
    readonly byLink?: boolean
  }
  click: {
    readonly touchId: TouchId | null
    readonly target: string
    /** Why it was no person's after all, as what followed it showed. */
    readonly doubt?: string
  }
  reply: {
    readonly channel: Channel
    readonly text: string
    readonly subject: string | null
    readonly touchId: TouchId | null
    /** How it was understood when it came; without it, a person reads it. */
    readonly reading?: ReplyReading | null
  }
  call: {
    readonly outcome: string | null
    readonly note: string | null
    /** Who called whom; absent: we did. */
    readonly from?: 'us' | 'lead'
  }
  booking: { readonly when: string | null; readonly note: string | null }
  purchase: { readonly amount: string | null; readonly currency: string | null }
  offering_added: { readonly offering: string }
  custom: { readonly name: string; readonly data: Readonly<Record<string, unknown>> }
  opt_out: {
    readonly channel: Channel | 'all'
    readonly how: string
    readonly words: string | null
    /** An imported list says so, and has suppressed the person already. */
    readonly listed?: true
  }
  opt_in: { readonly channel: Channel; readonly how: string }
  hard_bounce: { readonly channel: Channel; readonly code: string; readonly because: string }
  soft_bounce: { readonly channel: Channel; readonly code: string; readonly because: string }
  complaint: { readonly channel: Channel; readonly how: string }
  pause_asked: { readonly until: Instant }
  contact_changed: { readonly what: readonly string[] }
  disposition: {
    readonly outcome: DispositionOutcome
    readonly details: DeadDetails | null
    readonly until: Instant | null
    readonly note: string | null
  }
  enroll: { readonly cadence: string; readonly begunBy: 'api' | 'import' }
  pause: { readonly because: string }
  /** Without a mode the clock moves along. */
  resume: { readonly mode?: ResumeMode }
  skip: Record<never, never>
  jump: { readonly step: string }
  hold: { readonly until: Instant; readonly because: string }
  send_now: Record<never, never>
  mark_dead: { readonly details: DeadDetails }
  revive: { readonly cadence: string | null }
  convert: { readonly note: string | null }
  erase: Record<never, never>
  correct_reply: {
    readonly signalId: SignalId
    /** null: what was understood is taken back, and nothing stands in its place. */
    readonly intent: Intent | null
    readonly detail: string | null
    readonly because: string | null
  }
  went_silent: Record<never, never>
  cadence_ended: { readonly reason: DeadReason }
  check_in_due: Record<never, never>
  no_channel_left: { readonly reason: DeadReason }
}

/** What sales may say of a lead. */
export const DISPOSITIONS = ['interested', 'later', 'converted', 'dead', 'bad_lead'] as const
export type DispositionOutcome = (typeof DISPOSITIONS)[number]

/** A signal of one kind with what it carries. */
export type Signal = {
  readonly [K in SignalKind]: { readonly kind: K; readonly payload: SignalPayloads[K] }
}[SignalKind]
