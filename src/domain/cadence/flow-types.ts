import type { AskedSignal, Condition, Scalar } from './conditions/conditions.ts'
import type { CadenceEnd, StepBase, TimeSlot } from './types.ts'

/** The steps that write to nobody: they wait, choose, change, tell and end. */
export type FlowStep =
  | WaitStep
  | WaitForStep
  | BranchStep
  | SplitStep
  | WebhookStep
  | UpdateStep
  | GotoStep
  | EndStep

/** Waits for its delay (`after`), and then for the next hour that suits. */
export interface WaitStep extends StepBase {
  readonly kind: 'wait'
  readonly until: WaitUntil | null
}

/** The lead's local time: ISO weekdays (none: any day) and times of day (none: any time). */
export interface WaitUntil {
  readonly weekdays: readonly number[]
  readonly slots: readonly TimeSlot[]
}

/** Waits for something to happen, no longer than the time-out. */
export interface WaitForStep extends StepBase {
  readonly kind: 'wait-for'
  readonly awaited: Awaited
  readonly timeoutMs: number
  /** The step to go to when it came; null: the next one. */
  readonly whenItCame: string | null
  /** The step to go to when it did not; null: the next one. */
  readonly whenNot: string | null
}

export type Awaited =
  | {
      readonly kind: 'signal'
      readonly signals: readonly AskedSignal[]
      /** That of a custom signal; null: any. */
      readonly name: string | null
    }
  | { readonly kind: 'condition'; readonly when: Condition }

/** Goes to the first arm whose condition holds. */
export interface BranchStep extends StepBase {
  readonly kind: 'branch'
  readonly arms: readonly { readonly when: Condition; readonly goto: string }[]
  /** Where to go when none holds; null: to the next step. */
  readonly otherwise: string | null
}

/** Gives each lead one of its arms, once an episode, by weight. */
export interface SplitStep extends StepBase {
  readonly kind: 'split'
  readonly arms: readonly SplitArm[]
}

export interface SplitArm {
  readonly arm: string
  readonly weight: number
  readonly goto: string
}

/** Tells a named endpoint of the settings that the lead came here. */
export interface WebhookStep extends StepBase {
  readonly kind: 'webhook'
  readonly to: string
}

/** Changes what we know of the lead. */
export interface UpdateStep extends StepBase {
  readonly kind: 'update'
  readonly update: LeadUpdate
}

export interface LeadUpdate {
  /** null takes the attribute away. */
  readonly attributes: Readonly<Record<string, Scalar | null>>
  /** Points given or taken. */
  readonly score: number
  /** undefined: stays; null: nobody. */
  readonly owner?: string | null
  readonly addTags: readonly string[]
  readonly removeTags: readonly string[]
}

/** Goes to another step; back at most so often an episode, then on to the next. */
export interface GotoStep extends StepBase {
  readonly kind: 'goto'
  readonly to: string
  /** null: forward, where no loop can arise. */
  readonly atMost: number | null
}

/** Ends the cadence here, without waiting for an answer. */
export interface EndStep extends StepBase {
  readonly kind: 'end'
  readonly end: CadenceEnd
}
