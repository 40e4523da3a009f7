import type { Selectable } from 'kysely'
import type { LeadId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import { newId } from '../new-id.ts'
import type { InboundMailTable } from '../schema.ts'

export type InboundMailRow = Selectable<InboundMailTable>

/** Longer texts are for the mailbox itself. */
const MOST_TEXT = 20_000

export type NewInboundMail = Omit<InboundMailRow, 'id' | 'handled_at' | 'handled_by'>

/**
 * Writes down that a mail came, before anything it does: false when it came before. Whoever brings
 * the same mail at the same time waits here for the other.
 */
export async function addInboundMail(trx: Executor, mail: NewInboundMail): Promise<boolean> {
  const added = await trx
    .insertInto('inbound_mail')
    .values({
      ...mail,
      id: newId('mail'),
      handled_at: null,
      handled_by: null,
    })
    .onConflict((on) => on.column('event_id').doNothing())
    .returning('id')
    .executeTakeFirst()
  return added !== undefined
}

/** When a mail first came. */
export async function cameAt(executor: Executor, eventId: string): Promise<Instant> {
  const { received_at } = await executor
    .selectFrom('inbound_mail')
    .select('received_at')
    .where('event_id', '=', eventId)
    .executeTakeFirstOrThrow()
  return received_at
}

/** What a mail turned out to be about, and to do. */
export async function amendInboundMail(
  trx: Executor,
  eventId: string,
  found: Partial<NewInboundMail>,
): Promise<void> {
  const text = found.text?.slice(0, MOST_TEXT) ?? null
  await trx
    .updateTable('inbound_mail')
    .set({ ...found, text })
    .where('event_id', '=', eventId)
    .execute()
}

/** How many mails to a contact point came back for a while, since then. */
export async function softBouncesSince(
  executor: Executor,
  contactHash: string,
  since: Instant,
): Promise<number> {
  const { count } = await executor
    .selectFrom('inbound_mail')
    .select((on) => on.fn.countAll<number>().as('count'))
    .where('contact_hash', '=', contactHash)
    .where('kind', '=', 'soft_bounce')
    .where('received_at', '>', since)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** What waits for a person, the oldest first, after a cursor. */
export async function keptMail(
  executor: Executor,
  page: { readonly limit: number; readonly after: { at: Instant; id: string } | null },
): Promise<InboundMailRow[]> {
  const { limit, after } = page
  return executor
    .selectFrom('inbound_mail')
    .selectAll()
    .where('state', '=', 'kept')
    .$if(after !== null, (query) =>
      query.where((on) =>
        on.or([
          on('received_at', '>', after?.at ?? (0 as Instant)),
          on.and([
            on('received_at', '=', after?.at ?? (0 as Instant)),
            on('id', '>', after?.id ?? ''),
          ]),
        ]),
      ),
    )
    .orderBy('received_at')
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** Holds one mail that waits for a person; null when it does not. */
export async function lockKeptMail(trx: Executor, id: string): Promise<InboundMailRow | null> {
  const row = await trx
    .selectFrom('inbound_mail')
    .selectAll()
    .where('id', '=', id)
    .where('state', '=', 'kept')
    .forUpdate()
    .executeTakeFirst()
  return row ?? null
}

/** A person dealt with it: what it said is not needed any more. */
export async function closeKeptMail(
  trx: Executor,
  id: string,
  end: {
    readonly state: 'assigned' | 'dismissed'
    readonly leadId: LeadId | null
    readonly by: string
    readonly at: Instant
  },
): Promise<void> {
  await trx
    .updateTable('inbound_mail')
    .set({
      state: end.state,
      lead_id: end.leadId,
      handled_at: end.at,
      handled_by: end.by,
      from_address: null,
      subject: null,
      text: null,
    })
    .where('id', '=', id)
    .execute()
}

/**
 * Nothing that the person wrote stays, not even what still waited to be assigned, and what came from
 * an address of theirs and named nobody.
 */
export async function forgetMailOf(trx: Executor, leadId: LeadId): Promise<void> {
  const points = await trx
    .selectFrom('contact_points')
    .select(['kind', 'value', 'hash'])
    .where('lead_id', '=', leadId)
    .execute()
  const hashes = points.map(({ hash }) => hash)
  const addresses = points.flatMap(({ kind, value }) => (kind === 'email' ? [value] : []))
  await trx
    .updateTable('inbound_mail')
    .set({ from_address: null, subject: null, text: null, state: 'dismissed' })
    .where('state', '=', 'kept')
    .where((on) =>
      on.or([
        on('lead_id', '=', leadId),
        ...(hashes.length > 0 ? [on('contact_hash', 'in', hashes)] : []),
        ...(addresses.length > 0
          ? [on(on.fn<string>('lower', ['from_address']), 'in', addresses)]
          : []),
      ]),
    )
    .execute()
}
