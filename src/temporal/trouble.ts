import { isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client'
import { NamespaceNotFoundError } from '@temporalio/common'

export type TemporalTroubleCode =
  | 'temporal_away'
  | 'temporal_busy'
  | 'temporal_refuses_us'
  | 'namespace_missing'
  | 'workflow_not_found'
  | 'temporal_failed'

/** Why a call to Temporal did not do what it should; `fix` says what a person can do about it. */
export interface TemporalTrouble {
  readonly code: TemporalTroubleCode
  readonly message: string
  readonly fix: string
}

/** gRPC's own status numbers. */
const CANCELLED = 1
const DEADLINE_EXCEEDED = 4
const NOT_FOUND = 5
const PERMISSION_DENIED = 7
const RESOURCE_EXHAUSTED = 8
const UNAVAILABLE = 14
const UNAUTHENTICATED = 16

/** Names what went wrong in a call to Temporal. Errors of our own code are `temporal_failed`. */
export function troubleOf(error: unknown): TemporalTrouble {
  if (error instanceof NamespaceNotFoundError) return NAMESPACE_MISSING
  if (error instanceof WorkflowNotFoundError) return WORKFLOW_NOT_FOUND
  const { code, details } = grpcStatusOf(error)
  switch (code) {
    case UNAVAILABLE:
    case DEADLINE_EXCEEDED:
    case CANCELLED:
      return AWAY
    case RESOURCE_EXHAUSTED:
      return BUSY
    case PERMISSION_DENIED:
    case UNAUTHENTICATED:
      return REFUSES_US
    case NOT_FOUND:
      return /namespace/i.test(details) ? NAMESPACE_MISSING : WORKFLOW_NOT_FOUND
    default:
      return failed(code, error)
  }
}

const AWAY: TemporalTrouble = {
  code: 'temporal_away',
  message: 'Temporal does not answer.',
  fix: 'Check that the server runs and that TEMPORAL_ADDRESS names it; nothing is lost meanwhile.',
}
const BUSY: TemporalTrouble = {
  code: 'temporal_busy',
  message: 'Temporal asks us to slow down.',
  fix: 'It is tried again by itself; raise the namespace’s limits if this lasts.',
}
const REFUSES_US: TemporalTrouble = {
  code: 'temporal_refuses_us',
  message: 'Temporal refuses our credentials.',
  fix: 'Check the API key or client certificate, and what they may do in this namespace.',
}
export const NAMESPACE_MISSING: TemporalTrouble = {
  code: 'namespace_missing',
  message: 'Temporal has no such namespace.',
  fix: 'Register it, or correct TEMPORAL_NAMESPACE; then "rekindle repair" brings the leads back.',
}
const WORKFLOW_NOT_FOUND: TemporalTrouble = {
  code: 'workflow_not_found',
  message: 'Temporal has no such workflow run.',
  fix: 'Closed runs leave Temporal after the retention; the store keeps their histories.',
}

function failed(code: number | null, error: unknown): TemporalTrouble {
  const what = code === null ? nameOf(error) : `gRPC status ${code}`
  return {
    code: 'temporal_failed',
    message: `A call to Temporal failed: ${what}.`,
    fix: 'Look at the log of the Temporal server at this time.',
  }
}

/** The name only: a message may quote anything. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}

/** The gRPC status under the client's own wrappings. */
function grpcStatusOf(error: unknown): { code: number | null; details: string } {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (isGrpcServiceError(at)) return { code: at.code, details: at.details }
  }
  return { code: null, details: '' }
}
