import type { BulkWhom } from '../../domain/bulk.ts'
import type { EngineRules } from '../../domain/company/company.ts'
import { id, type LeadId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'
import { stoppedLeads } from '../stops/stopped.ts'
import { meets } from './filter.ts'
import { meetsCondition } from './segments.ts'

/** Whom a run concerns, and since when it stands: leads that came later are not among them. */
export interface Concerned {
  readonly whom: BulkWhom
  readonly knownBefore: Instant
}

/** By what segments are judged. */
export interface Judging {
  readonly now: Instant
  readonly rules: EngineRules
}

/** Some leads of a run, in the order of their ids. */
export interface Found {
  readonly leadIds: readonly LeadId[]
  /** The last that was looked at, whether it belongs to the run or not. */
  readonly lookedTo: LeadId | null
  /** Whether there may be more behind it. */
  readonly more: boolean
}

const PAGE = 500
/** So many are looked at in one go: of a segment each is judged by itself. */
const MOST_JUDGED = 500

/** The next leads of a run, at most `limit`. */
export async function nextLeads(
  executor: Executor,
  concerned: Concerned,
  judging: Judging,
  after: string | null,
  limit: number,
): Promise<Found> {
  const leadIds: LeadId[] = []
  let lookedTo: LeadId | null = null
  let looked = 0
  const isJudged = concerned.whom.kind === 'query' && concerned.whom.segment !== undefined
  const mostLooked = isJudged ? MOST_JUDGED : Number.POSITIVE_INFINITY
  for await (const page of pagesOf(executor, concerned, after)) {
    for (const leadId of page) {
      if (leadIds.length === limit || looked === mostLooked) {
        return { leadIds, lookedTo, more: true }
      }
      if (await belongs(executor, concerned.whom, leadId, judging)) leadIds.push(leadId)
      lookedTo = leadId
      looked += 1
    }
  }
  return { leadIds, lookedTo, more: false }
}

/** How many leads a run concerns now; of a large segment, as many as the first ones let expect. */
export interface Counted {
  readonly count: number
  readonly exact: boolean
}

/** How many leads are concerned; not exact where each had to be judged and there are too many. */
export async function countLeads(
  executor: Executor,
  concerned: Concerned,
  judging: Judging,
): Promise<Counted> {
  const { whom } = concerned
  if (whom.kind === 'stop') return { count: await countPages(executor, concerned), exact: true }
  const row = await queried(executor, concerned)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  const candidates = Number(row.count)
  if (whom.kind === 'held' || whom.segment === undefined) return { count: candidates, exact: true }
  const { leadIds, more } = await nextLeads(executor, concerned, judging, null, MOST_JUDGED)
  if (!more) return { count: leadIds.length, exact: true }
  return { count: Math.round((leadIds.length / MOST_JUDGED) * candidates), exact: false }
}

async function countPages(executor: Executor, concerned: Concerned): Promise<number> {
  let count = 0
  for await (const page of pagesOf(executor, concerned, null)) count += page.length
  return count
}

/** Whether a lead is still among them. */
export async function isConcerned(
  executor: Executor,
  concerned: Concerned,
  leadId: LeadId,
  judging: Judging,
): Promise<boolean> {
  if (concerned.whom.kind === 'stop') return true
  const row = await queried(executor, concerned)
    .select('leads.id')
    .where('leads.id', '=', leadId)
    .executeTakeFirst()
  return row !== undefined && (await belongs(executor, concerned.whom, leadId, judging))
}

/** What the database cannot tell: whether the lead is in the segment. */
async function belongs(
  executor: Executor,
  whom: BulkWhom,
  leadId: LeadId,
  { now, rules }: Judging,
): Promise<boolean> {
  if (whom.kind !== 'query' || whom.segment === undefined) return true
  return await meetsCondition(executor, leadId, whom.segment.when, now, rules)
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
      .where('leads.id', '>', id<LeadId>(from))
      .orderBy('leads.id')
      .limit(PAGE)
      .execute()
    yield rows.map(({ id }) => id)
    const last = rows.at(-1)
    if (last === undefined || rows.length < PAGE) return
    from = last.id
  }
}
