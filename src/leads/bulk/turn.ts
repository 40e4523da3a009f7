import type { BulkId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import { audit } from '../../store/company/audit.ts'
import type { Executor } from '../../store/executor.ts'
import type { BulkState } from '../../store/schema.ts'
import { type BulkRow, findBulk, lockBulk, turnBulk } from '../../store/work/bulk-runs.ts'
import { Refusal } from '../intake.ts'

export const BULK_TURNS = ['pause', 'resume', 'cancel'] as const
export type BulkTurn = (typeof BULK_TURNS)[number]

const TO: Readonly<Record<BulkTurn, BulkState>> = {
  pause: 'paused',
  resume: 'running',
  cancel: 'cancelled',
}

/**
 * Pauses, resumes or cancels a run, in the caller's transaction: from the commit on no other lead
 * is dealt with, or they are again. The same again changes nothing.
 * @throws Refusal 404, 409 when it has come to its end
 */
export async function turn(
  trx: Executor,
  bulkId: BulkId,
  how: BulkTurn,
  who: string,
  at: Instant,
): Promise<BulkRow> {
  const run = await lockBulk(trx, bulkId)
  if (run === null) throw noSuchBulk()
  if (run.finished_at !== null) {
    throw new Refusal(
      409,
      'bulk_has_ended',
      `The run is ${run.state}: it has come to its end.`,
      'Begin another one; GET /v1/bulk/:id tells what this one did.',
    )
  }
  if (run.state === TO[how]) return run
  await turnBulk(trx, run, TO[how], at)
  await audit(trx, { who, action: `bulk_${how}`, leadId: null, at, details: { bulk: bulkId } })
  return (await findBulk(trx, bulkId)) ?? run
}

/** There is no bulk run of this id. */
export function noSuchBulk(): Refusal {
  return new Refusal(404, 'no_such_bulk', 'There is no such run.', 'List them with GET /v1/bulk.')
}
