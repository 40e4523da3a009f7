import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Client } from '@temporalio/client'
import { Worker, type WorkflowBundleOption } from '@temporalio/worker'
import { listExecutions } from './executions.ts'
import { historyIfThere } from './history.ts'
import { type History, historyFromText } from './history-json.ts'

export type ReplaySource =
  /** Every `*.json` of a folder, as `temporal workflow show --output json` writes them. */
  | { readonly from: string }
  /** The newest `live` open lead workflows of the server. */
  | { readonly live: number; readonly client: Client }

export interface ReplayReport {
  readonly replayed: number
  readonly failures: readonly ReplayFailure[]
}

export interface ReplayFailure {
  readonly workflowId: string
  /** The replayer's own sentence: it names events and commands. */
  readonly because: string
}

interface NamedHistory {
  readonly workflowId: string
  readonly history: History
}

/**
 * Replays recorded or running histories against a bundle of the workflows: a failure means that
 * these leads would stand still after an update. Nothing is sent and nothing changes.
 * @throws when the folder cannot be read, or a file is no history
 */
export async function replayHistories(
  source: ReplaySource,
  workflowBundle: WorkflowBundleOption,
): Promise<ReplayReport> {
  const failures: ReplayFailure[] = []
  let replayed = 0
  const histories = 'from' in source ? recorded(source.from) : live(source.client, source.live)
  const guarded = new Guarded(histories)
  for await (const result of Worker.runReplayHistories({ workflowBundle }, guarded)) {
    replayed += 1
    if (result.error === undefined) continue
    failures.push({ workflowId: result.workflowId, because: result.error.message })
  }
  guarded.rethrow()
  return { replayed, failures }
}

/**
 * The replayer waits for ever when its source throws, so this one ends, and throws later; and when
 * a history has not begun to do anything, so those are left out.
 */
class Guarded implements AsyncIterable<NamedHistory> {
  readonly #inner: AsyncIterable<NamedHistory>
  #error: Error | null = null

  constructor(inner: AsyncIterable<NamedHistory>) {
    this.#inner = inner
  }

  async *[Symbol.asyncIterator](): AsyncIterator<NamedHistory> {
    try {
      for await (const named of this.#inner) if (hasWork(named.history)) yield named
    } catch (error) {
      this.#error = error instanceof Error ? error : new Error('no history could be read')
    }
  }

  rethrow(): void {
    if (this.#error !== null) throw this.#error
  }
}

function hasWork({ events }: History): boolean {
  return (events ?? []).some((event) => event.workflowTaskCompletedEventAttributes)
}

async function* recorded(folder: string): AsyncIterable<NamedHistory> {
  const names = await readdir(folder)
  for (const name of names.filter((each) => each.endsWith('.json')).sort()) {
    const history = historyFromText(await readFile(join(folder, name), 'utf8'))
    yield { workflowId: basename(name, '.json'), history }
  }
}

async function* live(client: Client, count: number): AsyncIterable<NamedHistory> {
  let left = count
  for await (const { leadId, info } of listExecutions(client, "ExecutionStatus = 'Running'")) {
    if (left <= 0) return
    const history = await historyIfThere(client, leadId, info.runId)
    if (history === null || !hasWork(history)) continue
    left -= 1
    yield { workflowId: info.workflowId, history }
  }
}
