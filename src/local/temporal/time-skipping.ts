/**
 * Virtual time, by the server's own time skipping (server 1.32 and newer). This is the only file
 * that speaks that interface: it is young and will change.
 *
 * How it behaves (each point is held by a test against the real server):
 * - Every workflow has its own clock: real time plus an offset, which only grows. While skipping is
 *   on and nothing is in flight (no workflow task, no running activity, no child), the server adds
 *   to the offset what is left until the next timer, retry or fast-forward target.
 * - Offset and switch go with the workflow through continue-as-new, and a fast-forward under way
 *   goes on in the next run. A new workflow of the same id starts at real time again.
 * - A fast-forward that is reached switches skipping off; the offset stays. A timer that is due at
 *   the very instant of the target still fires, at that instant.
 * - While an activity runs, or a worker is missing, a fast-forward waits in real time.
 * - A workflow that completes before the target ends the fast-forward: its clock stands where it
 *   completed, and nothing more is skipped.
 * - A workflow that waits without any timer skips nothing, but a fast-forward moves it to its
 *   target all the same.
 * - Only this clock moves: the database's `now()`, providers and other workflows stay behind.
 *   Activities read it as `activityInfo().currentAttemptScheduledTimestampMs`.
 */
import { randomUUID } from 'node:crypto'
import { type ConnectionLike, isGrpcServiceError } from '@temporalio/client'
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js'
import proto from '@temporalio/proto'
import { type Instant, instant } from '../../domain/time.ts'

type ITimeSkippingConfig = proto.temporal.api.common.v1.ITimeSkippingConfig
type IExecuteMultiOperationRequest =
  proto.temporal.api.workflowservice.v1.IExecuteMultiOperationRequest

const { FastForwardPollingResult, WorkflowExecutionStatus } = proto.temporal.api.enums.v1
const COMPLETED = FastForwardPollingResult.FAST_FORWARD_POLLING_RESULT_FAST_FORWARD_COMPLETED
const FAILED = FastForwardPollingResult.FAST_FORWARD_POLLING_RESULT_FAST_FORWARD_FAILED
const RUNNING = WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING

/**
 * After so many skips without a new switch-on the server switches skipping off. The default, 200,
 * ends long rehearsals; without any end an activity that fails for ever would be retried for ever
 * at full speed, for its pauses are skipped too.
 */
const MAX_SKIPS = 10_000

const DEFAULT_TIMEOUT_MS = 60_000
/**
 * A server ends a call whose time is up by itself; by its own clock that may be a moment before the
 * client gives up, and then the client hears of a cancelled call instead of a deadline.
 */
const DEADLINE_SLACK_MS = 250
/** gRPC's own status numbers. */
const CANCELLED = 1
const INVALID_ARGUMENT = 3
const DEADLINE_EXCEEDED = 4
const NOT_FOUND = 5

/** One workflow, by the namespace and the id that it has over all its runs. */
export interface WorkflowAddress {
  readonly namespace: string
  readonly workflowId: string
}

export type FastForward =
  /** The target was reached; `now` is the workflow's clock then. */
  | { readonly kind: 'reached'; readonly now: Instant }
  /** The workflow does not run, or completed on the way. */
  | { readonly kind: 'ended' }
  /** Another fast-forward, or a switch-off, took this one's place. */
  | { readonly kind: 'replaced'; readonly because: string }
  /**
   * Something is in flight for longer than the time allowed (an activity, or no worker is there).
   * The fast-forward stands, and goes on when it can.
   */
  | { readonly kind: 'waiting' }

export interface VirtualClock {
  /** The workflow's own time at this moment. */
  readonly now: Instant
  /** How far it is ahead of real time, in milliseconds, give or take the call's duration. */
  readonly offsetMs: number
  /** Whether it skips at this moment. */
  readonly skipping: boolean
}

/**
 * The same connection, but every workflow started through it (start, signal-with-start,
 * update-with-start) skips time from its first moment. For private servers only. Workflows that
 * already run are not touched by a signal-with-start.
 */
export function withTimeSkipping<C extends ConnectionLike>(connection: C): C {
  const service = new Proxy(connection.workflowService, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      const stamp = STAMPS[String(name)] ?? ((request: object) => request)
      return (request: object, ...rest: unknown[]): unknown =>
        Reflect.apply(method, target, [stamp(request), ...rest])
    },
  })
  return new Proxy(connection, {
    get: (target, name): unknown =>
      name === 'workflowService' ? service : Reflect.get(target, name),
  })
}

const SKIPPING = { enabled: true, maxSessionSkipCount: MAX_SKIPS }

const stampStart = (request: object): object => ({ timeSkippingConfig: SKIPPING, ...request })

/** What is added to the requests that start workflows, by the name of the call. */
const STAMPS: Readonly<Record<string, (request: object) => object>> = {
  startWorkflowExecution: stampStart,
  signalWithStartWorkflowExecution: stampStart,
  executeMultiOperation: (request: IExecuteMultiOperationRequest) => ({
    ...request,
    operations: request.operations?.map((operation) =>
      operation.startWorkflow
        ? { ...operation, startWorkflow: stampStart(operation.startWorkflow) }
        : operation,
    ),
  }),
}

/**
 * Whether the server skips time in this namespace, asked with a call that changes nothing. The
 * namespace must exist.
 */
export async function supportsTimeSkipping(
  connection: ConnectionLike,
  namespace: string,
): Promise<boolean> {
  try {
    // Without a fast-forward's id the server refuses: first for the switch, then for the id.
    await connection.workflowService.pollWorkflowExecutionTimeSkipping({
      namespace,
      workflowExecution: { workflowId: 'none' },
    })
    return true
  } catch (error) {
    if (!isGrpcServiceError(error)) throw error
    return error.code === INVALID_ARGUMENT && /fast.?forward/i.test(error.details)
  }
}

/** Lets a running workflow skip time until it completes, or until it is switched off. */
export function enableTimeSkipping(
  connection: ConnectionLike,
  workflow: WorkflowAddress,
): Promise<void> {
  return configure(connection, workflow, SKIPPING)
}

/** From now on the workflow's clock runs with real time again; what it is ahead stays. */
export function disableTimeSkipping(
  connection: ConnectionLike,
  workflow: WorkflowAddress,
): Promise<void> {
  return configure(connection, workflow, { ...SKIPPING, enabled: false })
}

/**
 * Moves one workflow `durationMs` ahead on its own clock, doing on the way whatever falls due, and
 * returns when that is done. Skipping is off afterwards, also where it was on before.
 * @param timeoutMs real time; the server needs a few milliseconds for each thing that falls due
 */
export async function fastForward(
  connection: ConnectionLike,
  workflow: WorkflowAddress,
  durationMs: number,
  timeoutMs: number = DEFAULT_TIMEOUT_MS,
): Promise<FastForward> {
  const id = randomUUID()
  const deadline = Date.now() + timeoutMs
  try {
    const fastForwardConfig = { id, duration: msToTs(durationMs) }
    await configure(connection, workflow, { ...SKIPPING, fastForwardConfig })
    while (Date.now() < deadline) {
      const answer = await connection.withDeadline(deadline, () =>
        connection.workflowService.pollWorkflowExecutionTimeSkipping({
          namespace: workflow.namespace,
          workflowExecution: { workflowId: workflow.workflowId },
          fastForwardId: id,
        }),
      )
      if (answer.fastForwardPollingResult === COMPLETED) {
        const clock = await virtualClock(connection, workflow)
        return { kind: 'reached', now: clock.now }
      }
      if (answer.fastForwardPollingResult === FAILED) {
        const running = await isRunning(connection, workflow)
        return running ? { kind: 'replaced', because: answer.failedReason } : { kind: 'ended' }
      }
    }
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === NOT_FOUND) return { kind: 'ended' }
    if (!isOutOfTime(error, deadline)) throw error
  }
  return { kind: 'waiting' }
}

function isOutOfTime(error: unknown, deadline: number): boolean {
  if (!isGrpcServiceError(error)) return false
  if (error.code === DEADLINE_EXCEEDED) return true
  return error.code === CANCELLED && Date.now() >= deadline - DEADLINE_SLACK_MS
}

/**
 * Reads a workflow's own clock. One that never skipped has real time. A closed one is still read
 * as if its clock ran.
 */
export async function virtualClock(
  connection: ConnectionLike,
  workflow: WorkflowAddress,
): Promise<VirtualClock> {
  const answer = await describe(connection, workflow)
  const realNow = Date.now()
  const info = answer.workflowExtendedInfo?.timeSkippingInfo
  const at = info?.currentTime
  if (!at) return { now: instant(realNow), offsetMs: 0, skipping: false }
  const now = tsToMs(at)
  return {
    now: instant(now),
    offsetMs: now - realNow,
    skipping: info.effectiveConfig?.enabled ?? false,
  }
}

async function isRunning(connection: ConnectionLike, workflow: WorkflowAddress): Promise<boolean> {
  const { workflowExecutionInfo } = await describe(connection, workflow)
  return workflowExecutionInfo?.status === RUNNING
}

function describe(connection: ConnectionLike, { namespace, workflowId }: WorkflowAddress) {
  return connection.workflowService.describeWorkflowExecution({
    namespace,
    execution: { workflowId },
  })
}

async function configure(
  connection: ConnectionLike,
  { namespace, workflowId }: WorkflowAddress,
  timeSkippingConfig: ITimeSkippingConfig,
): Promise<void> {
  await connection.workflowService.updateWorkflowExecutionOptions({
    namespace,
    workflowExecution: { workflowId },
    workflowExecutionOptions: { timeSkippingConfig },
    updateMask: { paths: ['time_skipping_config'] },
  })
}
