import type { DeadReason } from '../lead.ts'
import type { Channel } from '../policy/types.ts'
import { DAY_MS } from '../time.ts'

/** A cadence as published: parsed, checked and frozen. Durations are milliseconds. */
export interface Cadence {
  readonly name: string
  readonly title: string
  readonly description: string | null
  readonly purpose: 'nurture' | 'revival' | 'check-in'
  readonly priority: number
  /** What its messages are about, for the preference centre; null or absent: nothing to leave. */
  readonly topic?: string | null
  readonly preferredHours: CadenceHours | null
  /** Imported leads start within this span instead of at once. */
  readonly spreadImportsMs: number
  readonly steps: readonly Step[]
  /** What a lead becomes when the last step has passed without an answer. */
  readonly end:
    | { readonly outcome: 'dead'; readonly reason: DeadReason }
    | { readonly outcome: 'back_to_dead' }
  /** How long after the last step a lead may still answer; DEFAULT_END_AFTER_MS when absent. */
  readonly endAfterMs?: number
}

export type CadenceEnd = Cadence['end']

/** Three days: who does not answer the last message by then rarely does later. */
export const DEFAULT_END_AFTER_MS = 3 * DAY_MS

/** "HH:MM" in the lead's best known zone; null in a step means the cadence's hours. */
export interface CadenceHours {
  readonly from: string
  readonly to: string
}

interface StepBase {
  readonly id: string
  /** Since the previous step finished (the episode began, for the first). */
  readonly after: StepDelay
}

/** `between`: spread per lead within the span, deterministically. */
export type StepDelay =
  | { readonly kind: 'exactly'; readonly ms: number }
  | { readonly kind: 'between'; readonly minMs: number; readonly maxMs: number }

/** When in the day a touch is made. */
export type StepTiming =
  /** As soon as it is due and allowed. */
  | { readonly kind: 'asap' }
  /** Another time of day, and over days another weekday, than the last attempts on the channel. */
  | { readonly kind: 'varied' }
  /** One of these slots ("HH:MM-HH:MM"), varied among them. */
  | { readonly kind: 'slots'; readonly slots: readonly TimeSlot[] }

export interface TimeSlot {
  readonly from: string
  readonly to: string
}

export interface MessageStep extends StepBase {
  readonly kind: 'message'
  readonly channel: Channel
  /** Template name; a variant per dead reason is looked up for revivals. */
  readonly template: string
  readonly timing: StepTiming
  /** `any` ignores preferred hours (an instant answer to the lead's own form); the law holds. */
  readonly hours: 'preferred' | 'any'
  /** When overdue by more than this the step is dropped with its reason; null = never. */
  readonly staleAfterMs: number | null
}

export interface TaskStep extends StepBase {
  readonly kind: 'task'
  readonly task: 'call' | 'voicemail' | 'other'
  readonly title: string
  readonly dueInMs: number
}

export type Step = MessageStep | TaskStep

/** Where a lead stands in its episode. */
export interface Position {
  readonly stepId: string
  /** How often this step has been entered; 1 unless jumped back to. */
  readonly visit: number
}
