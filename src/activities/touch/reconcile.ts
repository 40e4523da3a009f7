import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'
import type { LeadRow } from '../../store/leads.ts'
import { appendLedger } from '../../store/ledger.ts'
import { abandonIntents } from '../../store/touches.ts'
import { raiseAlert } from '../../store/watch/alerts.ts'
import { PROVIDER_DEADLINE_MS } from './send.ts'

/** After this, by the wall clock, no call of that attempt can be under way any more. */
const GIVEN_UP_AFTER_MS = 2 * PROVIDER_DEADLINE_MS

/**
 * Closes what a crash left open for a locked lead. An intent is abandoned: its `dispatching` was
 * never won, which proves that nothing was sent. A dispatch that outlived its deadline becomes
 * uncertain: it is never sent again, and the cadence goes on.
 */
export async function closeOpenTouches(
  trx: Executor,
  ledgerKey: Buffer,
  lead: LeadRow,
  { now, wall }: { now: Instant; wall: Instant },
): Promise<void> {
  await abandonIntents(trx, lead.id, 'its process ended before the send began')
  const lost = await trx
    .updateTable('touches')
    .set({
      state: 'uncertain',
      failure_code: 'no_answer',
      because: 'The process ended before the provider’s answer was written down.',
      settled_at: now,
    })
    .where('lead_id', '=', lead.id)
    .where('state', '=', 'dispatching')
    .where('dispatched_wall_at', '<', (wall - GIVEN_UP_AFTER_MS) as Instant)
    .returning(['id'])
    .execute()
  if (lost.length === 0) return
  await appendLedger(
    trx,
    ledgerKey,
    lead,
    lost.map(({ id }) => ({
      kind: 'outcome' as const,
      at: now,
      meta: { touch: id, state: 'uncertain', code: 'no_answer' },
      payload: null,
    })),
  )
  await raiseAlert(trx, {
    kind: 'uncertain',
    leadId: lead.id,
    because: 'A process ended in the middle of a send.',
    fix: 'Nothing is sent again; evidence settles it when it comes.',
    at: now,
  })
}
