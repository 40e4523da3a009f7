import { type Selectable, sql } from 'kysely'
import { type Instant, instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import { newId } from '../new-id.ts'
import type { WebhookDeliveriesTable, WebhooksTable } from '../schema.ts'

export type WebhookRow = Selectable<WebhooksTable>
export type DeliveryRow = Selectable<WebhookDeliveriesTable>

/** The endpoint of this name, unless it is removed; null when there is none. */
export async function liveWebhook(executor: Executor, name: string): Promise<WebhookRow | null> {
  const row = await executor
    .selectFrom('webhooks')
    .selectAll()
    .where('name', '=', name)
    .where('removed_at', 'is', null)
    .executeTakeFirst()
  return row ?? null
}

/** All endpoints that are not removed, by name. */
export function liveWebhooks(executor: Executor): Promise<WebhookRow[]> {
  return executor
    .selectFrom('webhooks')
    .selectAll()
    .where('removed_at', 'is', null)
    .orderBy('name')
    .execute()
}

type NewDelivery = Pick<
  DeliveryRow,
  'webhook' | 'lead_id' | 'episode_id' | 'step_id' | 'visit' | 'happened_at'
> & { readonly at: Instant }

/** Adds something to tell an endpoint, due at once. */
export async function addDelivery(trx: Executor, delivery: NewDelivery): Promise<void> {
  const { at, ...about } = delivery
  await trx
    .insertInto('webhook_deliveries')
    .values({
      ...about,
      id: newId('delivery'),
      state: 'due',
      attempts: 0,
      due_at: at,
      created_at: at,
      settled_at: null,
      status: null,
      because: null,
    })
    .execute()
}

/**
 * Takes the deliveries that are due, oldest first and not too many of one endpoint, so that a slow
 * one does not hold up the others. Nobody else takes them before `untilAt`.
 */
export async function takeDueDeliveries(
  trx: Executor,
  { now, untilAt, limit, perWebhook }: Taking,
): Promise<DeliveryRow[]> {
  const { rows } = await sql<DeliveryRow>`
    update webhook_deliveries set due_at = ${untilAt}, attempts = attempts + 1
    where id in (
      select id from webhook_deliveries
      where state = 'due' and id in (
        select id from (
          select id, due_at, row_number() over (partition by webhook order by due_at, id) as place
          from webhook_deliveries where state = 'due' and due_at <= ${now}
        ) as due
        where place <= ${perWebhook} order by due_at, id limit ${limit}
      )
      for update skip locked
    )
    returning *`.execute(trx)
  return rows
}

interface Taking {
  readonly now: Instant
  readonly untilAt: Instant
  readonly limit: number
  readonly perWebhook: number
}

type Settled =
  | {
      readonly state: 'delivered' | 'failed' | 'caught' | 'dropped'
      readonly at: Instant
      readonly status: number | null
      readonly because: string | null
    }
  | {
      readonly state: 'due'
      readonly dueAt: Instant
      readonly status: number | null
      readonly because: string | null
    }

/** Settles a delivery, or has it tried again at `dueAt`. */
export async function settleDelivery(trx: Executor, id: string, settled: Settled): Promise<void> {
  const { state, status, because } = settled
  await trx
    .updateTable('webhook_deliveries')
    .set({
      state,
      status,
      because,
      ...(settled.state === 'due' ? { due_at: settled.dueAt } : { settled_at: settled.at }),
    })
    .where('id', '=', id)
    .execute()
}

/** What an endpoint was told, the newest first; `after` is the id of the last one seen. */
export async function deliveriesOf(
  executor: Executor,
  webhook: string,
  { state, after, limit }: Page,
): Promise<DeliveryRow[]> {
  const last = after === null ? null : await deliveryOf(executor, after)
  return executor
    .selectFrom('webhook_deliveries')
    .selectAll()
    .where('webhook', '=', webhook)
    .$if(state !== null, (query) => query.where('state', '=', state ?? 'due'))
    .$if(last !== null, (query) =>
      query.where(({ eb, refTuple, tuple }) =>
        eb(refTuple('created_at', 'id'), '<', tuple(last?.created_at ?? instant(0), after ?? '')),
      ),
    )
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

export interface DeliveryCount {
  readonly webhook: string
  readonly state: DeliveryRow['state']
  readonly count: number
}

/** How many deliveries of each endpoint stand how. */
export function deliveryCounts(executor: Executor): Promise<DeliveryCount[]> {
  return executor
    .selectFrom('webhook_deliveries')
    .select(({ fn }) => ['webhook', 'state', fn.countAll<number>().as('count')])
    .groupBy(['webhook', 'state'])
    .execute()
}

async function deliveryOf(executor: Executor, id: string): Promise<DeliveryRow | null> {
  const row = await executor
    .selectFrom('webhook_deliveries')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst()
  return row ?? null
}

interface Page {
  readonly state: DeliveryRow['state'] | null
  readonly after: string | null
  readonly limit: number
}
