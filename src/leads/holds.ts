import type { LeadId, SignalId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import type { Executor } from '../store/executor.ts'
import type { LeadRow } from '../store/leads.ts'

/** Puts the lead's holds on the planner's clock: a new one begins now, one that is over lifts. */
export async function stampHolds(trx: Executor, lead: LeadRow, now: Instant): Promise<void> {
  await trx
    .updateTable('holds')
    .set(({ fn, ref, val, eb }) => ({
      began_at: fn.coalesce('began_at', val(now)),
      lifted_at: eb
        .case()
        .when(eb.and([eb('lifted_at', 'is', null), eb('until_at', '<=', now)]))
        .then(val(now))
        .else(ref('lifted_at'))
        .end(),
    }))
    .where('lead_id', '=', lead.id)
    .where((on) =>
      on.or([
        on('began_at', 'is', null),
        on.and([on('lifted_at', 'is', null), on('until_at', '<=', now)]),
      ]),
    )
    .execute()
}

/** An answer of the lead lets it rest; whatever it does next speaks newer words. */
export async function liftReplyHolds(
  trx: Executor,
  leadId: LeadId,
  { at, signalId }: { readonly at: Instant; readonly signalId: SignalId | null },
): Promise<void> {
  await trx
    .updateTable('holds')
    .set({ lifted_at: at, lifted_by: signalId })
    .where('lead_id', '=', leadId)
    .where('by', '=', 'rules')
    .where('lifted_at', 'is', null)
    .execute()
}
