import {
  ASKED_SIGNALS,
  type AskedSignal,
  ENGAGEMENTS,
  type Engagement,
} from '../domain/cadence/conditions/conditions.ts'
import { BURST_MS } from '../domain/clicks.ts'
import type { LeadId } from '../domain/ids.ts'
import { mayBeScanner } from '../domain/revival.ts'
import type { EngagementFact } from '../domain/scoring.ts'
import { type Instant, plus } from '../domain/time.ts'
import type { Executor } from '../store/executor.ts'

/** A signal that a person made, as conditions and scores see it. */
export interface PersonSignal {
  readonly seq: number
  readonly kind: AskedSignal | Engagement
  /** Of a custom signal. */
  readonly name: string | null
  /** Of a click: the message whose link it was. */
  readonly touchId: string | null
  /** By the engine's clock, where it has looked at it. */
  readonly at: Instant
}

/** Who does more than this is engaged by any measure. */
const MOST_SIGNALS = 500

export interface PersonSignals {
  /** Oldest first. */
  readonly signals: readonly PersonSignal[]
  /** There is a click that may still turn out to be a scanner's until then; null: none. */
  readonly undecidedUntil: Instant | null
}

/**
 * The lead's signals that a person made: no scanner's clicks, and of visits that came by our links,
 * or just after a send, only those in which somebody acted. A click counts once it is too late for
 * a scanner's other clicks to give it away.
 */
export async function personSignals(
  executor: Executor,
  leadId: LeadId,
  now: Instant,
  scannerMs: number,
): Promise<PersonSignals> {
  const rows = await executor
    .selectFrom('signals')
    .select(['seq', 'kind', 'payload', 'received_at', 'processed_at'])
    .where('lead_id', '=', leadId)
    .where('kind', 'in', [...new Set([...ASKED_SIGNALS, ...ENGAGEMENTS])])
    .orderBy('seq', 'desc')
    .limit(MOST_SIGNALS)
    .execute()
  if (rows.length === 0) return { signals: [], undecidedUntil: null }
  const sends = rows.some(({ kind }) => kind === 'visit') ? await sendsTo(executor, leadId) : []
  const acted = await sessionsWithAction(executor, leadId)
  const sessions = new Set<string>()
  let undecidedUntil: Instant | null = null
  const signals = rows.reverse().flatMap((row) => {
    const { payload, kind } = row
    const at = row.processed_at ?? row.received_at
    if (kind === 'click') {
      if (typeof payload.doubt === 'string') return []
      const decidedAt = plus(at, BURST_MS)
      if (decidedAt > now) {
        undecidedUntil = decidedAt
        return []
      }
    }
    if (kind === 'visit') {
      const session = textOf(payload.sessionId)
      const interacted = payload.interacted === true || (session !== null && acted.has(session))
      const lastSendAt = sends.findLast((at) => at <= row.received_at) ?? null
      const visit = { interacted, byLink: payload.byLink === true, lastSendAt }
      if (mayBeScanner(visit, row.received_at, scannerMs)) return []
      // One visit, though its first action was told of as well.
      if (session !== null && sessions.has(session)) return []
      if (session !== null) sessions.add(session)
    }
    return [
      {
        seq: row.seq,
        kind: kind as PersonSignal['kind'],
        name: kind === 'custom' ? textOf(payload.name) : null,
        touchId: kind === 'click' ? textOf(payload.touchId) : null,
        at,
      },
    ]
  })
  return { signals, undecidedUntil }
}

/** What of it makes a score. */
export function engagementOf(signals: readonly PersonSignal[]): readonly EngagementFact[] {
  return signals.flatMap(({ kind, at }) => {
    const engagement = ENGAGEMENTS.find((each) => each === kind)
    return engagement === undefined ? [] : [{ kind: engagement, at }]
  })
}

/** When messages were handed over, by the wall clock, oldest first. */
async function sendsTo(executor: Executor, leadId: LeadId): Promise<readonly Instant[]> {
  const rows = await executor
    .selectFrom('touches')
    .select('dispatched_wall_at')
    .where('lead_id', '=', leadId)
    .where('dispatched_wall_at', 'is not', null)
    .orderBy('dispatched_wall_at')
    .execute()
  return rows.flatMap(({ dispatched_wall_at: at }) => at ?? [])
}

async function sessionsWithAction(
  executor: Executor,
  leadId: LeadId,
): Promise<ReadonlySet<string>> {
  const rows = await executor
    .selectFrom('visits')
    .select('session_id')
    .where('lead_id', '=', leadId)
    .where('interacted', '=', true)
    .execute()
  return new Set(rows.map(({ session_id }) => session_id))
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
