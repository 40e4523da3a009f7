import type { Selectable } from 'kysely'
import { jsonArrayFrom } from 'kysely/helpers/postgres'
import type { LeadId, SignalId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { compiledOnce, onlyRow } from './compiled-once.ts'
import type { Executor } from './executor.ts'
import type { SignalsTable } from './schema.ts'

export type SignalRow = Selectable<SignalsTable>

export interface News {
  /** What was accepted and not absorbed yet, in order. */
  readonly signals: readonly SignalRow[]
  /** Whether a touch was begun and is not settled. */
  readonly openTouches: boolean
}

/** What has happened to a locked lead since somebody looked, in one round trip. */
export async function newsOf(trx: Executor, leadId: LeadId): Promise<News> {
  const { signals, openTouches } = onlyRow(await news(trx, { leadId }))
  return { signals, openTouches: openTouches === true }
}

const news = compiledOnce((trx, { leadId }: { leadId: LeadId }) =>
  trx.selectNoFrom((on) => [
    jsonArrayFrom(
      on
        .selectFrom('signals')
        .selectAll()
        .where('lead_id', '=', leadId)
        .where('processed_at', 'is', null)
        .orderBy('seq'),
    ).as('signals'),
    on
      .exists(
        on
          .selectFrom('touches')
          .select('id')
          .where('lead_id', '=', leadId)
          .where('state', 'in', ['intent', 'dispatching']),
      )
      .as('openTouches'),
  ]),
)

/** What a signal did when it was absorbed, in words. */
export interface Effect {
  readonly id: SignalId
  readonly effect: string
}

/** Marks a signal as absorbed. */
export async function closeSignal(
  trx: Executor,
  { id, effect }: Effect,
  now: Instant,
): Promise<void> {
  await closingSignal(trx, id, effect, now).execute()
}

function closingSignal(
  trx: Pick<Executor, 'updateTable'>,
  id: SignalId | null,
  effect: string | null,
  now: Instant,
) {
  return trx.updateTable('signals').set({ processed_at: now, effect }).where('id', '=', id)
}

/**
 * Marks the last signal as absorbed, if there was one, and puts the lead's holds on the planner's
 * clock: a new one begins now, one that is over lifts.
 */
export async function closeNews(
  trx: Executor,
  leadId: LeadId,
  last: Effect | null,
  now: Instant,
): Promise<void> {
  await closing(trx, { leadId, id: last?.id ?? null, effect: last?.effect ?? null, now })
}

interface Closing {
  readonly leadId: LeadId
  readonly id: SignalId | null
  readonly effect: string | null
  readonly now: Instant
}

const closing = compiledOnce((trx, { leadId, id, effect, now }: Closing) =>
  trx
    .with('absorbed', (db) => closingSignal(db, id, effect, now))
    .updateTable('holds')
    .set(({ fn, ref, val, eb }) => ({
      began_at: fn.coalesce('began_at', val(now)),
      lifted_at: eb
        .case()
        .when(eb.and([eb('lifted_at', 'is', null), eb('until_at', '<=', now)]))
        .then(val(now))
        .else(ref('lifted_at'))
        .end(),
    }))
    .where('lead_id', '=', leadId)
    .where((on) =>
      on.or([
        on('began_at', 'is', null),
        on.and([on('lifted_at', 'is', null), on('until_at', '<=', now)]),
      ]),
    ),
)
