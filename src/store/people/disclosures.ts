import type { Selectable } from 'kysely'
import type { Channel } from '../../domain/policy/types.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import type { AttestationsTable, DisclosuresTable } from '../schema.ts'

export type DisclosureRow = Selectable<DisclosuresTable>
export type AttestationRow = Selectable<AttestationsTable>

/** The version of a disclosure that was shown at an instant; null when nobody has defined one. */
export async function disclosureShown(
  executor: Executor,
  disclosure: string,
  channel: Channel,
  at: Instant,
): Promise<number | null> {
  const row = await executor
    .selectFrom('disclosures')
    .select('version')
    .where('id', '=', disclosure)
    .where('channel', '=', channel)
    .where('since_at', '<=', at)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.version ?? null
}

/** Every version of every disclosure, the newest of each first. */
export function allDisclosures(executor: Executor): Promise<DisclosureRow[]> {
  return executor
    .selectFrom('disclosures')
    .selectAll()
    .orderBy('id')
    .orderBy('version', 'desc')
    .execute()
}

/** What sources vouch for, the newest first; what was withdrawn too. */
export function allAttestations(executor: Executor): Promise<AttestationRow[]> {
  return executor.selectFrom('attestations').selectAll().orderBy('created_at', 'desc').execute()
}
