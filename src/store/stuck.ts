import { type ExpressionBuilder, sql } from 'kysely'
import type { Database } from './schema.ts'
import type { Executor } from './executor.ts'

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

/** The lead is held by itself, or together with its cadence, or by an emergency stop. */
export function hasHold(on: ExpressionBuilder<Database, 'leads'>) {
  return on.exists(
    on
      .selectFrom('holds')
      .select(sql`1`.as('one'))
      .where('holds.lifted_at', 'is', null)
      .where((hold) =>
        hold.or([
          hold('holds.lead_id', '=', hold.ref('leads.id')),
          hold.and([
            hold('holds.scope', '=', 'emergency'),
            hold.or([
              hold('holds.scope_key', '=', 'global'),
              // Where a lead may be is the planner's to say.
              hold('leads.next_words', 'like', 'held: an emergency stop%'),
            ]),
          ]),
          hold.and([
            hold('holds.scope', '=', 'cadence'),
            hold.exists(
              hold
                .selectFrom('episodes')
                .select(sql`1`.as('one'))
                .whereRef('episodes.id', '=', 'leads.episode_id')
                .whereRef('episodes.cadence_name', '=', 'holds.scope_key'),
            ),
          ]),
        ]),
      ),
  )
}

/** How many leads break the invariant. */
export async function countStuck(executor: Executor): Promise<number> {
  const row = await executor
    .selectFrom('leads')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where(isStuck)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}
