import type { Instant } from '../domain/time.ts'
import type { Executor } from './executor.ts'
import { json } from './json.ts'

/** What there is one of for the whole company, a row each in `settings`; its file reads it back. */
export type KeptKey = 'company' | 'outbound' | 'reply-rules' | 'archive'

/** The value under a key, as it was kept; undefined while there is none. */
export async function readKept(executor: Executor, key: KeptKey): Promise<unknown> {
  const row = await executor
    .selectFrom('settings')
    .select('value')
    .where('key', '=', key)
    .executeTakeFirst()
  return row?.value
}

/** Keeps a value in the place of the one before. */
export async function keepValue(
  executor: Executor,
  key: KeptKey,
  value: unknown,
  at: Instant,
): Promise<void> {
  const row = { value: json(value), updated_at: at }
  await executor
    .insertInto('settings')
    .values({ key, ...row })
    .onConflict((on) => on.column('key').doUpdateSet(row))
    .execute()
}
