import { jsonArrayFrom } from 'kysely/helpers/postgres'
import type { LeadId } from '../domain/ids.ts'
import type { PolicyContactPoint, PolicyPerson } from '../domain/policy/types.ts'
import type { Executor } from '../store/executor.ts'
import type { LeadRow } from '../store/leads.ts'
import type { ContactPointsTable } from '../store/schema.ts'

/** A person as the policy sees one, and the keyed hashes that caps and stops hang on. */
export interface Person {
  readonly policy: PolicyPerson
  readonly emailHash: string | null
  readonly phoneHash: string | null
}

/** Everything the policy must know of the lead's person, in one round trip. */
export async function loadPerson(executor: Executor, lead: LeadRow): Promise<Person> {
  const { points, consents, suppressions, topics } = await personRows(executor, lead.id)
  const email = points.find(({ kind }) => kind === 'email') ?? null
  const phone = points.find(({ kind }) => kind === 'phone') ?? null
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
      consents: consents.map(({ by_lead, ...consent }) => ({ ...consent, byLead: by_lead })),
      suppressions,
      ...(topics.length > 0 && { topicsLeft: topics.map(({ topic }) => topic) }),
    },
  }
}

/** The current contact points, and what is on file for their hashes, whichever lead it came by. */
function personRows(executor: Executor, leadId: LeadId) {
  return executor
    .with('points', (db) =>
      db
        .selectFrom('contact_points')
        .select(['kind', 'value', 'hash', 'validity', 'invalid_because'])
        .where('lead_id', '=', leadId)
        .where('current', '=', true),
    )
    .selectNoFrom((on) => [
      jsonArrayFrom(on.selectFrom('points').selectAll()).as('points'),
      jsonArrayFrom(
        on
          .selectFrom('consents')
          .select(['channel', 'basis', 'disclosure', 'at', 'source', 'by_lead'])
          .where('contact_hash', 'in', on.selectFrom('points').select('hash'))
          .orderBy('at'),
      ).as('consents'),
      jsonArrayFrom(
        on
          .selectFrom('suppressions')
          .select(['channel', 'cause', 'at'])
          .where('contact_hash', 'in', on.selectFrom('points').select('hash'))
          .orderBy('at'),
      ).as('suppressions'),
      jsonArrayFrom(
        on
          .selectFrom('topic_opt_outs')
          .select('topic')
          .where('contact_hash', 'in', on.selectFrom('points').select('hash')),
      ).as('topics'),
    ])
    .executeTakeFirstOrThrow()
}

type PointRow = Pick<ContactPointsTable, 'value' | 'validity' | 'invalid_because'>

function asPolicyPoint(row: PointRow): PolicyContactPoint {
  return { value: row.value, validity: row.validity, invalidBecause: row.invalid_because }
}
