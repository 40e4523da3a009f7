import type { LeadId } from '../domain/ids.ts'
import type {
  Consent,
  PolicyContactPoint,
  PolicyPerson,
  Suppression,
} from '../domain/policy/types.ts'
import type { Executor } from '../store/executor.ts'
import type { LeadRow } from '../store/leads.ts'
import type { ContactPointsTable } from '../store/schema.ts'

/** A person as the policy sees one, and the keyed hashes that caps and stops hang on. */
export interface Person {
  readonly policy: PolicyPerson
  readonly emailHash: string | null
  readonly phoneHash: string | null
}

/** Everything the policy must know of the lead's person: two round trips. */
export async function loadPerson(executor: Executor, lead: LeadRow): Promise<Person> {
  const points = await currentPoints(executor, lead.id)
  const email = points.find(({ kind }) => kind === 'email') ?? null
  const phone = points.find(({ kind }) => kind === 'phone') ?? null
  const hashes = points.map(({ hash }) => hash)
  const [consents, suppressions] =
    hashes.length === 0
      ? [[], []]
      : [await consentsOf(executor, hashes), await suppressionsOf(executor, hashes)]
  return {
    emailHash: email?.hash ?? null,
    phoneHash: phone?.hash ?? null,
    policy: {
      erased: lead.status === 'erased',
      email: email && asPolicyPoint(email),
      phone: phone && asPolicyPoint(phone),
      state: lead.state,
      zip: lead.zip,
      timezone: lead.timezone,
      consents,
      suppressions,
    },
  }
}

type PointRow = Pick<ContactPointsTable, 'kind' | 'value' | 'hash' | 'validity' | 'invalid_because'>

function currentPoints(executor: Executor, leadId: LeadId): Promise<PointRow[]> {
  return executor
    .selectFrom('contact_points')
    .select(['kind', 'value', 'hash', 'validity', 'invalid_because'])
    .where('lead_id', '=', leadId)
    .where('current', '=', true)
    .execute()
}

async function consentsOf(executor: Executor, hashes: readonly string[]): Promise<Consent[]> {
  const rows = await executor
    .selectFrom('consents')
    .select(['channel', 'basis', 'disclosure', 'at', 'source', 'by_lead'])
    .where('contact_hash', 'in', hashes)
    .orderBy('at')
    .execute()
  return rows.map(({ by_lead, ...consent }) => ({ ...consent, byLead: by_lead }))
}

function suppressionsOf(executor: Executor, hashes: readonly string[]): Promise<Suppression[]> {
  return executor
    .selectFrom('suppressions')
    .select(['channel', 'cause', 'at'])
    .where('contact_hash', 'in', hashes)
    .orderBy('at')
    .execute()
}

function asPolicyPoint(row: PointRow): PolicyContactPoint {
  return { value: row.value, validity: row.validity, invalidBecause: row.invalid_because }
}
