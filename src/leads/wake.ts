import { PRIORITY } from '../domain/contract.ts'
import type { LeadId } from '../domain/ids.ts'
import { lockLead } from '../store/leads.ts'
import type { Ring } from '../temporal/doorbell.ts'
import { staleNow } from './accept.ts'
import { type Intake, ringOf } from './intake.ts'

const AT_ONCE = 100

/**
 * Makes the plans of these leads stale and rings them, so many at a time: the next ones wait until
 * the bells before were heard. `because` says why, without contact data.
 */
export async function wake(
  intake: Intake,
  leadIds: readonly LeadId[],
  kind: string,
  because: string,
): Promise<void> {
  for (let from = 0; from < leadIds.length; from += AT_ONCE) {
    const rings = await intake.store.transaction(async (trx) => {
      const some: Ring[] = []
      for (const leadId of leadIds.slice(from, from + AT_ONCE)) {
        const lead = await lockLead(trx, leadId)
        if (lead === null) continue
        await staleNow(trx, lead, because)
        some.push(ringOf(lead, kind, PRIORITY.normal))
      }
      return some
    })
    intake.doorbell.ring(rings)
    await intake.doorbell.settle()
  }
}
