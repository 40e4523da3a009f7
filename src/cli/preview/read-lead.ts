import type { PolicyContactPoint, PolicyPerson } from '../../domain/policy/index.ts'
import type { PreviewFields } from '../../domain/preview/types.ts'
import type { ContextLead } from '../../domain/templates/context.ts'
import type { Instant } from '../../domain/time.ts'
import { readLead } from '../../leads/incoming/lead-fields.ts'
import type { Post } from '../../leads/incoming/post.ts'

/** A sample lead in the terms of the policy and of the templates. */
export interface SampleLead {
  readonly person: PolicyPerson
  readonly lead: ContextLead
  readonly fields: PreviewFields
}

/**
 * A posted lead as the store would keep it. Its consents count as given by the lead in person.
 * @throws Refusal that names the field
 */
export function sampleLead(post: Post, from: Instant): SampleLead {
  const read = readLead(post.lead)
  const { firstName, lastName, company, language, owner, attributes } = read
  const { state, zip, timezone } = read
  return {
    person: {
      erased: false,
      email: pointOf(read.email),
      phone: pointOf(read.phone),
      state: state ?? null,
      zip: zip ?? null,
      timezone: timezone ?? null,
      consents: post.consents.map(({ channel, basis, disclosure, at, source }) => ({
        channel,
        basis,
        disclosure,
        at: at ?? from,
        source,
        byLead: true,
      })),
      suppressions: [],
      recent: [],
      freshForm: false,
      cadence: null,
      stops: [],
    },
    lead: {
      firstName: firstName ?? null,
      lastName: lastName ?? null,
      company: company ?? null,
      language: language ?? null,
      owner: owner ?? null,
      attributes: attributes ?? {},
    },
    fields: {
      source: read.source ?? 'webform',
      cost: read.cost ? { amount: Number(read.cost.amount), currency: read.cost.currency } : null,
      tags: read.tags ?? [],
      language: read.language ?? null,
    },
  }
}

function pointOf(value: string | null | undefined): PolicyContactPoint | null {
  return value ? { value, validity: 'unknown', invalidBecause: null } : null
}
