import type { BulkInput, BulkStep, LookInput, Plan, TouchInput } from '../domain/contract.ts'

/** What the lead workflow may call. Both answer with the next plan. */
export interface LeadActivities {
  /** Absorbs new rows in order, applies the lifecycle, plans. */
  look(input: LookInput): Promise<Plan>
  /** Makes one attempt at one touch; the plan that follows from its outcome. */
  touch(input: TouchInput): Promise<Plan>
}

/** What a bulk run's workflow may call. */
export interface BulkActivities {
  /** Does one batch, and answers when the next one comes. */
  bulkBatch(input: BulkInput): Promise<BulkStep>
}
