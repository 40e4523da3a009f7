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

/**
 * The lead is held by itself, or together with its cadence, or by an emergency stop:
 * questions apart, for each of which there is an index of few rows.
 */
export function hasHold(on: ExpressionBuilder<Database, 'leads'>) {
  const open = () =>
    on.selectFrom('holds').select(sql`1`.as('one')).where('holds.lifted_at', 'is', null)
  // Said twice, so that the index of the few wide holds serves.
  const emergency = () =>
    open().where('holds.scope', '=', 'emergency').where('holds.scope', '<>', 'lead')
  return on.or([
    on.exists(open().whereRef('holds.lead_id', '=', 'leads.id')),
    on.exists(emergency().where('holds.scope_key', '=', 'global')),
    // Where a lead may be is the planner's to say.
    on.and([on('leads.next_words', 'like', 'held: an emergency stop%'), on.exists(emergency())]),
    on.exists(
      on
        .selectFrom('episodes')
        .innerJoin('holds', 'holds.scope_key', 'episodes.cadence_name')
        .select(sql`1`.as('one'))
        .whereRef('episodes.id', '=', 'leads.episode_id')
        .where('holds.scope', '=', 'cadence')
        .where('holds.scope', '<>', 'lead')
        .where('holds.lifted_at', 'is', null),
    ),
  ])
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
