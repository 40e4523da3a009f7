import type { Bell, Priority } from '../domain/contract.ts'
import type { LeadId } from '../domain/ids.ts'

/** One lead whose plan is stale, after the commit that made it so. */
export interface Ring {
  readonly leadId: LeadId
  /** The lead's revision after the change. */
  readonly seq: Bell['seq']
  readonly kind: Bell['kind']
  readonly priority: Priority
}

/**
 * Wakes lead workflows: signal-with-start, outside the response and with bounded concurrency.
 * A ring that is lost to a crash or an outage is rung again by the relay, from the rows.
 */
export interface Doorbell {
  /** Returns at once; never throws. */
  ring(rings: readonly Ring[]): void
  /** Whether the last ring was heard; false while Temporal is away. */
  readonly healthy: boolean
  /** Waits until everything rung so far was heard or given to the relay. */
  settle(): Promise<void>
}
