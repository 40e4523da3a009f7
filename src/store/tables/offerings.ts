import type { LeadId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import type { Json } from './json.ts'

// What the company offers, and whom it is told to.

export interface OfferingsTable {
  id: string
  name: string
  description: string | null
  tags: Json<string[]>
  words: Json<string[]>
  created_at: Instant
  created_by: string
  updated_at: Instant
  retired_at: Instant | null
}

/** A lead that was lost for want of an offering that is there now. */
export interface OfferingMatchesTable {
  offering_id: string
  lead_id: LeadId
  /** `told`: its workflow was rung; `passed`: it was no longer to be told. */
  state: 'waiting' | 'told' | 'passed'
  /** A sentence without what the lead wrote. */
  because: string
  found_at: Instant
  told_at: Instant | null
}
