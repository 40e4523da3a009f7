import type { Client, WorkflowExecutionInfo } from '@temporalio/client'
import { LEAD_WORKFLOW, leadWorkflowId } from '../domain/contract.ts'
import { id, type LeadId } from '../domain/ids.ts'
import { troubleOf } from './trouble.ts'

/** What Temporal knows of a lead's workflow: its newest run. */
export type Execution =
  | { readonly kind: 'open'; readonly runId: string }
  | { readonly kind: 'closed'; readonly runId: string; readonly how: string }
  | { readonly kind: 'unknown' }

const PREFIX = leadWorkflowId(id<LeadId>(''))
const CALL_MS = 10_000

/** @throws whatever the client throws when Temporal does not answer */
export async function executionOf(client: Client, leadId: LeadId): Promise<Execution> {
  try {
    const handle = client.workflow.getHandle(leadWorkflowId(leadId))
    const { status, runId } = await client.withDeadline(Date.now() + CALL_MS, () =>
      handle.describe(),
    )
    const open = status.name === 'RUNNING' || status.name === 'PAUSED'
    return open ? { kind: 'open', runId } : { kind: 'closed', runId, how: status.name }
  } catch (error) {
    if (troubleOf(error).code === 'workflow_not_found') return { kind: 'unknown' }
    throw error
  }
}

/** The lead that a workflow id names; null when it is none of ours. */
function leadOfWorkflow(workflowId: string): LeadId | null {
  return workflowId.startsWith(PREFIX) ? id<LeadId>(workflowId.slice(PREFIX.length)) : null
}

export interface LeadExecution {
  readonly leadId: LeadId
  readonly info: WorkflowExecutionInfo
}

/** The lead workflows that Temporal's visibility lists for a condition, newest first. */
export async function* listExecutions(
  client: Client,
  condition: string,
): AsyncIterable<LeadExecution> {
  const query = `WorkflowType = '${LEAD_WORKFLOW}' AND ${condition}`
  for await (const info of client.workflow.list({ query, pageSize: 200 })) {
    const leadId = leadOfWorkflow(info.workflowId)
    if (leadId !== null) yield { leadId, info }
  }
}

/** Runs `work` for each item, `atOnce` at a time; the first that throws ends it. */
export async function inParallel<T>(
  items: Iterable<T>,
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]()
  const lane = async () => {
    for (let next = iterator.next(); !next.done; next = iterator.next()) await work(next.value)
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
}
