import type { DeadReason } from '../lead.ts'
import type { Channel } from '../policy/types.ts'
import { DAY_MS } from '../time.ts'
import type { FlowStep } from './flow-types.ts'
import type { CadenceRevival, EntryRules, ExitRule, ReplyRulesOfCadence } from './header-types.ts'

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
  /** On which days its messages leave; any, when absent. */
  readonly days?: StepDays
  /** Calendars of the settings that its messages keep free. */
  readonly blackouts?: readonly string[]
  readonly throttle?: Throttle
  readonly entry?: EntryRules
  /** What ends it for a lead before its last step. */
  readonly exits?: readonly ExitRule[]
  /** What it is for: reached, it ends. */
  readonly goal?: ExitRule
  /** What answers do, where it is not what they usually do. */
  readonly onReply?: ReplyRulesOfCadence
  /** How leads that died in it come back, where it is not as the company says. */
  readonly revival?: CadenceRevival
  /** Imported leads start within this span instead of at once. */
  readonly spreadImportsMs: number
  readonly steps: readonly Step[]
  /** What a lead becomes when the last step has passed without an answer. */
  readonly end:
    | { readonly outcome: 'dead'; readonly reason: DeadReason }
    | { readonly outcome: 'back_to_dead' }
    /** A person takes over; `title` is that of their task. */
    | { readonly outcome: 'handed_over'; readonly title: string }
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

export interface StepBase {
  readonly id: string
  /** Since the previous step finished (the episode began, for the first). */
  readonly after: StepDelay
  /** The step is due by this date, and at the earliest after its delay. */
  readonly onDate?: OnDate
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
  /** Only on these ISO weekdays; absent: on any. */
  readonly days?: readonly number[]
}

/** At most so many in any span of this length. */
export interface Rate {
  readonly most: number
  readonly perMs: number
}

/** How many messages a cadence sends to all its leads together, in rolling spans. */
export interface Throttle {
  readonly touches: Rate | null
  /** Leads that hear from it for the first time in an episode. */
  readonly first: Rate | null
}

/** What must differ from the last attempt on the channel. */
export type Vary = 'both' | 'time' | 'weekday' | 'none'

/** On which days a message leaves: Monday to Friday without holidays, or ISO weekdays. */
export type StepDays = 'business' | readonly number[]

/** A date on the lead by which a step is due, and how far from it (negative: before it). */
export interface OnDate {
  /** Such as "lead.attributes.contractEnd", "lead.created", "dead.contractEnds", "dead.until". */
  readonly field: string
  readonly offsetMs: number
}

/** What becomes of a message that would leave too late to be of use. */
export type WhenStale =
  | { readonly kind: 'skip' }
  | { readonly kind: 'send' }
  /** Another step takes its place, always a later one. */
  | { readonly kind: 'goto'; readonly stepId: string }

/** What to do for a lead that the step's channel cannot reach. */
export type Fallback =
  | { readonly kind: 'skip' }
  | { readonly kind: 'channel'; readonly channel: Channel; readonly template: string }

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
  /** An email that comes from the lead's owner, where the settings allow it; absent: the company. */
  readonly from?: 'owner'
  /** Skip, when absent. */
  readonly whenStale?: WhenStale
  /** Both, when absent. */
  readonly vary?: Vary
  /** Those of the cadence, when absent. */
  readonly days?: StepDays
  /** Calendars of the settings; those of the cadence, when absent. */
  readonly blackouts?: readonly string[]
  /** Skip, when absent. */
  readonly fallback?: Fallback
}

export interface TaskStep extends StepBase {
  readonly kind: 'task'
  readonly task: 'call' | 'voicemail' | 'other'
  readonly title: string
  readonly dueInMs: number
  /** Who gets it; the lead's owner when absent. */
  readonly assignee?: string
}

export type Step = MessageStep | TaskStep | FlowStep

/** Where a lead stands in its episode. */
export interface Position {
  readonly stepId: string
  /** How often this step has been entered; 1 unless jumped back to. */
  readonly visit: number
}
