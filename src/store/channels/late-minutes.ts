import { sql } from 'kysely'
import { HOUR_MS, type Instant, instant, MINUTE_MS } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'

/** How many one key may be given in a minute. */
export interface MinuteLimit {
  /** "email", "sms", or one sender's "email:<address>". */
  readonly key: string
  readonly perMinute: number
}

/** Any constant serves, so long as it is ours. */
const LATE_LOCK = 7_364_512_014
const KEPT_MS = HOUR_MS

/**
 * Takes a place in the first minute from `now` on in which every limit has one left; answers the
 * beginning of that minute. Those who ask are served one after the other.
 */
export async function takeLateMinute(
  trx: Executor,
  limits: readonly MinuteLimit[],
  now: Instant,
): Promise<Instant> {
  await sql`select pg_advisory_xact_lock(${sql.lit(LATE_LOCK)})`.execute(trx)
  const first = Math.floor(now / MINUTE_MS)
  const full = await fullMinutes(trx, limits, first)
  let minute = first
  while (full.has(minute)) minute += 1
  for (const { key } of limits) {
    await trx
      .insertInto('late_minutes')
      .values({ key, minute, taken: 1 })
      .onConflict((on) =>
        on
          .columns(['key', 'minute'])
          .doUpdateSet((eb) => ({ taken: eb('late_minutes.taken', '+', 1) })),
      )
      .execute()
  }
  return instant(minute * MINUTE_MS)
}

async function fullMinutes(
  trx: Executor,
  limits: readonly MinuteLimit[],
  first: number,
): Promise<ReadonlySet<number>> {
  const keys = limits.map(({ key }) => key)
  const old = first - KEPT_MS / MINUTE_MS
  await trx.deleteFrom('late_minutes').where('key', 'in', keys).where('minute', '<', old).execute()
  const rows = await trx
    .selectFrom('late_minutes')
    .select(['key', 'minute', 'taken'])
    .where('key', 'in', keys)
    .where('minute', '>=', first)
    .execute()
  const most = new Map(limits.map(({ key, perMinute }) => [key, perMinute]))
  return new Set(
    rows.filter(({ key, taken }) => taken >= (most.get(key) ?? 0)).map(({ minute }) => minute),
  )
}
