import type { Channel } from '../../domain/policy/types.ts'
import { audit } from '../../store/company/audit.ts'
import { resolveAlerts } from '../../store/watch/alerts.ts'
import { wakeLeads } from '../bulk/wake-leads.ts'
import type { Intake } from '../intake.ts'

/**
 * Lets a halted sender send again; a bulk run wakes the leads that wait, so many a minute, and the
 * planner finds out which of them another hold keeps. False when it was not halted.
 */
export async function liftSender(
  intake: Pick<Intake, 'store' | 'now'>,
  channel: Channel,
  who: string,
): Promise<boolean> {
  const at = intake.now()
  return await intake.store.transaction(async (trx) => {
    const holds = await trx
      .updateTable('holds')
      .set({ lifted_at: at })
      .where('scope', '=', 'sender')
      .where((on) =>
        on.or([on('scope_key', '=', channel), on('scope_key', 'like', `${channel}:%`)]),
      )
      .where('lifted_at', 'is', null)
      .returning('id')
      .execute()
    if (holds.length === 0) return false
    await resolveAlerts(trx, 'sender_halted', null, at)
    await audit(trx, { at, who, action: 'lift_sender', leadId: null, details: { channel } })
    await wakeLeads(trx, { kind: 'held' }, 'its sender sends again', who, at)
    return true
  })
}
