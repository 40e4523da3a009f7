import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import { json } from '../json.ts'

/** What may leave: nothing, messages to listed contact points, or everything. */
export type Outbound = 'catch' | 'allowlist' | 'live'

/** Where the switch stood when a worker last started, and what was decided of its next turn. */
export interface OutboundTurn {
  readonly mode: Outbound
  readonly since: Instant | null
  readonly decision: {
    readonly to: Outbound
    readonly due: 'shift' | 'skip'
    readonly by: string
    readonly at: Instant
  } | null
}

const KEY = 'outbound'
const NEVER_TURNED: OutboundTurn = { mode: 'catch', since: null, decision: null }

export async function readOutbound(executor: Executor): Promise<OutboundTurn> {
  const row = await executor
    .selectFrom('settings')
    .select('value')
    .where('key', '=', KEY)
    .executeTakeFirst()
  // Only writeOutbound writes it.
  return row === undefined ? NEVER_TURNED : (row.value as OutboundTurn)
}

export async function writeOutbound(trx: Executor, turn: OutboundTurn, at: Instant): Promise<void> {
  const value = json(turn)
  await trx
    .insertInto('settings')
    .values({ key: KEY, value, updated_at: at })
    .onConflict((on) => on.column('key').doUpdateSet({ value, updated_at: at }))
    .execute()
}
