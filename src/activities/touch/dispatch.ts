import { randomBytes } from 'node:crypto'
import type { TouchId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'
import type { LeadRow } from '../../store/leads.ts'
import { appendLedger } from '../../store/ledger.ts'
import type { ActivityDeps } from '../deps.ts'

/** The right to call the provider once, for one attempt. */
export interface Dispatch {
  readonly touchId: TouchId
  readonly token: string
}

/**
 * Step ③ of a touch, in the caller's transaction with the lead row held: turns the intent into
 * `dispatching` under this attempt's own token. Of several attempts only one ever gets it, and
 * none when the intent was taken back. From the commit on, the message may leave, and `validMs` is
 * how long its provider may try to deliver it.
 */
export async function dispatch(
  deps: Pick<ActivityDeps, 'ledgerKey'>,
  trx: Executor,
  lead: LeadRow,
  touchId: TouchId,
  validMs: number | null,
  clock: { now: Instant; wall: Instant },
): Promise<Dispatch | null> {
  const token = randomBytes(12).toString('base64url')
  const won = await trx
    .updateTable('touches')
    .set({
      state: 'dispatching',
      dispatch_token: token,
      dispatched_at: clock.now,
      dispatched_wall_at: clock.wall,
      valid_for_ms: validMs,
    })
    .where('id', '=', touchId)
    .where('state', '=', 'intent')
    .returning('id')
    .executeTakeFirst()
  if (!won) return null
  await appendLedger(trx, deps.ledgerKey, lead, [
    {
      kind: 'dispatch',
      at: clock.now,
      meta: { touch: touchId, ...(validMs !== null && { validMs }) },
      payload: null,
    },
  ])
  return { touchId, token }
}
