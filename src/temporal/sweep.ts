import type { Client } from '@temporalio/client'
import type { LeadId } from '../domain/ids.ts'
import {
  type Clock,
  HOUR_MS,
  type Instant,
  instant,
  MINUTE_MS,
  plus,
  toIso,
} from '../domain/time.ts'
import type { Store } from '../store/connect.ts'
import { markUnrung } from '../store/watch/unrung.ts'
import {
  findWatched,
  leadsWithWorkflow,
  type OverdueFrom,
  overdueLeads,
  unlookedLeads,
  type WatchedLead,
} from '../store/watch/watched.ts'
import type { Doorbell } from './doorbell.ts'
import { executionOf, inParallel, listExecutions } from './executions.ts'
import type { Log } from './log.ts'
import { createLoop, type Loop } from './loop.ts'
import { toPriority } from './priority.ts'
import { troubleOf } from './trouble.ts'

export interface SweepOptions {
  readonly client: Client
  readonly store: Store
  readonly doorbell: Doorbell
  readonly log: Log
  readonly everyMs?: number
  /** How late a lead may be before its workflow is looked for, in milliseconds. */
  readonly overdueAfterMs?: number
  /** Leads of the rolling sample in each turn. */
  readonly sample?: number
  readonly now?: Clock
}

export interface SweepCounts {
  readonly turns: number
  /** Leads whose workflow was looked for. */
  readonly checked: number
  /** Leads whose workflow was gone and was started again. */
  readonly restarted: number
  /** Leads that are overdue although their workflow runs, in the last turn: no worker serves them. */
  readonly late: number
}

export interface Sweep extends Loop {
  counts(): SweepCounts
  /** One turn now; for tests and for the repair after an outage. */
  turn(): Promise<void>
}

const EVERY_MS = MINUTE_MS
const OVERDUE_AFTER_MS = 5 * MINUTE_MS
const SAMPLE = 50
const MOST_OVERDUE = 200
const AT_ONCE = 8
/** Visibility lags behind, and a clock may differ: each turn looks this far back again. */
const OVERLAP_MS = 10 * MINUTE_MS
/** How far the first turn looks back. */
const FIRST_LOOK_BACK_MS = 24 * HOUR_MS
const ENDED_BY_FORCE = "ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut', 'Canceled')"

/**
 * Starts again, from the store alone, the workflows that should run and do not: found because
 * they are late, because Temporal says how they ended (an operator may terminate one in the UI),
 * or in a rolling sample of all. No failure ends a lead.
 */
export function createSweep(options: SweepOptions): Sweep {
  const { client, store, doorbell, log } = options
  const everyMs = options.everyMs ?? EVERY_MS
  const overdueAfterMs = options.overdueAfterMs ?? OVERDUE_AFTER_MS
  const now = options.now ?? (() => instant(Date.now()))
  let counts: SweepCounts = { turns: 0, checked: 0, restarted: 0, late: 0 }
  let overdueFrom: OverdueFrom | null = null
  let sampleFrom: LeadId | null = null
  let closedSince: Instant | null = null

  async function overdue(at: Instant): Promise<WatchedLead[]> {
    const before = plus(at, -overdueAfterMs)
    const found = await overdueLeads(store.db, { before, after: overdueFrom, limit: MOST_OVERDUE })
    const last = found.at(-1)
    const more = found.length === MOST_OVERDUE && last !== undefined && last.next_at !== null
    overdueFrom = more ? { at: last.next_at, id: last.id } : null
    return [...found, ...(await unlookedLeads(store.db, { before, limit: MOST_OVERDUE }))]
  }

  async function sample(): Promise<WatchedLead[]> {
    const limit = options.sample ?? SAMPLE
    const found = await leadsWithWorkflow(store.db, { after: sampleFrom, limit, heard: true })
    sampleFrom = found.length === limit ? (found.at(-1)?.id ?? null) : null
    return found
  }

  async function endedByForce(at: Instant): Promise<WatchedLead[]> {
    const since = closedSince ?? plus(at, -FIRST_LOOK_BACK_MS)
    const leadIds = new Set<LeadId>()
    const condition = `${ENDED_BY_FORCE} AND CloseTime >= '${toIso(since)}'`
    for await (const { leadId } of listExecutions(client, condition)) leadIds.add(leadId)
    closedSince = plus(at, -OVERLAP_MS)
    return await findWatched(store.db, [...leadIds])
  }

  /** Rings those that do not run; answers which do. */
  async function restartMissing(leads: ReadonlyMap<LeadId, WatchedLead>): Promise<Set<LeadId>> {
    const running = new Set<LeadId>()
    await inParallel(leads.values(), AT_ONCE, async (lead) => {
      const execution = await executionOf(client, lead.id)
      counts = { ...counts, checked: counts.checked + 1 }
      if (execution.kind === 'open') {
        running.add(lead.id)
        return
      }
      const how = execution.kind === 'closed' ? execution.how : 'not there'
      log.warn({ leadId: lead.id, workflow: how }, 'a workflow that should run is started again')
      counts = { ...counts, restarted: counts.restarted + 1 }
      await markUnrung(store.db, [lead.id])
      // A new run looks first, so the revision it is rung with needs no raising.
      const { id: leadId, revision: seq, priority } = lead
      doorbell.ring([{ leadId, seq, kind: 'sweep', priority: toPriority(priority) }])
    })
    return running
  }

  async function turn(): Promise<void> {
    const at = now()
    const late = await overdue(at)
    const all = [...late, ...(await endedByForce(at)), ...(await sample())]
    const running = await restartMissing(new Map(all.map((lead) => [lead.id, lead])))
    const stillLate = late.filter(({ id }) => running.has(id)).length
    counts = { ...counts, turns: counts.turns + 1, late: stillLate }
  }

  async function turnAndRest(): Promise<number> {
    try {
      await turn()
    } catch (error) {
      const { code, message } = troubleOf(error)
      if (code === 'temporal_failed') throw error
      log.warn({ loop: 'sweep', code }, message)
    }
    return everyMs
  }

  const loop = createLoop({ name: 'sweep', log, turn: turnAndRest, restAfterFailureMs: everyMs })
  return { ...loop, turn, counts: () => counts }
}
