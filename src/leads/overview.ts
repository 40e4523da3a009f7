import type { Executor } from '../store/executor.ts'
import { countStuck, hasHold } from '../store/stuck.ts'

/** Counts that are true now; the reports of marketing and sales are more than this. */
export interface Overview {
  readonly byStatus: readonly { readonly status: string; readonly leads: number }[]
  readonly byDeadReason: readonly { readonly reason: string; readonly leads: number }[]
  readonly bySource: readonly {
    readonly source: string
    readonly leads: number
    readonly dead: number
    readonly converted: number
  }[]
  readonly held: number
  readonly stuck: number
  readonly openTasks: number
}

export async function overview(executor: Executor): Promise<Overview> {
  const byStatus = await executor
    .selectFrom('leads')
    .select(({ fn }) => ['status', fn.countAll<number>().as('leads')])
    .groupBy('status')
    .orderBy('status')
    .execute()
  const byDeadReason = await executor
    .selectFrom('leads')
    .select(({ fn }) => ['dead_reason', fn.countAll<number>().as('leads')])
    .where('status', '=', 'dead')
    .groupBy('dead_reason')
    .orderBy('dead_reason')
    .execute()
  const bySource = await executor
    .selectFrom('leads')
    .select(({ fn, eb }) => [
      'source',
      fn.countAll<number>().as('leads'),
      fn
        .countAll<number>()
        .filterWhere(eb('status', '=', 'dead'))
        .as('dead'),
      fn
        .countAll<number>()
        .filterWhere(eb('status', '=', 'converted'))
        .as('converted'),
    ])
    .where('status', '!=', 'erased')
    .groupBy('source')
    .orderBy('leads', 'desc')
    .limit(200)
    .execute()
  const held = await executor
    .selectFrom('leads')
    .select(({ fn }) => fn.countAll<number>().as('leads'))
    .where('status', '=', 'nurturing')
    .where(hasHold)
    .executeTakeFirstOrThrow()
  const tasks = await executor
    .selectFrom('tasks')
    .select(({ fn }) => fn.countAll<number>().as('tasks'))
    .where('done_at', 'is', null)
    .executeTakeFirstOrThrow()
  return {
    byStatus: byStatus.map(({ status, leads }) => ({ status, leads: Number(leads) })),
    byDeadReason: byDeadReason.map(({ dead_reason, leads }) => ({
      reason: dead_reason ?? 'unknown',
      leads: Number(leads),
    })),
    bySource: bySource.map((row) => ({
      source: row.source,
      leads: Number(row.leads),
      dead: Number(row.dead),
      converted: Number(row.converted),
    })),
    held: Number(held.leads),
    stuck: await countStuck(executor),
    openTasks: Number(tasks.tasks),
  }
}
