import type { LeadId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import { newId } from '../new-id.ts'
import type { AlertsTable } from '../schema.ts'

export interface NewAlert {
  readonly kind: AlertsTable['kind']
  readonly leadId: LeadId | null
  readonly because: string
  readonly fix: string
  readonly at: Instant
  /** One alert for each cause in words, rather than one of the kind. */
  readonly perWords?: true
}

/** Tells ops, once: an open alert of the same kind about the same lead is left as it is. */
export async function raiseAlert(trx: Executor, alert: NewAlert): Promise<void> {
  const open = await trx
    .selectFrom('alerts')
    .select('id')
    .where('kind', '=', alert.kind)
    .where('lead_id', alert.leadId === null ? 'is' : '=', alert.leadId)
    .where('resolved_at', 'is', null)
    .$if(alert.perWords === true, (query) => query.where('because', '=', alert.because))
    .executeTakeFirst()
  if (open) return
  await trx
    .insertInto('alerts')
    .values({
      id: newId('alert'),
      kind: alert.kind,
      lead_id: alert.leadId,
      because: alert.because,
      fix: alert.fix,
      at: alert.at,
      resolved_at: null,
    })
    .execute()
}

/** Closes the lead's open alerts of a kind, or of several. */
export async function resolveAlerts(
  trx: Executor,
  kind: AlertsTable['kind'] | readonly AlertsTable['kind'][],
  leadId: LeadId | null,
  at: Instant,
): Promise<void> {
  await trx
    .updateTable('alerts')
    .set({ resolved_at: at })
    .where('kind', 'in', typeof kind === 'string' ? [kind] : kind)
    .where('lead_id', leadId === null ? 'is' : '=', leadId)
    .where('resolved_at', 'is', null)
    .execute()
}

/** Closes the open alerts of a kind that begin with these words. */
export async function resolveAlertsSaying(
  trx: Executor,
  kind: AlertsTable['kind'],
  words: string,
  at: Instant,
): Promise<void> {
  await trx
    .updateTable('alerts')
    .set({ resolved_at: at })
    .where('kind', '=', kind)
    .where((on) => on(on.fn('starts_with', ['because', on.val(words)]), '=', true))
    .where('resolved_at', 'is', null)
    .execute()
}

/** Closes the alert about the lead's uncertain touches, once evidence has settled them all. */
export async function resolveUncertain(trx: Executor, leadId: LeadId, at: Instant): Promise<void> {
  await trx
    .updateTable('alerts')
    .set({ resolved_at: at })
    .where('kind', '=', 'uncertain')
    .where('lead_id', '=', leadId)
    .where('resolved_at', 'is', null)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('touches')
            .select('id')
            .where('lead_id', '=', leadId)
            .where('state', '=', 'uncertain'),
        ),
      ),
    )
    .execute()
}
