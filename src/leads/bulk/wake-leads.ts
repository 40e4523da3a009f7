import type { BulkWhom } from '../../domain/bulk.ts'
import { engineRules } from '../../domain/company/company.ts'
import type { Instant } from '../../domain/time.ts'
import { readSettings } from '../../store/company/settings.ts'
import type { Executor } from '../../store/executor.ts'
import { addBulk, type BulkRow } from '../../store/work/bulk-runs.ts'
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
  const rules = engineRules(await readSettings(trx))
  const { count: total } = await countLeads(trx, { whom, knownBefore: at }, { now: at, rules })
  return await addBulk(trx, {
    work: { kind: 'wake', because },
    whom,
    pace: { kind: 'per_minute', perMinute: rules.pace.wakesPerMinute },
    because,
    by,
    total,
    at,
  })
}
