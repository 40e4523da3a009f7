import type { ContextLead } from '../domain/templates/context.ts'
import type { LeadRow } from '../store/leads.ts'

/** A lead as messages may speak of it. */
export function contextLead(lead: LeadRow): ContextLead {
  return {
    firstName: lead.first_name,
    lastName: lead.last_name,
    company: lead.company,
    language: lead.language,
    owner: lead.owner,
    attributes: lead.attributes,
  }
}
