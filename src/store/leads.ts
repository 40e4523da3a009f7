import type { Selectable, Updateable } from 'kysely'
import type { LeadId } from '../domain/ids.ts'
import { compiledOnce } from './compiled-once.ts'
import type { Executor } from './executor.ts'
import type { LeadsTable } from './schema.ts'

export type LeadRow = Selectable<LeadsTable>

/** Reads the lead and holds its row until the transaction ends; null when there is none. */
export async function lockLead(trx: Executor, leadId: LeadId): Promise<LeadRow | null> {
  const [row] = await locked(trx, { leadId })
  return row ?? null
}

const locked = compiledOnce((trx, { leadId }: { leadId: LeadId }) =>
  trx.selectFrom('leads').selectAll().where('id', '=', leadId).forUpdate(),
)

/** Reads the lead without holding it; null when there is none. */
export async function findLead(executor: Executor, leadId: LeadId): Promise<LeadRow | null> {
  const row = await executor
    .selectFrom('leads')
    .selectAll()
    .where('id', '=', leadId)
    .executeTakeFirst()
  return row ?? null
}

/** The lead that survived, when this one is a duplicate; else the lead itself. */
export async function survivorOf(trx: Executor, lead: LeadRow): Promise<LeadRow> {
  const details = lead.dead_details
  if (details?.reason !== 'duplicate' || details.survivor === null) return lead
  return (await lockLead(trx, details.survivor)) ?? lead
}

export type LeadPatch = Updateable<LeadsTable>

/** Writes some columns of a locked lead, and the same into the row in hand. */
export async function patchLead(trx: Executor, lead: LeadRow, patch: LeadPatch): Promise<void> {
  const written = Object.keys(patch) as (keyof LeadPatch)[]
  const row = await trx
    .updateTable('leads')
    .set(patch)
    .where('id', '=', lead.id)
    .returning(written)
    .executeTakeFirstOrThrow()
  Object.assign(lead, row)
}
