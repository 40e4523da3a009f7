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
] as const
export type ActionKind = (typeof ACTION_KINDS)[number]

/** What time, or the cadence, does to a lead. These are found by the planner, not posted. */
export const INNER_KINDS = ['cadence_ended', 'check_in_due', 'no_channel_left'] as const
export type InnerKind = (typeof INNER_KINDS)[number]

export const SIGNAL_KINDS = [...FACT_KINDS, ...ACTION_KINDS, ...INNER_KINDS] as const
export type SignalKind = FactKind | ActionKind | InnerKind
