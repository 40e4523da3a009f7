import { PRIORITY } from '../domain/contract.ts'
import type { Channel } from '../domain/policy/types.ts'
import { resolveAlerts } from '../store/alerts.ts'
import { audit } from '../store/audit.ts'
import { lockLead } from '../store/leads.ts'
import { staleNow } from './accept.ts'
import { type Intake, ringOf } from './intake.ts'
import type { Ring } from '../temporal/doorbell.ts'

const AT_ONCE = 100

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
  for (let from = 0; from < held.length; from += AT_ONCE) {
    const rings = await intake.store.transaction(async (trx) => {
      const some: Ring[] = []
      for (const { id } of held.slice(from, from + AT_ONCE)) {
        const lead = await lockLead(trx, id)
        if (lead === null) continue
        await staleNow(trx, lead, 'its sender sends again')
        some.push(ringOf(lead, 'sender_lifted', PRIORITY.normal))
      }
      return some
    })
    intake.doorbell.ring(rings)
    await intake.doorbell.settle()
  }
}
