import type { Client } from '@temporalio/client'
import type { LeadId } from '../domain/ids.ts'
import {
  type Clock,
  DAY_MS,
  HOUR_MS,
  type Instant,
  instant,
  MINUTE_MS,
  plus,
  toIso,
} from '../domain/time.ts'
import type { Store } from '../store/connect.ts'
import {
  archiveCursor,
  archivedAmong,
  archiveRun,
  giveUpRun,
  moveArchiveCursor,
  runsToArchive,
} from '../store/watch/run-archive.ts'
import { inParallel, listExecutions } from './executions.ts'
import { historyIfThere, isClosed, packHistory, timeOf } from './history.ts'
import type { Log } from './log.ts'
import { createLoop, type Loop } from './loop.ts'
import { troubleOf } from './trouble.ts'

export interface ArchiverOptions {
  readonly client: Client
  readonly store: Store
  readonly log: Log
  /** How often to look while there is nothing to do, in milliseconds. */
  readonly everyMs?: number
  /** Runs of one turn. */
  readonly batch?: number
  readonly now?: Clock
}

export interface ArchiverCounts {
  readonly archived: number
  /** Runs that Temporal had forgotten before they were archived. */
  readonly lost: number
}

export interface Archiver extends Loop {
  counts(): ArchiverCounts
  /** Archives everything that is closed now; for tests and before a server is given up. */
  drain(): Promise<void>
}

const EVERY_MS = 15_000
const BATCH = 50
const AT_ONCE = 4
/** A run that is closing and still open, or not found, is asked for again after this. */
const STILL_OPEN_MS = MINUTE_MS
const NOT_FOUND_MS = HOUR_MS
/** Not found may mean that we ask the wrong server: only after this long is a run lost. */
const LOST_AFTER_MS = 7 * DAY_MS
/** How often Temporal's own list is read for runs that nobody noted. */
const LIST_EVERY_MS = 10 * MINUTE_MS
/** Visibility lags behind. */
const OVERLAP_MS = 10 * MINUTE_MS
const PAGE = 200

interface Candidate {
  readonly runId: string
  readonly leadId: LeadId
  readonly closingAt: Instant | null
}

/**
 * Copies the history of every closed run into the store before Temporal's retention ends it.
 * Most runs are noted by the look that follows them; a run that continued into a long sleep, or
 * was ended by force, is found in Temporal's list of closed runs.
 */
export function createArchiver(options: ArchiverOptions): Archiver {
  const { client, store, log } = options
  const now = options.now ?? (() => instant(Date.now()))
  const everyMs = options.everyMs ?? EVERY_MS
  const batch = options.batch ?? BATCH
  /** Runs to leave alone until a time. */
  const notBefore = new Map<string, Instant>()
  let listedAt: Instant | null = null
  let counts: ArchiverCounts = { archived: 0, lost: 0 }

  async function archiveOne({ runId, leadId, closingAt }: Candidate): Promise<void> {
    const at = now()
    const history = await historyIfThere(client, leadId, runId)
    if (history === null) return await notFound(runId, closingAt, at)
    const [first, last] = [history.events?.at(0), history.events?.at(-1)]
    if (!isClosed(history) || !first || !last) {
      notBefore.set(runId, plus(at, STILL_OPEN_MS))
      return
    }
    const packed = await packHistory(history)
    const [startedAt, closedAt] = [timeOf(first), timeOf(last)]
    await archiveRun(store.db, { runId, leadId, startedAt, closedAt, history: packed }, at)
    counts = { ...counts, archived: counts.archived + 1 }
  }

  async function notFound(runId: string, closingAt: Instant | null, at: Instant): Promise<void> {
    if (closingAt === null || closingAt > at - LOST_AFTER_MS) {
      notBefore.set(runId, plus(at, NOT_FOUND_MS))
      return
    }
    await giveUpRun(store.db, runId, at)
    counts = { ...counts, lost: counts.lost + 1 }
    log.warn({ runId }, 'the history of a run is lost: Temporal had forgotten it already')
  }

  /** Runs that a look has noted as over. Answers how many there were. */
  async function archiveNoted(): Promise<number> {
    const at = now()
    for (const [runId, until] of notBefore) if (until <= at) notBefore.delete(runId)
    const noted = await runsToArchive(store.db, { besides: [...notBefore.keys()], limit: batch })
    await inParallel(noted, AT_ONCE, (run) =>
      archiveOne({ runId: run.run_id, leadId: run.lead_id, closingAt: run.closing_at }),
    )
    return noted.length
  }

  /** Runs that Temporal lists as closed since the last time. */
  async function archiveListed(): Promise<void> {
    const at = now()
    const cursor = await archiveCursor(store.db)
    const since = cursor === null ? '' : ` AND CloseTime >= '${toIso(instant(cursor))}'`
    let page: Candidate[] = []
    const flush = async () => {
      const kept = await archivedAmong(
        store.db,
        page.map(({ runId }) => runId),
      )
      const missing = page.filter(({ runId }) => !kept.has(runId))
      page = []
      await inParallel(missing, AT_ONCE, archiveOne)
    }
    for await (const { leadId, info } of listExecutions(
      client,
      `ExecutionStatus != 'Running'${since}`,
    )) {
      page.push({ runId: info.runId, leadId, closingAt: null })
      if (page.length === PAGE) await flush()
    }
    await flush()
    // The list is in no order of closing, so the cursor moves only when all of it was read.
    await moveArchiveCursor(store.db, plus(at, -OVERLAP_MS))
    listedAt = at
  }

  async function drain(): Promise<void> {
    while ((await archiveNoted()) > 0);
    await archiveListed()
  }

  async function turn(): Promise<number> {
    try {
      const noted = await archiveNoted()
      if (listedAt === null || now() - listedAt >= LIST_EVERY_MS) await archiveListed()
      return noted === batch ? 0 : everyMs
    } catch (error) {
      const { code, message } = troubleOf(error)
      if (code === 'temporal_failed') throw error
      log.warn({ loop: 'archive', code }, message)
      return everyMs
    }
  }

  const loop = createLoop({ name: 'archive', log, turn, restAfterFailureMs: everyMs })
  return { ...loop, drain, counts: () => counts }
}
