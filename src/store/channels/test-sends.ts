import type { Selectable } from 'kysely'
import { DAY_MS, HOUR_MS, type Instant, MINUTE_MS, plus } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import { newId } from '../new-id.ts'
import type { TestSendsTable } from '../schema.ts'

export type TestSendRow = Selectable<TestSendsTable>

export type NewTestSend = Pick<
  TestSendRow,
  | 'cadence'
  | 'step_id'
  | 'channel'
  | 'recipient'
  | 'contact_hash'
  | 'subject'
  | 'text'
  | 'html'
  | 'asked_by'
>

/** Writes a test down; a loop of the mains hands it over. */
export async function addTestSend(
  trx: Executor,
  test: NewTestSend,
  at: Instant,
): Promise<TestSendRow> {
  return await trx
    .insertInto('test_sends')
    .values({
      ...test,
      id: newId('test'),
      state: 'due',
      created_at: at,
      begun_at: null,
      settled_at: null,
      because: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** The test of this id; null when there is none. */
export async function findTestSend(executor: Executor, id: string): Promise<TestSendRow | null> {
  const row = await executor
    .selectFrom('test_sends')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst()
  return row ?? null
}

/** How many tests were asked for in the last hour. */
export async function recentTestSends(executor: Executor, now: Instant): Promise<number> {
  const { count } = await executor
    .selectFrom('test_sends')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('created_at', '>', plus(now, -HOUR_MS))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** The oldest that nobody has begun, held until the transaction ends; null when there is none. */
export async function takeTestSend(trx: Executor): Promise<TestSendRow | null> {
  const row = await trx
    .selectFrom('test_sends')
    .selectAll()
    .where('state', '=', 'due')
    .orderBy('created_at')
    .limit(1)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
  return row ?? null
}

/** It is handed over from now on, and never begun again. */
export async function beginTestSend(trx: Executor, id: string, at: Instant): Promise<void> {
  await trx
    .updateTable('test_sends')
    .set({ state: 'sending', begun_at: at })
    .where('id', '=', id)
    .execute()
}

/** What became of it. `because` is null when it was sent. */
export async function settleTestSend(
  trx: Executor,
  id: string,
  state: 'sent' | 'failed' | 'uncertain',
  because: string | null,
  at: Instant,
): Promise<void> {
  await trx
    .updateTable('test_sends')
    .set({ state, because, settled_at: at })
    .where('id', '=', id)
    .where('state', 'in', ['due', 'sending'])
    .execute()
}

const GIVEN_UP_AFTER_MS = 2 * MINUTE_MS
const KEPT_MS = 30 * DAY_MS

/** What was begun by a process that is gone may have left; old tests are forgotten. */
export async function tidyTestSends(trx: Executor, now: Instant): Promise<void> {
  await trx
    .updateTable('test_sends')
    .set({ state: 'uncertain', settled_at: now, because: 'its process ended as it was sent' })
    .where('state', '=', 'sending')
    .where('begun_at', '<', plus(now, -GIVEN_UP_AFTER_MS))
    .execute()
  await trx.deleteFrom('test_sends').where('created_at', '<', plus(now, -KEPT_MS)).execute()
}

/** An erased person's tests go with everything else. */
export async function forgetTestSends(trx: Executor, hashes: readonly string[]): Promise<void> {
  if (hashes.length === 0) return
  await trx
    .deleteFrom('test_sends')
    .where('contact_hash', 'in', [...hashes])
    .execute()
}
