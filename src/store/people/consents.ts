import type { LeadId } from '../../domain/ids.ts'
import type { Consent } from '../../domain/policy/types.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import { newId } from '../new-id.ts'

export interface NewConsent extends Omit<Consent, 'evidence'> {
  readonly contactHash: string
  readonly leadId: LeadId | null
  readonly ip: string | null
  readonly url: string | null
  readonly proof: string | null
  readonly receivedAt: Instant
}

/**
 * Records a consent; nothing is ever overwritten. False when this very consent is on file
 * already, as a nightly sync posts it again.
 */
export async function addConsent(trx: Executor, consent: NewConsent): Promise<boolean> {
  const known = await trx
    .selectFrom('consents')
    .select('id')
    .where('contact_hash', '=', consent.contactHash)
    .where('channel', '=', consent.channel)
    .where('basis', '=', consent.basis)
    .where('at', '=', consent.at)
    .where('source', '=', consent.source)
    .where('by_lead', '=', consent.byLead)
    .executeTakeFirst()
  if (known) return false
  await trx
    .insertInto('consents')
    .values({
      id: newId('consent'),
      contact_hash: consent.contactHash,
      lead_id: consent.leadId,
      channel: consent.channel,
      basis: consent.basis,
      disclosure: consent.disclosure,
      at: consent.at,
      source: consent.source,
      ip: consent.ip,
      url: consent.url,
      proof: consent.proof,
      by_lead: consent.byLead,
      received_at: consent.receivedAt,
    })
    .execute()
  return true
}

/** Every consent on file for a contact point, oldest first. */
export async function consentsOf(executor: Executor, contactHash: string): Promise<Consent[]> {
  const rows = await executor
    .selectFrom('consents')
    .select(['channel', 'basis', 'disclosure', 'at', 'source', 'by_lead'])
    .where('contact_hash', '=', contactHash)
    .orderBy('at')
    .execute()
  return rows.map(({ by_lead, ...consent }) => ({ ...consent, byLead: by_lead }))
}
