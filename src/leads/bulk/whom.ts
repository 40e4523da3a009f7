import type { BulkWhom } from '../../domain/bulk.ts'
import type { LeadId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'
import { stoppedLeads } from '../stopped.ts'
import { meets } from './filter.ts'

/** Whom a run concerns, and since when it stands: leads that came later are not among them. */
export interface Concerned {
  readonly whom: BulkWhom
  readonly knownBefore: Instant
}

const PAGE = 500

/** The next leads of a run in the order of their ids; fewer than `limit`: there are no more. */
export async function nextLeads(
  executor: Executor,
  concerned: Concerned,
  after: string | null,
  limit: number,
): Promise<LeadId[]> {
  const found: LeadId[] = []
  for await (const page of pagesOf(executor, concerned, after)) {
    found.push(...page.slice(0, limit - found.length))
    if (found.length === limit) break
  }
  return found
}

/** How many leads a run concerns now. */
export async function countLeads(executor: Executor, concerned: Concerned): Promise<number> {
  const { whom } = concerned
  if (whom.kind !== 'stop') {
    const row = await queried(executor, concerned)
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    return Number(row.count)
  }
  let count = 0
  for await (const page of pagesOf(executor, concerned, null)) count += page.length
  return count
}

/** Whether a lead is still among them. */
export async function isConcerned(
  executor: Executor,
  concerned: Concerned,
  leadId: LeadId,
): Promise<boolean> {
  if (concerned.whom.kind === 'stop') return true
  const row = await queried(executor, concerned)
    .select('leads.id')
    .where('leads.id', '=', leadId)
    .executeTakeFirst()
  return row !== undefined
}

function queried(executor: Executor, { whom, knownBefore }: Concerned) {
  const filter = whom.kind === 'query' ? whom.filter : {}
  return executor
    .selectFrom('leads')
    .where('leads.created_at', '<=', knownBefore)
    .where('leads.status', '<>', 'erased')
    .where(meets(filter))
    .$if(whom.kind === 'held', (query) => query.where('leads.next_words', 'like', 'held: %'))
}

async function* pagesOf(
  executor: Executor,
  concerned: Concerned,
  after: string | null,
): AsyncGenerator<readonly LeadId[]> {
  const { whom } = concerned
  if (whom.kind === 'stop') {
    for await (const page of stoppedLeads(executor, whom.stop, after)) {
      yield page.filter(({ waiting }) => waiting).map(({ id }) => id)
    }
    return
  }
  for (let from = after ?? ''; ; ) {
    const rows = await queried(executor, concerned)
      .select('leads.id')
      .where('leads.id', '>', from as LeadId)
      .orderBy('leads.id')
      .limit(PAGE)
      .execute()
    yield rows.map(({ id }) => id)
    const last = rows.at(-1)
    if (last === undefined || rows.length < PAGE) return
    from = last.id
  }
}
