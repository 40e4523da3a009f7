import type { ResumeMode } from '../../domain/pauses.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import { addHold, type HoldRow, holdById } from '../holds.ts'

// A paused cadence is a hold of the scope "cadence" under the cadence's name.

/** The open pause of a cadence; null when it is not paused. */
export async function openCadencePause(
  executor: Executor,
  cadence: string,
): Promise<HoldRow | null> {
  const row = await executor
    .selectFrom('holds')
    .selectAll()
    .where('scope', '=', 'cadence')
    .where('scope_key', '=', cadence)
    .where('lifted_at', 'is', null)
    .executeTakeFirst()
  return row ?? null
}

/** All cadences that stand still, by name. */
export async function pausedCadences(executor: Executor): Promise<ReadonlyMap<string, HoldRow>> {
  const rows = await executor
    .selectFrom('holds')
    .selectAll()
    .where('scope', '=', 'cadence')
    .where('lifted_at', 'is', null)
    .execute()
  return new Map(rows.map((row) => [row.scope_key ?? '', row]))
}

/** Its clock runs at once, for it concerns leads on every clock. */
export async function addCadencePause(
  trx: Executor,
  pause: { cadence: string; because: string; by: string; at: Instant },
): Promise<HoldRow> {
  const { cadence, because, by, at } = pause
  const holdId = await addHold(trx, {
    scope: 'cadence',
    leadId: null,
    key: cadence,
    kind: 'cadence_paused',
    because,
    by,
    untilAt: null,
    at,
  })
  await trx.updateTable('holds').set({ began_at: at }).where('id', '=', holdId).execute()
  return await holdById(trx, holdId)
}

/** Lifts the pause of a cadence; null when it is not paused. */
export async function endCadencePause(
  trx: Executor,
  cadence: string,
  mode: ResumeMode,
  at: Instant,
): Promise<HoldRow | null> {
  const row = await trx
    .updateTable('holds')
    .set({ lifted_at: at, resume_mode: mode })
    .where('scope', '=', 'cadence')
    .where('scope_key', '=', cadence)
    .where('lifted_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}
