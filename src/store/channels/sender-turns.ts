import { sql } from 'kysely'
import type { Executor } from '../executor.ts'
import { storeClock } from '../people/suppressions.ts'

/**
 * Takes a sender's next turn, of so many a second and evenly, over all processes that send: how many
 * milliseconds away it is, by the store's own clock, which they share. Null, and nothing taken, when
 * it is further away than `longestMs`.
 */
export async function takeSenderTurn(
  executor: Executor,
  sender: string,
  { gapMs, longestMs }: { readonly gapMs: number; readonly longestMs: number },
): Promise<number | null> {
  const { rows } = await sql<{ wait_ms: number }>`
    insert into sender_turns as t (sender, next_at)
    values (${sender}, ${storeClock} + ${sql.lit(Math.ceil(gapMs))})
    on conflict (sender) do update
      set next_at = greatest(t.next_at, ${storeClock}) + ${sql.lit(Math.ceil(gapMs))}
      where t.next_at - ${storeClock} <= ${sql.lit(longestMs)}
    returning greatest(next_at - ${sql.lit(Math.ceil(gapMs))} - ${storeClock}, 0) as wait_ms`.execute(
    executor,
  )
  const [row] = rows
  return row === undefined ? null : Number(row.wait_ms)
}
