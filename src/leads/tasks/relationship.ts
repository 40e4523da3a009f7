import { sql } from 'kysely'
import type { LeadId } from '../../domain/ids.ts'
import type { Relationship } from '../../domain/policy/index.ts'
import type { SignalKind } from '../../domain/signals.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'

const INQUIRIES: readonly SignalKind[] = ['form', 'reply', 'booking']
const PURCHASES: readonly SignalKind[] = ['purchase', 'convert']

/**
 * What a person asked of us and bought, as far as it is on record: of this lead, and of every lead
 * that shares one of its contact points now.
 */
export async function relationshipOf(executor: Executor, leadId: LeadId): Promise<Relationship> {
  const last = (kinds: readonly SignalKind[]) =>
    sql<Instant | null>`max(received_at) filter (where kind in (${sql.join([...kinds])}))`
  const { inquiredAt, boughtAt } = await executor
    .selectFrom('signals')
    .select([last(INQUIRIES).as('inquiredAt'), last(PURCHASES).as('boughtAt')])
    .where('kind', 'in', [...INQUIRIES, ...PURCHASES])
    .where((on) =>
      on.or([
        on('lead_id', '=', leadId),
        on(
          'lead_id',
          'in',
          on
            .selectFrom('contact_points as own')
            .innerJoin('contact_points as other', 'other.hash', 'own.hash')
            .select('other.lead_id')
            .where('own.lead_id', '=', leadId)
            .where('own.current', '=', true)
            .where('other.current', '=', true),
        ),
      ]),
    )
    .executeTakeFirstOrThrow()
  return { inquiredAt, boughtAt }
}
