import type { Priority } from '../domain/contract.ts'
import type { LeadId, SignalId } from '../domain/ids.ts'
import type { Answer } from '../domain/lifecycle.ts'
import type { Signal } from '../domain/signals.ts'
import type { Instant } from '../domain/time.ts'
import { compiledOnce } from './compiled-once.ts'
import type { Executor } from './executor.ts'
import { json } from './json.ts'
import type { LeadRow } from './leads.ts'
import { STALE_COLUMNS, type Staleness, staleColumns, staleness } from './stale.ts'
import { abandoning } from './touches.ts'

export interface NewSignal {
  readonly id: SignalId
  readonly signal: Signal
  readonly via: string
  readonly receivedAt: Instant
  readonly answer: Answer
}

/** Whether an event of this id was stored before, of whichever lead. */
export async function isKnownSignal(executor: Executor, signalId: SignalId): Promise<boolean> {
  const row = await executor
    .selectFrom('signals')
    .select('id')
    .where('id', '=', signalId)
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Adds a signal that changes no plan to a locked lead's sequence; false, and nothing is changed,
 * when an event of this id was stored before.
 */
export async function recordSignal(
  trx: Executor,
  lead: LeadRow,
  signal: NewSignal,
  effect: string,
): Promise<boolean> {
  const [row] = await recording(trx, { ...columnsOf(lead, signal), effect })
  Object.assign(lead, row)
  return row !== undefined
}

/** The same for a signal that makes the lead's plan stale (`staleNow`), all in one statement. */
export async function recordStaleSignal(
  trx: Executor,
  lead: LeadRow,
  signal: NewSignal,
  priority?: Priority,
): Promise<boolean> {
  const stale = staleness(lead, signal.answer.because, priority)
  const [row] = await recordingStale(trx, { ...columnsOf(lead, signal), ...stale })
  Object.assign(lead, row)
  return row !== undefined
}

interface SignalColumns {
  readonly leadId: LeadId
  readonly seq: number
  readonly id: SignalId
  readonly kind: Signal['kind']
  readonly payload: string
  readonly via: string
  readonly at: Instant
  readonly answer: string
}

function columnsOf(
  lead: LeadRow,
  { id, signal, via, receivedAt: at, answer }: NewSignal,
): SignalColumns {
  const { kind, payload } = signal
  const seq = lead.last_seq + 1
  return { leadId: lead.id, seq, id, kind, payload: json(payload), via, at, answer: json(answer) }
}

const recording = compiledOnce((trx, args: SignalColumns & { readonly effect: string }) =>
  trx
    .with('stored', (db) => inserting(db, args, { processed_at: args.at, effect: args.effect }))
    .updateTable('leads')
    .set({ last_seq: args.seq, updated_at: args.at })
    .where('id', '=', args.leadId)
    .where((on) => on.exists(on.selectFrom('stored').select('id')))
    .returning(['last_seq', 'updated_at']),
)

const recordingStale = compiledOnce((trx, args: SignalColumns & Staleness) =>
  trx
    .with('stored', (db) => inserting(db, args, { processed_at: null, effect: null }))
    .with('taken_back', (db) =>
      abandoning(db, args.leadId, args.takenBack).where((on) =>
        on.exists(db.selectFrom('stored').select('id')),
      ),
    )
    .updateTable('leads')
    .set({ last_seq: args.seq, updated_at: args.at, ...staleColumns(args) })
    .where('id', '=', args.leadId)
    .where((on) => on.exists(on.selectFrom('stored').select('id')))
    .returning(['last_seq', 'updated_at', ...STALE_COLUMNS]),
)

function inserting(
  db: Pick<Executor, 'insertInto'>,
  { id, leadId, seq, kind, payload, via, at, answer }: SignalColumns,
  processed: { readonly processed_at: Instant | null; readonly effect: string | null },
) {
  const told = { id, lead_id: leadId, seq, kind, payload, via, received_at: at, answer }
  return db
    .insertInto('signals')
    .values({ ...told, ...processed })
    .onConflict((on) => on.column('id').doNothing())
    .returning('id')
}
