import type { Client } from '@temporalio/client'
import { defaultPayloadConverter } from '@temporalio/common'
import proto from '@temporalio/proto'
import { z } from 'zod'
import { leadWorkflowId } from '../domain/contract.ts'
import type { LeadId } from '../domain/ids.ts'
import type { HistoryEvent } from './history.ts'

type Page = proto.temporal.api.workflowservice.v1.IGetWorkflowExecutionHistoryReverseResponse
type Payload = proto.temporal.api.common.v1.IPayload

/** What is read of a plan that any version of us may have written into a history. */
const planSchema = z.object({ revision: z.number() })
const inputSchema = z.object({ plan: planSchema.optional() })

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
  const answer = event.activityTaskCompletedEventAttributes?.result?.payloads
  if (answer) return planSchema.safeParse(decode(answer[0])).data?.revision ?? null
  const input = event.workflowExecutionStartedEventAttributes?.input?.payloads
  return inputSchema.safeParse(decode(input?.[0])).data?.plan?.revision ?? null
}

/** A payload's value; undefined when it is absent or not in a form that we write. */
export function decode(payload: Payload | null | undefined): unknown {
  if (!payload) return undefined
  try {
    return defaultPayloadConverter.fromPayload(payload)
  } catch {
    return undefined
  }
}
