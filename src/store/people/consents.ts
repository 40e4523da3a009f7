import type { Selectable } from 'kysely'
import type { LeadId } from '../../domain/ids.ts'
import type { Consent } from '../../domain/policy/types.ts'
import type { Instant } from '../../domain/time.ts'
import { compiledOnce, onlyRow } from '../compiled-once.ts'
import type { Executor } from '../executor.ts'
import { newId } from '../new-id.ts'
import type { ConsentsTable } from '../schema.ts'

export interface NewConsent extends Omit<Consent, 'evidence'> {
  readonly contactHash: string
  readonly leadId: LeadId | null
  readonly ip: string | null
  readonly url: string | null
  readonly proof: string | null
  readonly receivedAt: Instant
}

export interface AddedConsent {
  /** False: this very consent is on file already, as a nightly sync posts it again. */
  readonly isNew: boolean
  /** The version of its disclosure that was shown then; null when nobody has defined one. */
  readonly shown: number | null
}

/** Records a consent, in one statement; nothing is ever overwritten. */
export async function addConsent(trx: Executor, consent: NewConsent): Promise<AddedConsent> {
  const { added, shown } = onlyRow(await adding(trx, { ...consent, id: newId('consent') }))
  return { isNew: added !== null, shown }
}

type Row = Selectable<ConsentsTable>

const adding = compiledOnce((trx, consent: NewConsent & { readonly id: string }) => {
  const row = rowOf(consent)
  const columns = Object.keys(row) as (keyof Row)[]
  return trx
    .with('added', (db) =>
      db
        .insertInto('consents')
        .columns(columns)
        .expression(
          db
            .selectNoFrom(({ val }) => columns.map((column) => val(row[column]).as(column)))
            .where(({ not, exists }) => not(exists(sameConsent(db, consent)))),
        )
        .returning('id'),
    )
    .selectNoFrom((on) => [
      on.selectFrom('added').select('id').as('added'),
      shownThen(trx, consent).as('shown'),
    ])
})

function rowOf(consent: NewConsent & { readonly id: string }): Row {
  return {
    id: consent.id,
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
  }
}

function sameConsent(
  db: Pick<Executor, 'selectFrom'>,
  { contactHash, channel, basis, at, source, byLead }: NewConsent,
) {
  return db
    .selectFrom('consents')
    .select('id')
    .where('contact_hash', '=', contactHash)
    .where('channel', '=', channel)
    .where('basis', '=', basis)
    .where('at', '=', at)
    .where('source', '=', source)
    .where('by_lead', '=', byLead)
}

function shownThen(
  db: Pick<Executor, 'selectFrom'>,
  { disclosure, channel, at }: Pick<NewConsent, 'disclosure' | 'channel' | 'at'>,
) {
  return db
    .selectFrom('disclosures')
    .select('version')
    .where('id', '=', disclosure)
    .where('channel', '=', channel)
    .where('since_at', '<=', at)
    .orderBy('version', 'desc')
    .limit(1)
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
