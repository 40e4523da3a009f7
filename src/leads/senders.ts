import type { Channel } from '../domain/policy/types.ts'
import { resolveAlerts } from '../store/alerts.ts'
import { audit } from '../store/audit.ts'
import type { Intake } from './intake.ts'
import { wake } from './wake.ts'

/**
 * Lets a halted sender send again, and wakes the leads that waited for it, some at a time. False
 * when it was not halted.
 */
export async function liftSender(intake: Intake, channel: Channel, who: string): Promise<boolean> {
  const at = intake.now()
  const lifted = await intake.store.transaction(async (trx) => {
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
    return true
  })
  if (lifted) await wakeHeld(intake)
  return lifted
}

/** Leads whose plan is to wait for a hold; the planner finds out whether another one stands. */
async function wakeHeld(intake: Intake): Promise<void> {
  const held = await intake.store.db
    .selectFrom('leads')
    .select('id')
    .where((on) => on.or([on('status', '=', 'nurturing'), on('open_messages', '>', 0)]))
    .where('next_words', 'like', 'held: %')
    .orderBy('id')
    .execute()
  const leadIds = held.map(({ id }) => id)
  await wake(intake, leadIds, 'sender_lifted', 'its sender sends again')
}
