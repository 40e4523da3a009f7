import { randomBytes } from 'node:crypto'
import type { Cadence } from '../../domain/cadence/types.ts'
import { type Instant, toIso } from '../../domain/time.ts'
import { audit } from '../../store/company/audit.ts'
import {
  type DeliveryRow,
  liveWebhook,
  liveWebhooks,
  type WebhookRow,
} from '../../store/company/webhooks.ts'
import type { Executor } from '../../store/executor.ts'
import { Refusal } from '../intake.ts'
import { isoOrNull } from '../views/view.ts'

interface By {
  readonly who: string
  readonly at: Instant
}

export interface WebhookInput {
  readonly url: string
  readonly secret?: string | undefined
  readonly contactData?: boolean | undefined
}

/** Adds an endpoint, or changes it. The secret is answered when it is new, and never again. */
export async function putWebhook(
  trx: Executor,
  name: string,
  { url, secret, contactData }: WebhookInput,
  { who, at }: By,
): Promise<{ webhook: WebhookRow; secret: string | null; created: boolean }> {
  const known = await liveWebhook(trx, name)
  const fresh = secret ?? (known === null ? randomBytes(32).toString('hex') : null)
  const values = {
    url,
    contact_data: contactData ?? known?.contact_data ?? false,
    updated_at: at,
    removed_at: null,
    ...(fresh !== null && { secret: fresh }),
  }
  const webhook = await trx
    .insertInto('webhooks')
    .values({ name, created_at: at, created_by: who, secret: fresh ?? '', ...values })
    .onConflict((on) => on.column('name').doUpdateSet(values))
    .returningAll()
    .executeTakeFirstOrThrow()
  const details = { name, host: new URL(url).host, contactData: values.contact_data }
  await audit(trx, { who, action: 'webhook', leadId: null, at, details })
  return { webhook, secret: fresh, created: known === null }
}

/** Takes an endpoint away: what is due to it is dropped, what it was told stays on record. */
export async function removeWebhook(
  trx: Executor,
  name: string,
  { who, at }: By,
): Promise<WebhookRow> {
  await requireWebhook(trx, name)
  const webhook = await trx
    .updateTable('webhooks')
    .set({ removed_at: at, updated_at: at })
    .where('name', '=', name)
    .returningAll()
    .executeTakeFirstOrThrow()
  await audit(trx, { who, action: 'webhook_removed', leadId: null, at, details: { name } })
  return webhook
}

/** @throws Refusal 404 */
export async function requireWebhook(executor: Executor, name: string): Promise<WebhookRow> {
  const webhook = await liveWebhook(executor, name)
  if (webhook !== null) return webhook
  const fix = 'GET /v1/webhooks lists them; PUT /v1/webhooks/NAME adds one.'
  throw new Refusal(404, 'no_such_webhook', 'There is no endpoint of this name.', fix)
}

/** Has failed deliveries tried again at once: one of them, or all of the endpoint. */
export async function retryDeliveries(
  trx: Executor,
  name: string,
  deliveryId: string | null,
  at: Instant,
): Promise<number> {
  await requireWebhook(trx, name)
  const rows = await trx
    .updateTable('webhook_deliveries')
    .set({ state: 'due', due_at: at, attempts: 0, settled_at: null })
    .where('webhook', '=', name)
    .where('state', 'in', ['failed', 'due'])
    .$if(deliveryId !== null, (query) => query.where('id', '=', deliveryId ?? ''))
    .returning('id')
    .execute()
  if (deliveryId !== null && rows.length === 0) {
    const fix = 'GET /v1/webhooks/NAME/deliveries?state=failed lists those that can be.'
    throw new Refusal(404, 'no_such_delivery', 'No delivery of this id waits or has failed.', fix)
  }
  return rows.length
}

/** The steps that tell an endpoint which is not there. */
export async function untoldSteps(
  executor: Executor,
  cadences: readonly Cadence[],
): Promise<readonly { readonly cadence: string; readonly step: string; readonly to: string }[]> {
  const names = new Set((await liveWebhooks(executor)).map(({ name }) => name))
  return cadences.flatMap(({ name: cadence, steps }) =>
    steps.flatMap((step) =>
      step.kind === 'webhook' && !names.has(step.to)
        ? [{ cadence, step: step.id, to: step.to }]
        : [],
    ),
  )
}

/** An endpoint as it is shown: never with its secret. */
export function shownWebhook({ name, url, contact_data, created_at, updated_at }: WebhookRow) {
  return {
    name,
    url,
    contactData: contact_data,
    createdAt: toIso(created_at),
    updatedAt: toIso(updated_at),
  }
}

/** A delivery as it is shown; instants are ISO 8601. */
export function shownDelivery(row: DeliveryRow) {
  return {
    id: row.id,
    leadId: row.lead_id,
    step: row.step_id,
    state: row.state,
    attempts: row.attempts,
    status: row.status,
    because: row.because,
    createdAt: toIso(row.created_at),
    nextTryAt: row.state === 'due' ? toIso(row.due_at) : null,
    settledAt: isoOrNull(row.settled_at),
  }
}
