import type { Client } from '@temporalio/client'
import { leadWorkflowId } from '../domain/contract.ts'
import type { LeadId } from '../domain/ids.ts'
import { type Clock, instant } from '../domain/time.ts'
import type { Store } from '../store/connect.ts'
import { lockLead, patchLead } from '../store/leads.ts'
import { staleNow } from '../store/stale.ts'
import { markUnrung } from '../store/watch/unrung.ts'
import { leadsWithWorkflow, type WatchedLead } from '../store/watch/watched.ts'
import { createDoorbell } from './create-doorbell.ts'
import { type Execution, executionOf, inParallel, listExecutions } from './executions.ts'
import { lastSeenRevision } from './last-plan.ts'
import type { Log } from './log.ts'
import { type BegunTouch, recoverTouches, touchesInHistories } from './lost-touches.ts'
import { toPriority } from './priority.ts'
import { type TemporalTrouble, troubleOf } from './trouble.ts'

export interface RepairOptions {
  readonly store: Store
  readonly client: Client
  /** Signs what is written into the leads' ledgers. */
  readonly ledgerKey: Buffer
  /** Only says what would be done. */
  readonly dryRun: boolean
  readonly log: Log
  /** Leads looked at in a second, at most. */
  readonly perSecond?: number
  /** Begin after this lead: where a repair that was stopped had come to. */
  readonly after?: LeadId | null
  /**
   * Ends the workflows of leads that the store does not know. Off by default: when the store is
   * the wrong one, all of them are such.
   */
  readonly endOrphans?: boolean
  readonly now?: Clock
  readonly onProgress?: (progress: RepairProgress) => void
}

/** What was found about one lead, and what is done about it. */
export type Finding =
  /** Its workflow runs and has seen the rows. */
  | { readonly kind: 'sound' }
  /** No workflow runs: one is started from the rows. */
  | { readonly kind: 'missing'; readonly how: string }
  /** Its workflow has seen rows that the store has lost: it plans anew from those there are. */
  | { readonly kind: 'ahead'; readonly seen: number }
  /** Its workflow has not heard of the last change: it is rung. */
  | { readonly kind: 'behind'; readonly seen: number | null }

export interface RepairCounts {
  readonly looked: number
  readonly sound: number
  readonly missing: number
  readonly ahead: number
  readonly behind: number
  /** Touches that a worker began and the rows have lost: kept as uncertain, or their lead held. */
  readonly touches: number
  /** Workflows of leads that the store does not know. */
  readonly orphans: number
}

export interface RepairProgress extends RepairCounts {
  readonly last: LeadId | null
}

export type Repaired =
  | { readonly kind: 'done'; readonly counts: RepairCounts }
  /** Run again with `after: last`, or from the start: what is repaired already is sound. */
  | {
      readonly kind: 'stopped'
      readonly trouble: TemporalTrouble
      readonly last: LeadId | null
      readonly counts: RepairCounts
    }

const wallClock: Clock = () => instant(Date.now())
const PER_SECOND = 100
const AT_ONCE = 8
const MOST_CONCURRENT_RINGS = 8

/**
 * Brings Temporal in line with the rows, after a restore, a lost namespace or a move to another
 * server: looks for the workflow of every lead that should have one, starts the missing, and
 * makes those plan anew that know more, or less, than the rows. A lead that is rebuilt sends
 * nothing until its first look has settled what was under way (`reconcile_first`), and whatever
 * an old worker still holds for it is refused, because its revision has moved. Can be run at any
 * time, beside running workers, and again.
 */
export async function repair(options: RepairOptions): Promise<Repaired> {
  const { store, client, log } = options
  const perSecond = options.perSecond ?? PER_SECOND
  const doorbell = createDoorbell({ client, store, log, concurrency: MOST_CONCURRENT_RINGS })
  const counts = { looked: 0, sound: 0, missing: 0, ahead: 0, behind: 0, touches: 0, orphans: 0 }
  let last = options.after ?? null

  async function one(lead: WatchedLead): Promise<void> {
    const finding = await judge(client, lead)
    counts.looked += 1
    counts[finding.kind] += 1
    if (finding.kind === 'sound') return
    log.info({ leadId: lead.id, finding, dryRun: options.dryRun }, WORDS[finding.kind])
    if (options.dryRun) return
    // A workflow that only has to be rung, or was never known, has no touch that we do not.
    const begun = finding.kind === 'behind' ? [] : await touchesInHistories(client, lead.id)
    const mended = await mend(options, lead.id, finding, begun)
    if (mended === null) return
    const { seq } = mended
    counts.touches += mended.touches
    const priority = toPriority(lead.priority)
    doorbell.ring([{ leadId: lead.id, seq, kind: 'repair', priority }])
  }

  try {
    for (;;) {
      const startedMs = performance.now()
      const leads = await leadsWithWorkflow(store.db, { after: last, limit: perSecond })
      await inParallel(leads, AT_ONCE, one)
      await doorbell.settle()
      last = leads.at(-1)?.id ?? last
      options.onProgress?.({ ...counts, last })
      if (leads.length < perSecond) break
      await restOfSecond(startedMs)
    }
    counts.orphans = await orphans(options)
    return { kind: 'done', counts }
  } catch (error) {
    const trouble = troubleOf(error)
    // What is no trouble of Temporal's is a mistake here, or the store's to tell.
    if (trouble.code === 'temporal_failed') throw error
    return { kind: 'stopped', trouble, last, counts }
  } finally {
    await doorbell.close()
  }
}

const WORDS = {
  missing: 'no workflow runs for this lead: one is started from the rows',
  ahead: 'the workflow has seen rows that the store has lost: it plans anew',
  behind: 'the workflow has not heard of the last change: it is rung',
} as const satisfies Record<Exclude<Finding['kind'], 'sound'>, string>

/** Compares what Temporal knows of the lead with its row; changes nothing. */
async function judge(client: Client, lead: WatchedLead): Promise<Finding> {
  const execution = await executionOf(client, lead.id)
  if (execution.kind !== 'open') return { kind: 'missing', how: howMissing(execution) }
  const seen = await lastSeenRevision(client, lead.id, execution.runId)
  if (seen !== null && seen > lead.revision) return { kind: 'ahead', seen }
  if (seen === lead.revision) return { kind: 'sound' }
  return { kind: 'behind', seen }
}

function howMissing(execution: Exclude<Execution, { kind: 'open' }>): string {
  return execution.kind === 'closed' ? execution.how : 'unknown to Temporal'
}

interface Mended {
  /** The revision to ring with. */
  readonly seq: number
  readonly touches: number
}

/** Makes the row ready for its workflow's next look; null when it needs no workflow any more. */
async function mend(
  { store, ledgerKey, now = wallClock }: RepairOptions,
  leadId: LeadId,
  finding: Exclude<Finding, { kind: 'sound' }>,
  begun: readonly BegunTouch[],
): Promise<Mended | null> {
  return await store.transaction(async (trx) => {
    const lead = await lockLead(trx, leadId)
    if (lead === null || lead.next_kind === 'done') return null
    if (finding.kind === 'behind') {
      await markUnrung(trx, [leadId])
      return { seq: lead.revision, touches: 0 }
    }
    if (finding.kind === 'ahead') {
      // A bell is heard only when it is louder than what the workflow has seen.
      await patchLead(trx, lead, { revision: Math.max(lead.revision, finding.seen) })
    }
    const touches = await recoverTouches(trx, ledgerKey, lead, begun, now())
    await staleNow(trx, lead, 'its workflow is rebuilt from the rows')
    await patchLead(trx, lead, { reconcile_first: true })
    return { seq: lead.revision, touches }
  })
}

/** Counts, and if asked for ends, the open workflows of leads that the store does not know. */
async function orphans({ store, client, dryRun, endOrphans, log }: RepairOptions): Promise<number> {
  let found = 0
  for await (const leadIds of pagesOf(openLeads(client))) {
    const known = await store.db
      .selectFrom('leads')
      .select('id')
      .where('id', 'in', leadIds)
      .execute()
    const ids = new Set(known.map(({ id }) => id))
    for (const leadId of leadIds.filter((each) => !ids.has(each))) {
      found += 1
      const end = endOrphans === true && !dryRun
      log.warn({ leadId, ended: end }, 'a workflow runs for a lead that the store does not know')
      if (end) await endOrphan(client, leadId)
    }
  }
  return found
}

async function endOrphan(client: Client, leadId: LeadId): Promise<void> {
  try {
    const handle = client.workflow.getHandle(leadWorkflowId(leadId))
    await handle.terminate('repair: the store does not know this lead')
  } catch (error) {
    if (troubleOf(error).code !== 'workflow_not_found') throw error
  }
}

async function* openLeads(client: Client): AsyncIterable<LeadId> {
  for await (const { leadId } of listExecutions(client, "ExecutionStatus = 'Running'")) yield leadId
}

async function* pagesOf<T>(items: AsyncIterable<T>, size = 200): AsyncIterable<T[]> {
  let page: T[] = []
  for await (const item of items) {
    page.push(item)
    if (page.length < size) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}

async function restOfSecond(startedMs: number): Promise<void> {
  const leftMs = startedMs + 1_000 - performance.now()
  if (leftMs > 0) await new Promise((resolve) => setTimeout(resolve, leftMs))
}
