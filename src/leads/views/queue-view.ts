import type { LeadId, QueuedId } from '../../domain/ids.ts'
import { type Instant, toIso } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'
import { type QueuedRow, queueHistory, queueOf } from '../../store/work/queue.ts'
import type { TimelineEntry } from './timeline/entry.ts'

/** A cadence that waits, as it is shown. */
export interface QueuedView {
  readonly id: QueuedId
  readonly cadence: string
  readonly priority: number
  readonly by: string
  readonly since: string
}

/** What waits for a lead. */
export async function viewQueue(executor: Executor, leadId: LeadId): Promise<QueuedView[]> {
  return (await queueOf(executor, leadId)).map(viewQueued)
}

function viewQueued({ id, cadence_name, priority, by, queued_at }: QueuedRow): QueuedView {
  return { id, cadence: cadence_name, priority, by, since: toIso(queued_at) }
}

/** What waited, and what became of it. */
export async function queueEntries(executor: Executor, leadId: LeadId): Promise<TimelineEntry[]> {
  const rows = await queueHistory(executor, leadId)
  return rows.flatMap((row) => {
    const details = { cadence: row.cadence_name, by: row.by }
    const entry = (at: Instant, title: string): TimelineEntry => ({
      at: toIso(at),
      receivedAt: null,
      kind: 'episode',
      title,
      details,
    })
    return [
      entry(row.queued_at, `${row.cadence_name} waits until the present cadence has ended`),
      ...(row.closed_at === null || row.outcome === 'started'
        ? []
        : [entry(row.closed_at, `${row.cadence_name} does not begin: ${row.because ?? ''}`)]),
    ]
  })
}
