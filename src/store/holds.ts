import type { OperandExpression, Selectable } from 'kysely'
import type { HoldId, LeadId, SignalId } from '../domain/ids.ts'
import type { ResumeMode } from '../domain/pauses.ts'
import type { Channel } from '../domain/policy/types.ts'
import type { Instant } from '../domain/time.ts'
import type { Executor } from './executor.ts'
import { newId } from './new-id.ts'
import type { HoldKind, HoldScope, HoldsTable } from './schema.ts'

export type HoldRow = Selectable<HoldsTable>

export interface NewHold {
  readonly scope: HoldScope
  readonly leadId: LeadId | null
  readonly key: string | null
  readonly kind: HoldKind
  readonly because: string
  readonly by: string
  readonly untilAt: Instant | null
  readonly at: Instant
}

/** Adds a hold. Its clock starts when the planner stamps `began_at`. */
export async function addHold(trx: Executor, hold: NewHold): Promise<HoldId> {
  const holdId = newId<HoldId>('hold')
  await trx
    .insertInto('holds')
    .values({
      id: holdId,
      scope: hold.scope,
      lead_id: hold.leadId,
      scope_key: hold.key,
      kind: hold.kind,
      because: hold.because,
      by: hold.by,
      until_at: hold.untilAt,
      created_at: hold.at,
      began_at: null,
      lifted_at: null,
      lifted_by: null,
    })
    .execute()
  return holdId
}

/** One hold, which is there. */
export function holdById(executor: Executor, holdId: HoldId): Promise<HoldRow> {
  return executor.selectFrom('holds').selectAll().where('id', '=', holdId).executeTakeFirstOrThrow()
}

/**
 * The holds that concern a lead: its own and its cadence's that are open or stood open after
 * `since`, and every halted sender and emergency stop of that time, whomever it concerns.
 */
export function holdsOn(
  executor: Executor,
  leadId: LeadId,
  cadence: string | null,
  since: Instant,
): Promise<HoldRow[]> {
  return concerning(executor, { leadId, cadence, since }).execute()
}

/** The statement of it, to be part of another, where episode and time are its own columns. */
export function concerning(
  executor: Pick<Executor, 'selectFrom'>,
  {
    leadId,
    cadence,
    since,
  }: {
    readonly leadId: LeadId
    readonly cadence: string | null | OperandExpression<string | null>
    readonly since: Instant | OperandExpression<Instant>
  },
) {
  return executor
    .selectFrom('holds')
    .selectAll()
    .where((on) =>
      on.and([
        on.or([on('lifted_at', 'is', null), on('lifted_at', '>', since)]),
        on.or([
          on('lead_id', '=', leadId),
          // Said so that the index of these few holds serves, and not a scan of everybody's.
          on.and([
            on('scope', '<>', 'lead'),
            on.or([
              on.and([on('scope', '=', 'cadence'), on('scope_key', '=', cadence)]),
              on('scope', 'in', ['sender', 'emergency']),
            ]),
          ]),
        ]),
      ]),
    )
    .orderBy('created_at')
}

export interface Lift {
  readonly at: Instant
  readonly by: SignalId | null
  /** All kinds when absent. */
  readonly kinds?: readonly HoldKind[]
  /** What becomes of the time; without it the clock moves along. */
  readonly mode?: ResumeMode
}

/** A lead's own open holds of one kind. */
export function openHoldsOf(
  executor: Executor,
  leadId: LeadId,
  kind: HoldKind,
): Promise<HoldRow[]> {
  return executor
    .selectFrom('holds')
    .selectAll()
    .where('lead_id', '=', leadId)
    .where('kind', '=', kind)
    .where('lifted_at', 'is', null)
    .execute()
}

/** Lifts the lead's own open holds. */
export async function liftLeadHolds(trx: Executor, leadId: LeadId, lift: Lift): Promise<void> {
  await trx
    .updateTable('holds')
    .set({ lifted_at: lift.at, lifted_by: lift.by, resume_mode: lift.mode ?? null })
    .where('lead_id', '=', leadId)
    .where('lifted_at', 'is', null)
    .$if(lift.kinds !== undefined, (query) => query.where('kind', 'in', [...(lift.kinds ?? [])]))
    .execute()
}

/** An answer of the lead lets it rest; whatever it does next speaks newer words. */
export async function liftReplyHolds(
  trx: Executor,
  leadId: LeadId,
  { at, signalId }: { readonly at: Instant; readonly signalId: SignalId | null },
): Promise<void> {
  await trx
    .updateTable('holds')
    .set({ lifted_at: at, lifted_by: signalId })
    .where('lead_id', '=', leadId)
    .where('by', '=', 'rules')
    .where('lifted_at', 'is', null)
    .execute()
}

/** The keys of the senders that are halted: a channel, or one sender's "email:<address>". */
export async function openSenderHalts(executor: Executor): Promise<string[]> {
  const rows = await executor
    .selectFrom('holds')
    .select('scope_key')
    .where('scope', '=', 'sender')
    .where('lifted_at', 'is', null)
    .execute()
  return rows.flatMap(({ scope_key }) => scope_key ?? [])
}

/** Halts a channel, or one of its senders, for everyone; false when it is halted already. */
export async function haltSender(
  trx: Executor,
  key: Channel | `email:${string}`,
  because: string,
  at: Instant,
): Promise<boolean> {
  const open = await trx
    .selectFrom('holds')
    .select('id')
    .where('scope', '=', 'sender')
    .where('scope_key', '=', key)
    .where('lifted_at', 'is', null)
    .executeTakeFirst()
  if (open) return false
  await addHold(trx, {
    scope: 'sender',
    leadId: null,
    key,
    kind: 'sender_halted',
    because,
    by: 'engine',
    untilAt: null,
    at,
  })
  return true
}
