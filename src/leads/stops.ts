import { sql } from 'kysely'
import type { LeadId } from '../domain/ids.ts'
import type { Channel, Suppression } from '../domain/policy/types.ts'
import type { Instant } from '../domain/time.ts'
import type { Executor } from '../store/executor.ts'
import type { LeadRow } from '../store/leads.ts'
import { newId } from '../store/new-id.ts'
import { storeClock } from '../store/people/suppressions.ts'

/**
 * Suppresses the lead's person on a channel, by the keyed hash that all leads of the person
 * share. The caller has locked the contact keys; open intents of the others are abandoned too.
 */
export async function suppressPerson(
  trx: Executor,
  lead: LeadRow,
  channel: Channel | 'all',
  cause: Suppression['cause'],
  at: Instant,
  how: string = cause,
): Promise<void> {
  const hashes = await hashesOf(trx, lead.id, channel)
  for (const hash of hashes) await suppressHash(trx, hash, channel, cause, at, how)
}

/** Suppresses one contact point for ever, and takes back what is intended for it. */
export async function suppressHash(
  trx: Executor,
  contactHash: string,
  channel: Channel | 'all',
  cause: Suppression['cause'],
  at: Instant,
  how: string,
): Promise<void> {
  const known = await trx
    .selectFrom('suppressions')
    .select('id')
    .where('contact_hash', '=', contactHash)
    .where('channel', '=', channel)
    .where('cause', '=', cause)
    .where('at', '=', at)
    .executeTakeFirst()
  // One act of a person whom several leads share is one suppression.
  if (!known) {
    await trx
      .insertInto('suppressions')
      .values({
        id: newId('suppression'),
        contact_hash: contactHash,
        channel,
        cause,
        how,
        at,
        effective_at: storeClock,
      })
      .execute()
  }
  await trx
    .updateTable('touches')
    .set({ state: 'abandoned', because: 'taken back: the person asked to stop' })
    .where('contact_hash', '=', contactHash)
    .where('state', '=', 'intent')
    .where('class', '!=', 'required')
    .execute()
}

/** Marks the lead's current email or phone as one that does not work. */
export async function closeContactPoint(
  trx: Executor,
  lead: LeadRow,
  channel: Channel,
  because: string,
  validity: 'invalid' | 'not_capable' = 'invalid',
): Promise<void> {
  await trx
    .updateTable('contact_points')
    .set({ validity, invalid_because: because })
    .where('lead_id', '=', lead.id)
    .where('kind', '=', channel === 'email' ? 'email' : 'phone')
    .where('current', '=', true)
    .execute()
}

/** Holds the rows on which caps, stops and sends of these people queue; sorted, so none deadlock. */
export async function lockContactKeys(trx: Executor, hashes: readonly string[]): Promise<void> {
  if (hashes.length === 0) return
  await trx
    .selectFrom('contact_keys')
    .select('hash')
    .where('hash', 'in', [...new Set(hashes)].sort())
    .orderBy('hash')
    .forUpdate()
    .execute()
}

/** The keyed hashes of a lead's current contact points that a channel reaches. */
export async function hashesOf(
  executor: Executor,
  leadId: LeadId,
  channel: Channel | 'all' = 'all',
): Promise<string[]> {
  const rows = await executor
    .selectFrom('contact_points')
    .select('hash')
    .where('lead_id', '=', leadId)
    .where('current', '=', true)
    .$if(channel !== 'all', (query) =>
      query.where('kind', '=', channel === 'email' ? 'email' : 'phone'),
    )
    .orderBy('hash')
    .execute()
  return rows.map(({ hash }) => hash)
}

/** Every other lead that is reached by one of these contact points, in id order. */
export async function leadsSharing(
  executor: Executor,
  hashes: readonly string[],
  but: LeadId | null,
): Promise<LeadId[]> {
  if (hashes.length === 0) return []
  const rows = await executor
    .selectFrom('contact_points')
    .select('lead_id')
    .distinct()
    .where(sql<boolean>`hash = any(${hashes}::text[])`)
    .where('current', '=', true)
    .orderBy('lead_id')
    .execute()
  return rows.map((row) => row.lead_id).filter((leadId) => leadId !== but)
}
