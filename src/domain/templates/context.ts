import type { Company } from '../company/company.ts'
import { languageOfLead } from '../language.ts'
import type { DeadDetails } from '../lead.ts'
import type { TemplateContext } from './types.ts'

/** What templates may know of a lead. */
export interface ContextLead {
  readonly firstName: string | null
  readonly lastName: string | null
  readonly company: string | null
  /** BCP 47; null or absent: its attributes may tell, else the company's own. */
  readonly language?: string | null
  /** An address, or a name, of whoever looks after the lead. */
  readonly owner: string | null
  readonly attributes: Readonly<Record<string, unknown>>
}

/** All that a message to this lead can speak of; `dead` says what it was dead for before. */
export function templateContext(
  lead: ContextLead,
  company: Company,
  dead: DeadDetails | null,
  links: Pick<TemplateContext, 'links' | 'linkFor' | 'pixel'>,
): TemplateContext {
  const { firstName, lastName } = lead
  return {
    lead: {
      firstName,
      lastName,
      company: lead.company,
      language: languageOfLead(lead),
      attributes: simpleValues(lead.attributes),
    },
    company: {
      name: company.name,
      brand: company.brand,
      postalAddress: company.postalAddress,
      website: company.website,
      bookingUrl: company.bookingUrl,
      phone: company.phone,
    },
    owner: lead.owner === null ? null : ownerOf(lead.owner),
    dead: deadOf(dead),
    ...links,
  }
}

function ownerOf(owner: string): TemplateContext['owner'] {
  const [name = owner, domain] = owner.split('@')
  if (domain === undefined) return { name: owner, email: null, phone: null }
  return { name: name.charAt(0).toUpperCase() + name.slice(1), email: owner, phone: null }
}

function deadOf(details: DeadDetails | null): TemplateContext['dead'] {
  if (details === null) return null
  return {
    reason: details.reason,
    wanted: details.reason === 'no_matching_offering' ? details.wanted : null,
    competitor: details.reason === 'competitor' ? details.competitor : null,
  }
}

/** Templates speak of plain values only. */
function simpleValues(
  attributes: ContextLead['attributes'],
): TemplateContext['lead']['attributes'] {
  const entries = Object.entries(attributes).flatMap(([name, value]) =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? [[name, value] as const]
      : [],
  )
  return Object.fromEntries(entries)
}
