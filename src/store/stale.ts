import type { Priority } from '../domain/contract.ts'
import type { LeadId } from '../domain/ids.ts'
import { compiledOnce } from './compiled-once.ts'
import type { Executor } from './executor.ts'
import type { LeadRow } from './leads.ts'
import { abandoning } from './touches.ts'

/**
 * Makes every plan for a locked lead stale and takes back what was intended but not begun. After
 * the commit only a touch that is `dispatching` already may still leave.
 */
export async function staleNow(
  trx: Executor,
  lead: LeadRow,
  because: string,
  priority?: Priority,
): Promise<void> {
  const args = { leadId: lead.id, ...staleness(lead, because, priority) }
  const [row] = await goingStale(trx, args)
  Object.assign(lead, row)
}

/** What a stale plan writes, to be one statement with another. */
export interface Staleness {
  readonly takenBack: string
  readonly priority: number
  readonly revision: number
}

/** The lead is served as soon as its most urgent cause says. */
export function staleness(lead: LeadRow, because: string, priority?: Priority): Staleness {
  return {
    takenBack: `taken back: ${because}`,
    priority: Math.min(lead.priority, priority ?? lead.priority),
    revision: lead.revision + 1,
  }
}

/** The columns of the lead that say that its plan is stale. */
export function staleColumns({ revision, priority }: Staleness) {
  return { revision, priority, next_kind: 'unplanned' } as const
}

/** What a stale plan has written. */
export const STALE_COLUMNS = ['revision', 'priority', 'next_kind'] as const

const goingStale = compiledOnce((trx, args: Staleness & { readonly leadId: LeadId }) =>
  trx
    .with('taken_back', (db) => abandoning(db, args.leadId, args.takenBack))
    .updateTable('leads')
    .set(staleColumns(args))
    .where('id', '=', args.leadId)
    .returning(STALE_COLUMNS),
)
