import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { Client } from '@temporalio/client'
import { tsToMs } from '@temporalio/common/lib/time.js'
import proto from '@temporalio/proto'
import { leadWorkflowId } from '../domain/contract.ts'
import type { LeadId } from '../domain/ids.ts'
import { type Instant, instant } from '../domain/time.ts'
import { type History, type HistoryEvent, historyFromText, historyToText } from './history-json.ts'
import { troubleOf } from './trouble.ts'

export type { History, HistoryEvent } from './history-json.ts'

const { EventType } = proto.temporal.api.enums.v1

/** Longer histories are kept compressed: a third of the size, even in base64. */
const PLAIN_CHARS = 4_000
const GZIP = 'gzip:'
const CALL_MS = 30_000

/** The whole history of one run; @throws what the client throws, WorkflowNotFoundError too. */
export function fetchHistory(client: Client, leadId: LeadId, runId: string): Promise<History> {
  const handle = client.workflow.getHandle(leadWorkflowId(leadId), runId)
  return client.withDeadline(Date.now() + CALL_MS, () => handle.fetchHistory())
}

/** The same; null when Temporal has no such run. */
export async function historyIfThere(
  client: Client,
  leadId: LeadId,
  runId: string,
): Promise<History | null> {
  try {
    return await fetchHistory(client, leadId, runId)
  } catch (error) {
    if (troubleOf(error).code === 'workflow_not_found') return null
    throw error
  }
}

/** A history as text for the store: the JSON that every Temporal tool reads, or that in gzip. */
export async function packHistory(history: History): Promise<string> {
  const text = historyToText(history)
  if (text.length <= PLAIN_CHARS) return text
  return GZIP + (await promisify(gzip)(text)).toString('base64')
}

/** The JSON text that `packHistory` was given. */
export async function unpackText(packed: string): Promise<string> {
  if (!packed.startsWith(GZIP)) return packed
  const bytes = Buffer.from(packed.slice(GZIP.length), 'base64')
  return (await promisify(gunzip)(bytes)).toString('utf8')
}

/** The history that `packHistory` packed. */
export async function unpackHistory(packed: string): Promise<History> {
  return historyFromText(await unpackText(packed))
}

const CLOSING: ReadonlySet<number> = new Set([
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
])

/** Whether the run is over: its last event closes it. */
export function isClosed({ events }: History): boolean {
  const type = events?.at(-1)?.eventType
  return typeof type === 'number' && CLOSING.has(type)
}

/** When an event happened, on the workflow's own clock; epoch when the event does not say. */
export function timeOf({ eventTime }: HistoryEvent): Instant {
  return instant(eventTime ? tsToMs(eventTime) : 0)
}
