import type { Client } from '@temporalio/client'
import type proto from '@temporalio/proto'
import { z } from 'zod'
import { leadWorkflowId } from '../domain/contract.ts'
import type { LeadId } from '../domain/ids.ts'
import type { HistoryEvent } from './history-json.ts'
import { read } from './payloads.ts'

type Page = proto.temporal.api.workflowservice.v1.IGetWorkflowExecutionHistoryReverseResponse

/** Less than a whole plan, so that one of a version to come is understood too. */
const revisionSchema = z.object({ revision: z.number() })
const inputSchema = z.object({ plan: revisionSchema.optional() })

/** Enough to find the last answer of an activity in nearly every history. */
const PAGE = 30
const CALL_MS = 10_000

/**
 * The revision of the lead that its running workflow last saw, from the end of its history, so
 * that no worker is needed; null when it has not looked yet.
 */
export async function lastSeenRevision(
  client: Client,
  leadId: LeadId,
  runId: string,
): Promise<number | null> {
  let nextPageToken: Uint8Array | null = null
  do {
    const token: Uint8Array | null = nextPageToken
    const page: Page = await client.withDeadline(Date.now() + CALL_MS, () =>
      client.workflowService.getWorkflowExecutionHistoryReverse({
        namespace: client.options.namespace,
        execution: { workflowId: leadWorkflowId(leadId), runId },
        maximumPageSize: PAGE,
        nextPageToken: token,
      }),
    )
    for (const event of page.history?.events ?? []) {
      const seen = revisionIn(event)
      if (seen !== null) return seen
    }
    nextPageToken = page.nextPageToken?.length ? page.nextPageToken : null
  } while (nextPageToken !== null)
  return null
}

function revisionIn(event: HistoryEvent): number | null {
  const answered = event.activityTaskCompletedEventAttributes?.result
  if (answered) return read(revisionSchema, answered)?.revision ?? null
  const input = event.workflowExecutionStartedEventAttributes?.input
  return read(inputSchema, input)?.plan?.revision ?? null
}
