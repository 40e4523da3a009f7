import type { LeadId } from '../../domain/ids.ts'
import type { Consent } from '../../domain/policy/types.ts'
import type { Instant } from '../../domain/time.ts'
import { compiledOnce } from '../compiled-once.ts'
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

export interface AddedConsent {
  /** False: this very consent is on file already, as a nightly sync posts it again. */
  readonly isNew: boolean
  /** The version of its disclosure that was shown then; null when nobody has defined one. */
  readonly shown: number | null
}

/** Records a consent, in one statement; nothing is ever overwritten. */
export async function addConsent(trx: Executor, consent: NewConsent): Promise<AddedConsent> {
  const [row] = await adding(trx, { ...consent, id: newId('consent') })
  if (row === undefined) throw new Error('a statement without a table answered no row')
  return { isNew: row.added !== null, shown: row.shown }
}

const adding = compiledOnce((trx, consent: NewConsent & { readonly id: string }) =>
  trx
    .with('added', (db) =>
      db
        .insertInto('consents')
        .columns([...COLUMNS])
        .expression(() =>
          db
            .selectNoFrom(({ val }) => [
              val(consent.id).as('id'),
              val(consent.contactHash).as('contact_hash'),
              val(consent.leadId).as('lead_id'),
              val(consent.channel).as('channel'),
              val(consent.basis).as('basis'),
              val(consent.disclosure).as('disclosure'),
              val(consent.at).as('at'),
              val(consent.source).as('source'),
              val(consent.ip).as('ip'),
              val(consent.url).as('url'),
              val(consent.proof).as('proof'),
              val(consent.byLead).as('by_lead'),
              val(consent.receivedAt).as('received_at'),
            ])
            .where(({ not, exists }) => not(exists(sameConsent(db, consent)))),
        )
        .returning('id'),
    )
    .selectNoFrom((on) => [
      on.selectFrom('added').select('id').as('added'),
      shownThen(trx, consent).as('shown'),
    ]),
)

const COLUMNS = [
  'id',
  'contact_hash',
  'lead_id',
  'channel',
  'basis',
  'disclosure',
  'at',
  'source',
  'ip',
  'url',
  'proof',
  'by_lead',
  'received_at',
] as const

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
