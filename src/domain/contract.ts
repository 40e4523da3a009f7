import type { BulkId, EpisodeId, LeadId, MessageId } from './ids.ts'
import type { DeadReason, LeadStatus } from './lead.ts'
import type { Channel } from './policy/types.ts'

/**
 * What travels between the api, the lead workflow and its activities. Everything here lands in
 * Temporal histories, so it is ids, enums and numbers; `summary` and `details` are words about
 * steps and times, never about a person. Each value carries its version `v`; a new shape gets an
 * upcaster, because a lead may sleep on the old one for a year.
 */
export const LEAD_WORKFLOW = 'lead'
export const BULK_WORKFLOW = 'bulk'
export const DOORBELL = 'doorbell'
export const STATUS_QUERY = 'status'

/** Task queues by kind of work: each is limited, scaled and watched by itself. */
export const TASK_QUEUES = { leads: 'leads', email: 'email', sms: 'sms', bulk: 'bulk' } as const

/** 1 is served first: a lead's own fresh form; 5 last: imports. */
export type Priority = 1 | 2 | 3 | 4 | 5
export const PRIORITY = { form: 1, normal: 3, import: 5 } as const satisfies Record<
  string,
  Priority
>

/** The id of a lead’s workflow: one lead has one, for all its life. */
export function leadWorkflowId(leadId: LeadId): string {
  return `lead:${leadId}`
}

/** The id of a bulk run’s workflow. */
export function bulkWorkflowId(bulkId: BulkId): string {
  return `bulk:${bulkId}`
}

/** Rings the lead's workflow. `seq` is the lead's revision after the change. */
export interface Bell {
  readonly seq: number
  readonly kind: string
}

export interface LeadInput {
  readonly v: 1
  readonly leadId: LeadId
  /** Carried through continue-as-new: what the closing run had planned. */
  readonly plan?: Plan
  /** What a new lead was started for, which tells whoever reads its history what began it. */
  readonly bell?: Bell
}

/** The lead's typed search attributes, set on transitions only. */
export interface LeadAttributes {
  readonly status: LeadStatus | 'held'
  readonly deadReason: DeadReason | null
  readonly cadence: string | null
  readonly source: string
  readonly owner: string | null
}

/** Which attempt to make; unique over the lead's life. The first shape had no version. */
export type TouchRef = StepTouchRef | MessageTouchRef

/** An attempt at a step of an episode. */
export interface StepTouchRef {
  readonly v?: 1
  readonly episodeId: EpisodeId
  readonly stepId: string
  readonly visit: number
  readonly attempt: number
  readonly channel: Channel
}

/** An attempt at a message outside any cadence. */
export interface MessageTouchRef {
  readonly v: 2
  readonly messageId: MessageId
  readonly attempt: number
  readonly channel: Channel
}

/** What the lead workflow does next. Durations are measured on the planner's clock. */
export type Next =
  /** Waits for the bell, at most `ms` (null: for the bell alone), then looks again. */
  | { readonly do: 'wait'; readonly ms: number | null }
  /** Waits `ms` or for the bell; when not rung, makes the touch. */
  | { readonly do: 'touch'; readonly ms: number; readonly touch: TouchRef }
  /** Nothing more will happen by itself: the run ends; a bell starts a new one. */
  | { readonly do: 'complete' }

export interface Plan {
  readonly v: 1
  /** The lead's revision that was read; a bell with a higher `seq` makes the plan stale. */
  readonly revision: number
  readonly next: Next
  /** For the timer: "step call-back, sms, Tue 24 Nov 10:05 New York". */
  readonly summary: string
  /** For the workflow's current details: the summary and why. */
  readonly details: string
  readonly priority: Priority
  /** Set when the lead went through a transition: the workflow continues as new with them. */
  readonly transitioned: LeadAttributes | null
}

/** Why the workflow looks; trouble parks the lead with an alert instead of ending it. */
export interface LookInput {
  readonly v: 1
  readonly leadId: LeadId
  readonly trouble: 'touch_failed' | null
}

export interface TouchInput {
  readonly v: 1
  readonly leadId: LeadId
  readonly revision: number
  readonly touch: TouchRef
}

/** One operation on many leads; what is done to whom stands in its row. */
export interface BulkInput {
  readonly v: 1
  readonly bulkId: BulkId
}

/** What a bulk run does next, after one batch. */
export interface BulkStep {
  readonly v: 1
  /** Waits for the bell, at most `ms` (null: for the bell alone), then does the next batch. */
  readonly next: { readonly do: 'wait'; readonly ms: number | null } | { readonly do: 'complete' }
  /** For the workflow's current details: "120 of 500 leads done, 3 passed over". */
  readonly details: string
}
