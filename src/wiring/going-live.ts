import { sampleFieldsOf } from '../domain/company.ts'
import type { LeadId, SignalId } from '../domain/ids.ts'
import { instant } from '../domain/time.ts'
import { accept } from '../leads/accept.ts'
import type { Store } from '../store/connect.ts'
import { lockLead } from '../store/leads.ts'
import { readSettings } from '../store/settings.ts'

/** Why nothing may really leave yet. */
class NotFitToGoLive extends Error {
  readonly code = 'not_fit_to_go_live'
  readonly fix: string
  constructor(fields: readonly string[]) {
    super(`The company is still the sample one: ${fields.join(', ')}.`)
    this.fix = 'Set the company under /v1/settings (or in the console), or keep OUTBOUND=catch.'
  }
}

/**
 * What must hold before a real provider is wired: the company is a real one, and no lead lives on
 * a clock that was moved. Such leads end: their past is fiction, and their future is not now.
 * @throws NotFitToGoLive
 */
export async function prepareToGoLive(store: Store): Promise<{ ended: number }> {
  const fields = sampleFieldsOf((await readSettings(store.db)).company)
  if (fields.length > 0) throw new NotFitToGoLive(fields)
  const moved = await store.db
    .selectFrom('audit_log')
    .innerJoin('leads', 'leads.id', 'audit_log.lead_id')
    .select('leads.id')
    .distinct()
    .where('audit_log.action', '=', 'fast_forward')
    .where('leads.status', 'in', ['nurturing', 'engaged', 'dead'])
    .where((on) =>
      on.or([on('leads.dead_reason', 'is', null), on('leads.dead_reason', '!=', 'spam')]),
    )
    .execute()
  for (const { id } of moved) await endMovedLead(store, id)
  return { ended: moved.length }
}

async function endMovedLead(store: Store, leadId: LeadId): Promise<void> {
  await store.transaction(async (trx) => {
    const lead = await lockLead(trx, leadId)
    if (lead === null) return
    const evidence = 'its time was skipped while OUTBOUND was catch'
    await accept(trx, lead, {
      id: `going-live:${leadId}` as SignalId,
      signal: { kind: 'mark_dead', payload: { details: { reason: 'spam', evidence } } },
      via: 'engine',
      receivedAt: instant(Date.now()),
    })
  })
}
