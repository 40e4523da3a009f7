import type { LeadId } from '../domain/ids.ts'
import type { Relationship } from '../domain/policy/index.ts'
import type { SignalKind } from '../domain/signals.ts'
import type { Executor } from '../store/executor.ts'

const INQUIRIES: readonly SignalKind[] = ['form', 'reply', 'booking']
const PURCHASES: readonly SignalKind[] = ['purchase', 'convert']

/** What a lead asked of us and bought, as far as it is on record. */
export async function relationshipOf(executor: Executor, leadId: LeadId): Promise<Relationship> {
  const last = async (kinds: readonly SignalKind[]) => {
    const row = await executor
      .selectFrom('signals')
      .select('received_at')
      .where('lead_id', '=', leadId)
      .where('kind', 'in', [...kinds])
      .orderBy('received_at', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row?.received_at ?? null
  }
  return { inquiredAt: await last(INQUIRIES), boughtAt: await last(PURCHASES) }
}
