import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'

/** The topics about which nobody writes to these contact points. */
export async function topicsLeftBy(
  executor: Executor,
  contactHashes: readonly string[],
): Promise<string[]> {
  if (contactHashes.length === 0) return []
  const rows = await executor
    .selectFrom('topic_opt_outs')
    .select('topic')
    .distinct()
    .where('contact_hash', 'in', contactHashes)
    .execute()
  return rows.map(({ topic }) => topic)
}

/** Nobody writes to these contact points about these topics any more. */
export async function leaveTopics(
  trx: Executor,
  contactHashes: readonly string[],
  topics: readonly string[],
  at: Instant,
): Promise<void> {
  const rows = contactHashes.flatMap((contact_hash) =>
    topics.map((topic) => ({ contact_hash, topic, at })),
  )
  if (rows.length === 0) return
  await trx
    .insertInto('topic_opt_outs')
    .values(rows)
    .onConflict((on) => on.columns(['contact_hash', 'topic']).doNothing())
    .execute()
}

/** The person wants these topics again. */
export async function takeTopics(
  trx: Executor,
  contactHashes: readonly string[],
  topics: readonly string[],
): Promise<void> {
  if (contactHashes.length === 0 || topics.length === 0) return
  await trx
    .deleteFrom('topic_opt_outs')
    .where('contact_hash', 'in', contactHashes)
    .where('topic', 'in', topics)
    .execute()
}
