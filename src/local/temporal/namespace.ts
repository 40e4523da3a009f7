import { setTimeout as delay } from 'node:timers/promises'
import { type ConnectionLike, isGrpcServiceError } from '@temporalio/client'
import { msToTs } from '@temporalio/common/lib/time.js'
import proto from '@temporalio/proto'
import { DAY_MS } from '../../domain/time.ts'

const { IndexedValueType } = proto.temporal.api.enums.v1

/** How long closed runs stay readable for ops, unless configured otherwise. */
const DEFAULT_RETENTION_DAYS = 90

/** The search attributes of a lead's workflow, all of type Keyword; they hold ids and enums only. */
export const SEARCH_ATTRIBUTES = ['LeadStatus', 'DeadReason', 'Cadence', 'Source', 'Owner'] as const

/** gRPC's own status numbers. */
const NOT_FOUND = 5
const ALREADY_EXISTS = 6

const READY_WITHIN_MS = 30_000
const LOOK_AGAIN_MS = 50

/**
 * Registers the namespace unless it is there, and returns when the server knows it. The retention
 * of a namespace that is there already is left as its owner set it.
 * @returns whether this call created it
 */
export async function ensureNamespace(
  connection: ConnectionLike,
  namespace: string,
  options: { readonly retentionDays?: number } = {},
): Promise<'created' | 'present'> {
  const outcome = await register(connection, namespace, options.retentionDays)
  const deadline = Date.now() + READY_WITHIN_MS
  while (!(await knows(connection, namespace))) {
    if (Date.now() > deadline)
      throw new Error(`The namespace "${namespace}" was registered but is still not known.`)
    await delay(LOOK_AGAIN_MS)
  }
  return outcome
}

/**
 * Registers without asking first: a server that was asked about a namespace remembers for a second
 * that there is none.
 */
async function register(
  connection: ConnectionLike,
  namespace: string,
  retentionDays: number = DEFAULT_RETENTION_DAYS,
): Promise<'created' | 'present'> {
  try {
    const workflowExecutionRetentionPeriod = msToTs(retentionDays * DAY_MS)
    const request = { namespace, workflowExecutionRetentionPeriod }
    await connection.workflowService.registerNamespace(request)
    return 'created'
  } catch (error) {
    if (!isGrpcServiceError(error)) throw error
    // Where we may not register (Temporal Cloud), somebody has done it, or the first reason stands.
    if (error.code === ALREADY_EXISTS || (await knows(connection, namespace))) return 'present'
    throw error
  }
}

/** Whether workflows can be started in it: a call that goes the way theirs go. */
async function knows(connection: ConnectionLike, namespace: string): Promise<boolean> {
  try {
    await connection.workflowService.countWorkflowExecutions({ namespace })
    return true
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === NOT_FOUND) return false
    throw error
  }
}

/**
 * Adds those of our search attributes that the namespace does not have, and returns when all are
 * known. Needs the operator service (not there on Temporal Cloud: add them in its console).
 * @returns the names that this call added
 * @throws when an attribute of one of these names has another type than Keyword
 */
export async function ensureSearchAttributes(
  connection: ConnectionLike,
  namespace: string,
): Promise<readonly string[]> {
  const missing = await missingAttributes(connection, namespace)
  if (missing.length === 0) return missing
  const keyword = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
  try {
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, keyword])),
    })
  } catch (error) {
    if (!isGrpcServiceError(error) || error.code !== ALREADY_EXISTS) throw error
  }
  const deadline = Date.now() + READY_WITHIN_MS
  for (;;) {
    const left = await missingAttributes(connection, namespace)
    if (left.length === 0) return missing
    if (Date.now() > deadline)
      throw new Error(`The search attributes ${left.join(', ')} were added but are not yet known.`)
    await delay(LOOK_AGAIN_MS)
  }
}

async function missingAttributes(
  connection: ConnectionLike,
  namespace: string,
): Promise<readonly string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace })
  return SEARCH_ATTRIBUTES.filter((name) => {
    const type = customAttributes[name]
    if (type === undefined) return true
    if (type !== IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD)
      throw new Error(
        `The search attribute ${name} exists in namespace "${namespace}" with another type than Keyword. Use a namespace of its own for Rekindle.`,
      )
    return false
  })
}
