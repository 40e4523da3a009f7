import { sql } from 'kysely'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import { json } from '../json.ts'
import { newId } from '../new-id.ts'

/** Begins to load a national do-not-call list; it counts once it is finished. */
export async function beginDncList(
  executor: Executor,
  list: { readonly asOf: Instant; readonly by: string; readonly at: Instant },
): Promise<string> {
  const id: string = newId('dnc-list')
  await executor
    .insertInto('dnc_lists')
    .values({
      id,
      as_of: list.asOf,
      area_codes: json([]),
      numbers: 0,
      imported_by: list.by,
      created_at: list.at,
      finished_at: null,
    })
    .execute()
  return id
}

/** Puts numbers on the list, also those that an earlier one had; answers how many were new. */
export async function addDncNumbers(
  trx: Executor,
  listId: string,
  hashes: readonly string[],
): Promise<number> {
  const distinct = [...new Set(hashes)].sort()
  const { rows } = await sql<{ added: boolean }>`
    insert into dnc_numbers (contact_hash, list_id)
    select hash, ${listId} from unnest(${distinct}::text[]) as l(hash)
    on conflict (contact_hash) do update set list_id = excluded.list_id
    returning (xmax = 0) as added`.execute(trx)
  return rows.filter(({ added }) => added).length
}

/** The list is loaded whole: from now on it is the one that counts. */
export async function finishDncList(
  executor: Executor,
  listId: string,
  done: {
    readonly areaCodes: readonly string[]
    readonly numbers: number
    readonly at: Instant
  },
): Promise<void> {
  await executor
    .updateTable('dnc_lists')
    .set({ area_codes: json(done.areaCodes), numbers: done.numbers, finished_at: done.at })
    .where('id', '=', listId)
    .execute()
}

/** Takes off some of the numbers that the newest list has no more; answers how many. */
export async function dropOldDncNumbers(
  executor: Executor,
  listId: string,
  most: number,
): Promise<number> {
  const { rows } = await sql<{ gone: string }>`
    delete from dnc_numbers where contact_hash in (
      select contact_hash from dnc_numbers where list_id <> ${listId} limit ${sql.lit(most)}
    ) returning 1::text as gone`.execute(executor)
  return rows.length
}

/** The newest list that was loaded to its end; null when there is none. */
export async function newestDncList(
  executor: Executor,
): Promise<{ as_of: Instant; numbers: number } | null> {
  const row = await executor
    .selectFrom('dnc_lists')
    .select(['as_of', 'numbers'])
    .where('finished_at', 'is not', null)
    .orderBy('as_of', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row ?? null
}
