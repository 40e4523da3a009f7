import type { Instant } from '../domain/time.ts'
import type { Executor } from '../store/executor.ts'
import type { LeadRow } from '../store/leads.ts'

/** Puts the lead's holds on the planner's clock: a new one begins now, one that is over lifts. */
export async function stampHolds(trx: Executor, lead: LeadRow, now: Instant): Promise<void> {
  await trx
    .updateTable('holds')
    .set({ began_at: now })
    .where('lead_id', '=', lead.id)
    .where('began_at', 'is', null)
    .execute()
  await trx
    .updateTable('holds')
    .set({ lifted_at: now })
    .where('lead_id', '=', lead.id)
    .where('lifted_at', 'is', null)
    .where('until_at', '<=', now)
    .execute()
}
