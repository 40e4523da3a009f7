import { type ExpressionBuilder, sql } from 'kysely'
import type { Executor } from '../executor.ts'
import { hasHold } from '../held.ts'
import type { Database } from '../schema.ts'

/**
 * The invariant: every open lead has a next instant, an open task or an open hold. A lead whose
 * rows have changed since the planner last looked is not stuck but rung, or waits for the relay.
 */
export function isStuck(on: ExpressionBuilder<Database, 'leads'>) {
  return on.and([
    on('leads.status', 'in', ['nurturing', 'engaged']),
    on('leads.next_at', 'is', null),
    on('leads.rung_revision', '>=', on.ref('leads.revision')),
    on.not(
      on.exists(
        on
          .selectFrom('tasks')
          .select(sql`1`.as('one'))
          .whereRef('tasks.lead_id', '=', 'leads.id')
          .where('tasks.done_at', 'is', null),
      ),
    ),
    on.not(hasHold(on)),
  ])
}

/** How many leads break the invariant, of all or of some. */
export async function countStuck(executor: Executor, some?: typeof isStuck): Promise<number> {
  const row = await executor
    .selectFrom('leads')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where(isStuck)
    .$if(some !== undefined, (query) => query.where(some ?? isStuck))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}
