import type { LookInput, Plan, TouchInput } from '../domain/contract.ts'

/** What the lead workflow may call. Both answer with the next plan. */
export interface LeadActivities {
  /** Absorbs new rows in order, applies the lifecycle, plans. */
  look(input: LookInput): Promise<Plan>
  /** Makes one attempt at one touch; the plan that follows from its outcome. */
  touch(input: TouchInput): Promise<Plan>
}
