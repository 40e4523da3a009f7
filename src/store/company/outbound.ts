import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import { keepValue, readKept } from '../kept-value.ts'

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

const NEVER_TURNED: OutboundTurn = { mode: 'catch', since: null, decision: null }

/** How the switch stands, and what was decided for its next turn. */
export async function readOutbound(executor: Executor): Promise<OutboundTurn> {
  // Only writeOutbound writes it.
  return ((await readKept(executor, 'outbound')) as OutboundTurn | undefined) ?? NEVER_TURNED
}

/** Keeps how the switch stands. */
export async function writeOutbound(trx: Executor, turn: OutboundTurn, at: Instant): Promise<void> {
  await keepValue(trx, 'outbound', turn, at)
}
