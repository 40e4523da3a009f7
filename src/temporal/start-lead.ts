import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client'
import {
  LEAD_WORKFLOW,
  type LeadAttributes,
  type LeadInput,
  leadWorkflowId,
  TASK_QUEUES,
} from '../domain/contract.ts'
import { searchAttributes } from '../workflows/search-attributes.ts'
import type { Ring } from './doorbell.ts'

/** What every start of a lead's workflow says, whether a bell comes with it or not. */
export function optionsOf({ leadId, priority }: Ring, attributes: LeadAttributes) {
  return {
    workflowId: leadWorkflowId(leadId),
    taskQueue: TASK_QUEUES.leads,
    priority: { priorityKey: priority },
    typedSearchAttributes: searchAttributes(attributes),
    workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const,
  }
}

type NewLead = ReturnType<typeof optionsOf> & { readonly args: readonly [LeadInput] }

/**
 * Starts the workflow of a new lead, whose first look needs no bell; false when it runs already.
 * Throws what the call throws.
 */
export async function startNew(
  client: Client,
  { args, ...options }: NewLead,
  deadline: number,
  requestEagerStart = false,
): Promise<boolean> {
  const start = { ...options, args: [...args], requestEagerStart }
  try {
    await client.withDeadline(deadline, () => client.workflow.start(LEAD_WORKFLOW, start))
    return true
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false
    throw error
  }
}

/** The native connection tries a server that is away for ten seconds, whatever its deadline. */
const HERE_WITHIN_MS = 1_000

/**
 * The same on the connection of this process' worker, which gets the first task in the answer.
 * Null when that does not work soon: the ordinary way knows why, and finds what this one may
 * have started.
 */
export async function startHere(client: Client, lead: NewLead): Promise<boolean | null> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), HERE_WITHIN_MS)
  })
  const started = startNew(client, lead, Date.now() + HERE_WITHIN_MS, true).catch(() => null)
  try {
    return await Promise.race([started, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
