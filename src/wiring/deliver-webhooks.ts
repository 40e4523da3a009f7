import type { Posted, PublicPost } from '../channels/public-https.ts'
import { postSigned } from '../channels/signed-post.ts'
import { HOUR_MS, type Instant, MINUTE_MS, plus, SECOND_MS } from '../domain/time.ts'
import type { Intake } from '../leads/intake.ts'
import { webhookBody } from '../leads/telling/webhook-body.ts'
import {
  type DeliveryRow,
  liveWebhook,
  settleDelivery,
  takeDueDeliveries,
} from '../store/company/webhooks.ts'
import { raiseAlert, resolveAlertsSaying } from '../store/watch/alerts.ts'
import type { Log } from '../temporal/log.ts'
import { createLoop, type Loop } from '../temporal/loop.ts'

export interface DeliveriesOptions {
  readonly intake: Pick<Intake, 'store' | 'now'>
  /** False while nothing may leave this machine: then deliveries are kept as caught. */
  readonly live: boolean
  readonly log: Log
  readonly everyMs?: number
  /** For tests: a receiver that is not on the public internet. */
  readonly trust?: PublicPost['trust']
}

const EVERY_MS = 2 * SECOND_MS
const AT_ONCE = 8
/** A slow endpoint holds up no other. */
const PER_WEBHOOK = 4
const DEADLINE_MS = 15 * SECOND_MS
/** A process that dies with a delivery in hand gives it back after this long. */
const IN_HAND_MS = 3 * MINUTE_MS
/** The waits between tries; after the last one a person is told. */
const AGAIN_MS = [30 * SECOND_MS, 2 * MINUTE_MS, 10 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, 24 * HOUR_MS]

/**
 * Tells other systems what cadences have for them: from rows, so many at once, again and again
 * until it is taken. What a crash leaves in doubt is told twice, with the same id.
 */
export function createDeliveriesLoop(options: DeliveriesOptions): Loop {
  const { intake, log } = options
  const everyMs = options.everyMs ?? EVERY_MS
  return createLoop({
    name: 'webhooks',
    log,
    restAfterFailureMs: everyMs,
    turn: async () => {
      const now = intake.now()
      const due = await intake.store.transaction((trx) =>
        takeDueDeliveries(trx, {
          now,
          untilAt: plus(now, IN_HAND_MS),
          limit: AT_ONCE,
          perWebhook: PER_WEBHOOK,
        }),
      )
      await Promise.all(due.map((delivery) => deliver(options, delivery, now)))
      return due.length === AT_ONCE ? 0 : everyMs
    },
  })
}

async function deliver(
  options: DeliveriesOptions,
  delivery: DeliveryRow,
  now: Instant,
): Promise<void> {
  const { intake, live, trust } = options
  const { store } = intake
  const webhook = await liveWebhook(store.db, delivery.webhook)
  const body = webhook && (await webhookBody(store.db, delivery, webhook))
  if (webhook === null || body === null) {
    const because = webhook === null ? 'the endpoint was removed' : 'the person was erased'
    return settle(options, delivery, { state: 'dropped', at: now, status: null, because })
  }
  if (!live) {
    const because = 'nothing leaves this machine while OUTBOUND=catch'
    return settle(options, delivery, { state: 'caught', at: now, status: null, because })
  }
  const { url, secret } = webhook
  const posted = await postSigned({ url, secret, body, now, deadlineMs: DEADLINE_MS, trust })
  if (posted.kind === 'taken') {
    await settle(options, delivery, { state: 'delivered', at: now, status: null, because: null })
    const says = aboutWebhook(webhook.name)
    return store.transaction((trx) => resolveAlertsSaying(trx, 'webhook_failed', says, now))
  }
  const failure = failureOf(posted)
  const againMs = AGAIN_MS[delivery.attempts - 1]
  if (againMs !== undefined) {
    return settle(options, delivery, { state: 'due', dueAt: plus(now, againMs), ...failure })
  }
  await settle(options, delivery, { state: 'failed', at: now, ...failure })
  await store.transaction((trx) =>
    raiseAlert(trx, {
      kind: 'webhook_failed',
      leadId: null,
      because: `${aboutWebhook(webhook.name)} did not take what it was told, ${delivery.attempts} times.`,
      fix: 'See GET /v1/webhooks/NAME/deliveries for its answers; mend it, then POST …/retry.',
      at: now,
      perWords: true,
    }),
  )
}

function aboutWebhook(name: string): string {
  return `The webhook “${name}”`
}

function failureOf(posted: Exclude<Posted, { kind: 'taken' }>) {
  return posted.kind === 'refused'
    ? { status: posted.status, because: `the receiver answered ${posted.status}` }
    : { status: null, because: posted.because }
}

function settle(
  { intake }: DeliveriesOptions,
  { id }: DeliveryRow,
  settled: Parameters<typeof settleDelivery>[2],
): Promise<void> {
  return intake.store.transaction((trx) => settleDelivery(trx, id, settled))
}
