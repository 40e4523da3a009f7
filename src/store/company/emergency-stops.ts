import { sql } from 'kysely'
import type { HoldId } from '../../domain/ids.ts'
import { type EmergencyStop, STOP_SCOPES, type StopScope } from '../../domain/policy/types.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import { addHold, type HoldRow } from '../holds.ts'

// Emergency stops are holds of the scope "emergency", whose key reads "global", "cadence:new-lead",
// "channel:sms" or "state:LA".

/** Any constant serves, so long as it is ours. */
const SENDS_LOCK = 7_364_512_002

/**
 * Joins those who let messages go, until the transaction ends. An emergency stop waits for all of
 * them, and whoever joins after it sees it: so nothing that was not intended before its
 * acknowledgement leaves after it. The first statement of such a transaction.
 */
export async function joinSends(trx: Executor): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${sql.lit(SENDS_LOCK)})`.execute(trx)
}

/** Waits until nobody is deciding to send, and keeps it so until the transaction ends. */
export async function haltSends(trx: Executor): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(SENDS_LOCK)})`.execute(trx)
}

type StopRow = Pick<HoldRow, 'id' | 'scope_key' | 'because' | 'created_at'>
export const STOP_COLUMNS = ['id', 'scope_key', 'because', 'created_at'] as const

/** A hold of the scope "emergency" as the policy sees it. */
export function asStop({ id, scope_key, because, created_at: since }: StopRow): EmergencyStop {
  const [scope, ...key] = (scope_key ?? 'global').split(':')
  return {
    id,
    // What nobody wrote is read in the strictest way.
    scope: STOP_SCOPES.find((each) => each === scope) ?? 'global',
    key: key.length === 0 ? null : key.join(':'),
    because,
    since,
  }
}

/** What a stop is about, as its hold names it: "global", "state:NY". */
export function stopKey(scope: StopScope, key: string | null): string {
  return key === null ? scope : `${scope}:${key}`
}

/** Puts a stop on; its clock runs at once, for it concerns leads on every clock. */
export async function addStop(
  trx: Executor,
  stop: { scope: StopScope; key: string | null; because: string; by: string; at: Instant },
): Promise<HoldId> {
  const { because, by, at } = stop
  const holdId = await addHold(trx, {
    scope: 'emergency',
    leadId: null,
    key: stopKey(stop.scope, stop.key),
    kind: 'emergency_stop',
    because,
    by,
    untilAt: null,
    at,
  })
  await trx.updateTable('holds').set({ began_at: at }).where('id', '=', holdId).execute()
  return holdId
}

/** Stops that are on, oldest first; with those that were lifted, when all are asked for. */
export function stopRows(executor: Executor, all = false): Promise<HoldRow[]> {
  return executor
    .selectFrom('holds')
    .selectAll()
    .where('scope', '=', 'emergency')
    .$if(!all, (query) => query.where('lifted_at', 'is', null))
    .orderBy('created_at')
    .execute()
}

/** The stops that are on. */
export async function openStops(executor: Executor): Promise<EmergencyStop[]> {
  return (await stopRows(executor)).map(asStop)
}

/** Lifts a stop; null when none of this id is on. */
export async function endStop(
  trx: Executor,
  stopId: string,
  at: Instant,
): Promise<EmergencyStop | null> {
  const row = await trx
    .updateTable('holds')
    .set({ lifted_at: at })
    .where('id', '=', stopId as HoldId)
    .where('scope', '=', 'emergency')
    .where('lifted_at', 'is', null)
    .returning(STOP_COLUMNS)
    .executeTakeFirst()
  return row === undefined ? null : asStop(row)
}
