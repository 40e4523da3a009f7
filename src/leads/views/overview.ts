import type { ExpressionBuilder } from 'kysely'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'
import { hasHold } from '../../store/held.ts'
import type { Database } from '../../store/schema.ts'
import { countStuck } from '../../store/watch/stuck.ts'

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

/** From an instant on, inclusive, and up to another, exclusive; either may be open. */
export interface OpenSpan {
  readonly from?: Instant | undefined
  readonly to?: Instant | undefined
}

/** How leads stand now: all of them, or those that came in a span. */
export async function overview(executor: Executor, { from, to }: OpenSpan = {}): Promise<Overview> {
  const cameThen = (on: ExpressionBuilder<Database, 'leads'>) =>
    on.and([
      ...(from === undefined ? [] : [on('leads.created_at', '>=', from)]),
      ...(to === undefined ? [] : [on('leads.created_at', '<', to)]),
    ])
  const byStatus = await executor
    .selectFrom('leads')
    .select(({ fn }) => ['status', fn.countAll<number>().as('leads')])
    .where(cameThen)
    .groupBy('status')
    .orderBy('status')
    .execute()
  const byDeadReason = await executor
    .selectFrom('leads')
    .select(({ fn }) => ['dead_reason', fn.countAll<number>().as('leads')])
    .where('status', '=', 'dead')
    .where(cameThen)
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
    .where(cameThen)
    .groupBy('source')
    .orderBy('leads', 'desc')
    .limit(200)
    .execute()
  const held = await executor
    .selectFrom('leads')
    .select(({ fn }) => fn.countAll<number>().as('leads'))
    .where('status', '=', 'nurturing')
    .where(hasHold)
    .where(cameThen)
    .executeTakeFirstOrThrow()
  const tasks = await executor
    .selectFrom('tasks')
    .innerJoin('leads', 'leads.id', 'tasks.lead_id')
    .select(({ fn }) => fn.countAll<number>().as('tasks'))
    .where('tasks.done_at', 'is', null)
    .where(cameThen)
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
    stuck: await countStuck(executor, cameThen),
    openTasks: Number(tasks.tasks),
  }
}
