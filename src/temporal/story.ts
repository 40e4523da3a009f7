import type { Client } from '@temporalio/client'
import { leadWorkflowId } from '../domain/contract.ts'
import type { LeadId } from '../domain/ids.ts'
import { type Instant, instant, toIso } from '../domain/time.ts'
import type { Store } from '../store/connect.ts'
import { type KeptRun, runsOf } from '../store/watch/run-archive.ts'
import { historyIfThere, isClosed, timeOf, unpackHistory } from './history.ts'
import type { History } from './history-json.ts'
import { type StoryLine, tellRun } from './tell-run.ts'
import { type TemporalTrouble, troubleOf } from './trouble.ts'
import { momentWords } from './words.ts'

/** One run of the lead's workflow, and where its history was read. */
export interface RunStory {
  readonly runId: string
  readonly startedAt: Instant
  /** null while it is open, or when nobody knows. */
  readonly closedAt: Instant | null
  /** `gone`: closed, and neither Temporal nor the archive has its history. */
  readonly from: 'temporal' | 'archive' | 'gone'
  readonly lines: readonly StoryLine[]
}

export interface LeadStory {
  readonly leadId: LeadId
  /** Oldest first. */
  readonly runs: readonly RunStory[]
  /** Set when Temporal could not be asked: then only the archive speaks. */
  readonly trouble: TemporalTrouble | null
}

/**
 * The story of a lead's workflow over all its runs: archived ones from the store, the others from
 * Temporal. Without Temporal (`client` null, or away) what the store keeps is told.
 */
export async function historyStory(
  { store, client }: { readonly store: Store; readonly client: Client | null },
  leadId: LeadId,
): Promise<LeadStory> {
  const kept = await runsOf(store.db, leadId)
  const live = client === null ? NOTHING_LIVE : await liveRuns(client, leadId, kept)
  const archived = await Promise.all(
    kept.filter(({ run_id }) => !live.runs.has(run_id)).map(archivedStory),
  )
  const runs = [...archived, ...live.runs.values()]
  return {
    leadId,
    runs: runs.sort((a, b) => a.startedAt - b.startedAt),
    trouble: live.trouble,
  }
}

interface Live {
  readonly runs: ReadonlyMap<string, RunStory>
  readonly trouble: TemporalTrouble | null
}

const NOTHING_LIVE: Live = { runs: new Map(), trouble: null }

/** The runs that Temporal has and the archive has not. */
async function liveRuns(client: Client, leadId: LeadId, kept: readonly KeptRun[]): Promise<Live> {
  const runs = new Map<string, RunStory>()
  const archived = new Set(kept.filter(({ history }) => history !== null).map((run) => run.run_id))
  try {
    for (const runId of await runIdsOf(client, leadId, kept)) {
      const history = archived.has(runId) ? null : await historyIfThere(client, leadId, runId)
      if (history !== null) runs.set(runId, storyOf(runId, history, 'temporal'))
    }
    return { runs, trouble: null }
  } catch (error) {
    return { runs, trouble: troubleOf(error) }
  }
}

/** Noted runs, those that visibility lists, and the newest, which it may not list yet. */
async function runIdsOf(
  client: Client,
  leadId: LeadId,
  kept: readonly KeptRun[],
): Promise<ReadonlySet<string>> {
  const runIds = new Set(kept.map(({ run_id }) => run_id))
  const workflowId = leadWorkflowId(leadId)
  const query = `WorkflowId = '${workflowId}'`
  for await (const { runId } of client.workflow.list({ query })) runIds.add(runId)
  try {
    runIds.add((await client.workflow.getHandle(workflowId).describe()).runId)
  } catch (error) {
    if (troubleOf(error).code !== 'workflow_not_found') throw error
  }
  return runIds
}

async function archivedStory(run: KeptRun): Promise<RunStory> {
  if (run.history !== null) {
    return storyOf(run.run_id, await unpackHistory(run.history), 'archive')
  }
  return {
    runId: run.run_id,
    startedAt: run.started_at,
    closedAt: run.closing_at,
    from: 'gone',
    lines: [],
  }
}

function storyOf(runId: string, history: History, from: 'temporal' | 'archive'): RunStory {
  const [first, last] = [history.events?.at(0), history.events?.at(-1)]
  return {
    runId,
    startedAt: first ? timeOf(first) : instant(0),
    closedAt: last && isClosed(history) ? timeOf(last) : null,
    from,
    lines: tellRun(history),
  }
}

/** The story as lines of text, times in UTC on the lead's own clock. */
export function storyText({ leadId, runs, trouble }: LeadStory): string[] {
  const lines = [`lead ${leadId}: ${runs.length} ${runs.length === 1 ? 'run' : 'runs'}`]
  if (trouble !== null) lines.push(`(${trouble.message} Only what the store keeps is told.)`)
  for (const [index, run] of runs.entries()) {
    lines.push('', `run ${index + 1} of ${runs.length}, ${run.runId} ${FROM[run.from]}`)
    for (const { at, words } of run.lines) lines.push(`  ${momentWords(at)}  ${words}`)
    if (run.lines.length === 0) lines.push(`  ${momentWords(run.startedAt)}  ${UNTOLD}`)
  }
  return lines
}

const FROM = { temporal: '(in Temporal)', archive: '(from the archive)', gone: '(gone)' } as const
const UNTOLD = 'began; its history is in neither Temporal nor the archive'

/** The story for `--json` and the api: instants as ISO 8601 in UTC. */
export function storyJson({ leadId, runs, trouble }: LeadStory) {
  return {
    leadId,
    trouble,
    runs: runs.map(({ runId, startedAt, closedAt, from, lines }) => ({
      runId,
      from,
      startedAt: toIso(startedAt),
      closedAt: closedAt === null ? null : toIso(closedAt),
      lines: lines.map(({ at, kind, words }) => ({ at: toIso(at), kind, words })),
    })),
  }
}
