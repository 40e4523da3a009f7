import {
  defineSearchAttributeKey,
  type SearchAttributePair,
  SearchAttributeType,
} from '@temporalio/common'
import type { LeadAttributes } from '../domain/contract.ts'

const keyword = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD)

const LEAD_STATUS = keyword('LeadStatus')
const DEAD_REASON = keyword('DeadReason')
const CADENCE = keyword('Cadence')
const SOURCE = keyword('Source')
const OWNER = keyword('Owner')

/** The lead's typed search attributes. Owner is a hash-free internal name or id, never a lead's. */
export function searchAttributes(attributes: LeadAttributes): SearchAttributePair[] {
  const pairs: SearchAttributePair[] = [
    { key: LEAD_STATUS, value: attributes.status },
    { key: SOURCE, value: attributes.source },
  ]
  if (attributes.deadReason !== null) pairs.push({ key: DEAD_REASON, value: attributes.deadReason })
  if (attributes.cadence !== null) pairs.push({ key: CADENCE, value: attributes.cadence })
  if (attributes.owner !== null) pairs.push({ key: OWNER, value: attributes.owner })
  return pairs
}
