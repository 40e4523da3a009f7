// Bulk runs without Temporal: batch after batch, with the clock in the test's hand.

import type { BulkStep } from '../../src/domain/contract.ts'
import type { BulkId } from '../../src/domain/ids.ts'
import { instant, plus } from '../../src/domain/time.ts'
import { bulkBatch } from '../../src/leads/bulk/batch.ts'
import type { Ring } from '../../src/temporal/doorbell.ts'
import type { Workbench } from './workbench.ts'

/** One batch, as the activity does it. */
export function oneBatch(
  bench: Workbench,
  bulkId: BulkId,
  more: { readonly rung?: Ring[]; readonly attempt?: number } = {},
): Promise<BulkStep> {
  return bulkBatch(
    {
      store: bench.store,
      rules: bench.rules,
      now: bench.clock.now,
      wall: () => instant(Date.now()),
      ring: (rings) => more.rung?.push(...rings),
      attempt: more.attempt ?? 1,
    },
    bulkId,
  )
}

/** Batch after batch until it ends or waits for a bell; the clock moves along. */
export async function driveBulk(
  bench: Workbench,
  bulkId: BulkId,
  rung: Ring[] = [],
): Promise<BulkStep> {
  for (;;) {
    const step = await oneBatch(bench, bulkId, { rung })
    if (step.next.do === 'complete' || step.next.ms === null) return step
    bench.clock.now = plus(bench.clock.now, step.next.ms)
  }
}
