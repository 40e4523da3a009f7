import type { BulkWhom } from '../../domain/bulk.ts'
import type { Instant } from '../../domain/time.ts'
import { addBulk, type BulkRow } from '../../store/bulk-runs.ts'
import type { Executor } from '../../store/executor.ts'
import { readSettings } from '../../store/settings.ts'
import { countLeads } from './whom.ts'

/**
 * Has leads planned anew, so many a minute as the settings say, by a bulk run that survives every
 * crash: in the transaction of what makes it necessary. `because` says why, without contact data.
 */
export async function wakeLeads(
  trx: Executor,
  whom: BulkWhom,
  because: string,
  by: string,
  at: Instant,
): Promise<BulkRow> {
  const { pace } = await readSettings(trx)
  const total = await countLeads(trx, { whom, knownBefore: at })
  return await addBulk(trx, {
    work: { kind: 'wake', because },
    whom,
    pace: { kind: 'per_minute', perMinute: pace.wakesPerMinute },
    because,
    by,
    total,
    at,
  })
}
