import type { EmailChannel, SmsChannel } from '../channels/types.ts'
import type { EngineRules } from '../domain/company/company.ts'
import type { Instant } from '../domain/time.ts'
import type { Store } from '../store/connect.ts'

/** One activity's view of time. */
export interface Timing {
  /** Wall: the real time, checked against its neighbours'. Virtual: where time is skipped. */
  readonly mode: 'wall' | 'virtual'
  /** When Temporal scheduled this attempt, by Temporal's clock. */
  readonly scheduledAt: Instant
  /** The engine's clock: the wall clock, or virtual time where time is skipped. */
  readonly now: () => Instant
  /** The wall clock; only for deadlines of calls, never for rules. */
  readonly wall: () => Instant
}

/** When, for which run and by which rules a locked lead is looked at. */
export interface Moment {
  readonly runId: string
  readonly now: Instant
  readonly wall: Instant
  readonly settings: EngineRules
}

/** Everything the activities need from outside; wired once by the mains. */
export interface ActivityDeps {
  readonly store: Store
  readonly settings: () => Promise<EngineRules>
  /** Signs the ledger's chain. */
  readonly ledgerKey: Buffer
  readonly email: EmailChannel
  readonly sms: SmsChannel
  /** Where the public listener is reached, without a trailing slash. */
  readonly publicUrl: string
  /** The domain whose mail comes back to us, for bounces and answers; null: none does. */
  readonly inboundDomain: string | null
}
