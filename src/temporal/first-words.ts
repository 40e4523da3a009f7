import { sql } from 'kysely'
import type { LeadAttributes } from '../domain/contract.ts'
import type { LeadId } from '../domain/ids.ts'
import { attributesOf } from '../leads/views/words.ts'
import { readSettings } from '../store/company/settings.ts'
import type { Db } from '../store/executor.ts'
import { canonical } from '../store/ledger.ts'
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
    .leftJoin('episodes', 'episodes.id', 'leads.episode_id')
    .select(['leads.id', 'status', 'dead_reason', 'source', 'owner', 'shown', 'cadence_name'])
    .select(IS_HELD.as('held'))
    .where('leads.id', 'in', [...leadIds])
    .execute()
  const unheardOf: Unheard[] = []
  for (const row of rows) {
    const known = parseShown(row.shown)
    if (known === null) unheardOf.push(row)
    else words.set(row.id, known)
  }
  for (const [leadId, attributes] of await foresee(db, unheardOf)) words.set(leadId, attributes)
  return words
}

type Unheard = Parameters<typeof attributesOf>[0] & {
  readonly id: LeadId
  readonly cadence_name: string | null
  readonly held: boolean
}

/** A hold on the cadence that is to come shows only at the first look. */
const IS_HELD = sql<boolean>`exists (
  select 1 from holds where holds.lifted_at is null
  and (holds.lead_id = leads.id or (holds.scope = 'emergency' and holds.scope_key = 'global'))
)`

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
  leads: readonly Unheard[],
): Promise<ReadonlyMap<LeadId, LeadAttributes>> {
  if (leads.length === 0) return new Map()
  const asked = await cadencesAskedFor(
    db,
    leads.map(({ id }) => id),
  )
  const foreseen = new Map(
    leads.map((lead) => [lead.id, attributesSoon(lead, asked.get(lead.id) ?? lead.cadence_name)]),
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

function attributesSoon(lead: Unheard, cadence: string | null): LeadAttributes {
  const running = lead.status === 'nurturing' && cadence !== null
  return attributesOf(lead, running ? { cadence_name: cadence } : null, lead.held)
}

/** The cadences that leads were sent to and the first look will find them in. */
async function cadencesAskedFor(
  db: Db,
  leadIds: readonly LeadId[],
): Promise<ReadonlyMap<LeadId, string>> {
  const asked = await db
    .selectFrom('signals')
    .select(['lead_id as id', 'payload'])
    .where('lead_id', 'in', [...leadIds])
    .where('kind', 'in', ['enroll', 'form'])
    .where('processed_at', 'is', null)
    .orderBy('seq')
    .execute()
  const isUnnamed = asked.some(({ payload }) => typeof payload.cadence !== 'string')
  const fallback = isUnnamed ? (await readSettings(db)).defaultCadence : ''
  return new Map(
    asked.map(({ id, payload: { cadence } }) => [
      id,
      typeof cadence === 'string' ? cadence : fallback,
    ]),
  )
}
