import { z } from 'zod'
import { Refusal } from '../../leads/intake.ts'
import {
  putWebhook,
  removeWebhook,
  requireWebhook,
  retryDeliveries,
  shownDelivery,
  shownWebhook,
} from '../../leads/telling/webhooks.ts'
import { deliveriesOf, liveWebhooks } from '../../store/company/webhooks.ts'
import type { ApiDeps } from '../deps.ts'
import { type Api, newApi, read, write } from '../operation.ts'
import { WEBHOOK_NAME, webhookSchema } from '../schemas/webhook.ts'

const TAG = 'Webhooks'
const MOST = 100

const EXAMPLE = {
  name: 'crm',
  url: 'https://crm.acme.example/rekindle',
  contactData: false,
  createdAt: '2026-11-22T15:04:05Z',
  updatedAt: '2026-11-22T15:04:05Z',
}

const EXAMPLE_DELIVERY = {
  id: 'delivery_4XcKq0Yw',
  leadId: 'lead_9f2c',
  step: 'tell-crm',
  state: 'failed',
  attempts: 7,
  status: 503,
  because: 'the receiver answered 503',
  createdAt: '2026-11-22T15:04:05Z',
  nextTryAt: null,
  settledAt: '2026-11-24T04:16:35Z',
}

/** Endpoints of other systems that cadences tell of leads, and what became of each telling. */
export function webhookRoutes(deps: ApiDeps): Api {
  const api = newApi()
  endpoints(api, deps)
  deliveries(api, deps)
  return api
}

function endpoints(api: Api, deps: ApiDeps): void {
  read(
    api,
    deps,
    {
      path: '/v1/webhooks',
      tag: TAG,
      summary: 'List endpoints',
      answer: 'By name; secrets are never told again.',
      answerExample: { items: [EXAMPLE] },
    },
    async () => ({ body: { items: (await liveWebhooks(deps.store.db)).map(shownWebhook) } }),
  )
  write(
    api,
    deps,
    'put',
    {
      path: '/v1/webhooks/:name',
      tag: TAG,
      summary: 'Add or change an endpoint',
      description:
        'A step `webhook: { to: NAME }` tells it. Each delivery is a POST of JSON, signed: `X-Rekindle-Signature: t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>">`. Redirects are not followed and private addresses not spoken to. Without a `secret` one is made. With `contactData` it gets names, emails and phone numbers.',
      body: webhookSchema,
      example: { url: EXAMPLE.url, contactData: false },
      answer: 'The endpoint; 201 when it is new. The secret only when it was set just now.',
      answerExample: { webhook: EXAMPLE, secret: '5b1f…' },
    },
    async (trx, { c, body, who, now }) => {
      const name = nameOf(c.req.param('name'))
      const { webhook, secret, created } = await putWebhook(trx, name, body, { who, at: now })
      return { status: created ? 201 : 200, body: { webhook: shownWebhook(webhook), secret } }
    },
  )
  write(
    api,
    deps,
    'delete',
    {
      path: '/v1/webhooks/:name',
      tag: TAG,
      summary: 'Remove an endpoint',
      description:
        'What is due to it is dropped. Cadences that tell it go on, and an alert says so.',
      answer: 'The endpoint as it was.',
      answerExample: { webhook: EXAMPLE },
    },
    async (trx, { c, who, now }) => {
      const name = nameOf(c.req.param('name'))
      return { body: { webhook: shownWebhook(await removeWebhook(trx, name, { who, at: now })) } }
    },
  )
}

function deliveries(api: Api, deps: ApiDeps): void {
  read(
    api,
    deps,
    {
      path: '/v1/webhooks/:name/deliveries',
      tag: TAG,
      summary: 'What an endpoint was told, the newest first',
      query: z.strictObject({
        state: z.enum(['due', 'delivered', 'failed', 'caught', 'dropped']).optional(),
        cursor: z.string().max(200).optional(),
      }),
      answer: 'At most 100, and a cursor when there are more.',
      answerExample: { items: [EXAMPLE_DELIVERY], cursor: null },
    },
    async ({ c, query }) => {
      const { name } = await requireWebhook(deps.store.db, nameOf(c.req.param('name')))
      const { state = null, cursor = null } = query
      const rows = await deliveriesOf(deps.store.db, name, {
        state,
        after: cursor,
        limit: MOST + 1,
      })
      const items = rows.slice(0, MOST)
      const more = rows.length > MOST
      return { body: { items: items.map(shownDelivery), cursor: more ? items.at(-1)?.id : null } }
    },
  )
  write(
    api,
    deps,
    'post',
    {
      path: '/v1/webhooks/:name/deliveries/:id/retry',
      tag: TAG,
      summary: 'Try a delivery again at once',
      answer: 'How many are tried again: one.',
      answerExample: { retried: 1 },
    },
    async (trx, { c, now }) => {
      const id = c.req.param('id') ?? ''
      return { body: { retried: await retryDeliveries(trx, nameOf(c.req.param('name')), id, now) } }
    },
  )
  write(
    api,
    deps,
    'post',
    {
      path: '/v1/webhooks/:name/retry',
      tag: TAG,
      summary: 'Try all failed and waiting deliveries again at once',
      answer: 'How many are tried again.',
      answerExample: { retried: 12 },
    },
    async (trx, { c, now }) => {
      const name = nameOf(c.req.param('name'))
      return { body: { retried: await retryDeliveries(trx, name, null, now) } }
    },
  )
}

function nameOf(given: string | undefined): string {
  if (given !== undefined && WEBHOOK_NAME.test(given) && given.length <= 50) return given
  throw new Refusal(
    422,
    'invalid_name',
    'This is no name of an endpoint.',
    'Write small letters, digits and hyphens, such as crm.',
  )
}
