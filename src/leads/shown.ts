import type { LeadAttributes } from '../domain/contract.ts'
import { canonical } from '../store/ledger.ts'

/**
 * What `leads.shown` says: the search attributes that Temporal was last told, and the run that was
 * asked to tell them. That run continues as new with them; one that looks again never heard, for
 * the answer to its look was lost.
 */
export function shownTo(attributes: LeadAttributes, runId: string): string {
  return canonical({ ...attributes, toldTo: runId })
}

/** Whether Temporal knows these attributes, as far as the run that looks now can tell. */
export function isTold(shown: string | null, attributes: LeadAttributes, runId: string): boolean {
  if (shown === null) return false
  const known: unknown = JSON.parse(shown)
  if (typeof known !== 'object' || known === null) return false
  const { toldTo, ...before } = { toldTo: null, ...known }
  return toldTo !== runId && canonical(before) === canonical(attributes)
}
