import { sql } from 'kysely'
import type { LeadAttributes } from '../domain/contract.ts'
import type { LeadId } from '../domain/ids.ts'
import { attributesOf } from '../leads/words.ts'
import type { Db } from '../store/executor.ts'
import type { LeadRow } from '../store/leads.ts'
import { canonical } from '../store/ledger.ts'
import { readSettings } from '../store/settings.ts'
import { attributesSchema } from './payloads.ts'

/**
 * The search attributes that a workflow of each lead starts with, if this ring starts one. They
 * are what `leads.shown` says; for a lead that Temporal never heard of they are foreseen from its
 * rows and kept there, so that the first look changes them (and continues as new) only when it
 * finds something else. Leads that do not exist are left out.
 */
export async function firstWords(
  db: Db,
  leadIds: readonly LeadId[],
): Promise<ReadonlyMap<LeadId, LeadAttributes>> {
  const words = new Map<LeadId, LeadAttributes>()
  if (leadIds.length === 0) return words
  const rows = await db
    .selectFrom('leads')
    .select(['id', 'shown'])
    .where('id', 'in', [...leadIds])
    .execute()
  const unheardOf: LeadId[] = []
  for (const { id, shown } of rows) {
    const known = parseShown(shown)
    if (known === null) unheardOf.push(id)
    else words.set(id, known)
  }
  for (const [leadId, attributes] of await foresee(db, unheardOf)) words.set(leadId, attributes)
  return words
}

/** What a look wrote, or we did; null when nobody has, or no version of us would. */
function parseShown(shown: string | null): LeadAttributes | null {
  if (shown === null) return null
  try {
    return attributesSchema.parse(JSON.parse(shown))
  } catch {
    return null
  }
}

async function foresee(
  db: Db,
  leadIds: readonly LeadId[],
): Promise<ReadonlyMap<LeadId, LeadAttributes>> {
  if (leadIds.length === 0) return new Map()
  const leads = await db
    .selectFrom('leads')
    .selectAll()
    .where('id', 'in', [...leadIds])
    .execute()
  const cadences = await cadencesToCome(db, leadIds)
  const foreseen = new Map(
    leads.map((lead) => [lead.id, attributesSoon(lead, cadences.get(lead.id) ?? null)]),
  )
  const rows = [...foreseen].map(([id, it]) => sql`(${id}::text, ${canonical(it)}::text)`)
  // Another process may have been first: then its words are the ones that count.
  const { rows: kept } = await sql<{ id: LeadId; shown: string }>`
    update leads set shown = coalesce(leads.shown, v.shown)
    from (values ${sql.join(rows)}) as v (id, shown) where leads.id = v.id
    returning leads.id, leads.shown`.execute(db)
  for (const { id, shown } of kept) {
    const first = parseShown(shown)
    if (first !== null) foreseen.set(id, first)
  }
  return foreseen
}

function attributesSoon(lead: LeadRow, cadence: string | null): LeadAttributes {
  const running = lead.status === 'nurturing' && cadence !== null
  return attributesOf(lead, running ? { cadence_name: cadence } : null, false)
}

/** The cadence that the first look will find each lead in: its own, or the one it was sent to. */
async function cadencesToCome(
  db: Db,
  leadIds: readonly LeadId[],
): Promise<ReadonlyMap<LeadId, string>> {
  const current = await db
    .selectFrom('leads')
    .innerJoin('episodes', 'episodes.id', 'leads.episode_id')
    .select(['leads.id', 'episodes.cadence_name as cadence'])
    .where('leads.id', 'in', [...leadIds])
    .execute()
  const asked = await db
    .selectFrom('signals')
    .select(['lead_id as id', 'payload'])
    .where('lead_id', 'in', [...leadIds])
    .where('kind', 'in', ['enroll', 'form'])
    .where('processed_at', 'is', null)
    .orderBy('seq')
    .execute()
  const { defaultCadence } = await readSettings(db)
  const cadences = new Map<LeadId, string>(current.map(({ id, cadence }) => [id, cadence]))
  for (const { id, payload } of asked) {
    const { cadence } = payload
    cadences.set(id, typeof cadence === 'string' ? cadence : defaultCadence)
  }
  return cadences
}
