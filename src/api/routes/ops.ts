import { Hono } from 'hono'
import { sql } from 'kysely'
import { z } from 'zod'
import { DAY_MS, plus } from '../../domain/time.ts'
import { consentsByStrength, revocationReport } from '../../leads/evidence/revocations.ts'
import { cadenceReport } from '../../leads/views/cadence-report.ts'
import { overview } from '../../leads/views/overview.ts'
import { migrationStatus } from '../../store/migrate.ts'
import type { ApiDeps } from '../deps.ts'
import { createMetrics } from '../metrics.ts'
import { type Api, type ApiEnv, newApi, read } from '../operation.ts'
import { dayOrInstantSchema } from '../schemas/common.ts'

const spanSchema = z.strictObject({
  from: dayOrInstantSchema.optional(),
  to: dayOrInstantSchema.optional(),
})

const REPORT_EXAMPLE = {
  cadence: 'new-lead',
  version: 2,
  entered: 120,
  movedIn: 30,
  underWay: 41,
  sent: 388,
  delivered: 371,
  clicked: 52,
  replied: 19,
  optedOut: 3,
  booked: 6,
  converted: 4,
  dead: { unresponsive: 48, not_interested: 2 },
  revived: 1,
  steps: [
    {
      step: 'hello',
      entered: 120,
      waiting: 2,
      sent: 116,
      delivered: 112,
      clicked: 30,
      replied: 9,
      optedOut: 1,
      dropped: { consent: 2 },
    },
  ],
  arms: [
    {
      step: 'which-words',
      arm: 'short',
      entered: 61,
      clicked: 30,
      replied: 12,
      optedOut: 1,
      booked: 4,
      converted: 3,
    },
  ],
}

/** Whether this process lives, and whether it can work. */
export function healthRoutes(deps: Pick<ApiDeps, 'store' | 'doorbell' | 'config'>): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>()
  app.get('/healthz', (c) => c.json({ status: 'ok', version: deps.config.version }))
  app.get('/readyz', async (c) => {
    const store = await storeState(deps)
    const temporal = deps.doorbell.healthy ? 'ok' : 'away'
    // Without Temporal everything is still accepted, so only the store decides.
    return c.json(
      { status: store === 'ok' ? 'ok' : 'not ready', store, temporal },
      store === 'ok' ? 200 : 503,
    )
  })
  return app
}

async function storeState({ store }: Pick<ApiDeps, 'store'>): Promise<string> {
  try {
    await sql`select 1`.execute(store.db)
    const { pending, unknown } = await migrationStatus(store)
    return pending.length + unknown.length === 0 ? 'ok' : 'other version'
  } catch {
    return 'away'
  }
}

/** Numbers for Prometheus. */
export function metricsRoutes(deps: Pick<ApiDeps, 'store' | 'doorbell'>): Hono<ApiEnv> {
  const registry = createMetrics(deps.store, deps.doorbell)
  const app = new Hono<ApiEnv>()
  app.get('/metrics', async (c) =>
    c.body(await registry.metrics(), 200, { 'Content-Type': registry.contentType }),
  )
  return app
}

/** Counts of what is there now. */
export function reportRoutes(deps: ApiDeps): Api {
  const api = newApi()
  read(
    api,
    deps,
    {
      path: '/v1/reports/overview',
      tag: 'Reports',
      summary: 'How many leads there are, by status, dead reason and source',
      description: 'With `from` or `to`, of the leads that came in that span.',
      query: spanSchema,
      answer: 'Counts as of now.',
    },
    async ({ query }) => ({ body: await overview(deps.store.db, query) }),
  )
  read(
    api,
    deps,
    {
      path: '/v1/reports/cadence',
      tag: 'Reports',
      summary: 'What became of the leads of each cadence, by version and step',
      description:
        'Of the leads that began in the span, whatever became of them since. A lead that a publication moved counts in the version that it is in now; a step in the version in which it was left.',
      query: spanSchema.extend({ cadence: z.string().max(100).optional() }),
      answer: 'One item for each version: what was sent, what leads did, what they died of.',
      answerExample: { items: [REPORT_EXAMPLE] },
    },
    async ({ query: { cadence = null, ...span } }) => ({
      body: { items: await cadenceReport(deps.store.db, cadence, span) },
    }),
  )
  read(
    api,
    deps,
    {
      path: '/v1/reports/revocations',
      tag: 'Reports',
      summary: 'How fast stops took effect, and what left in spite of them',
      description:
        'Over the last 30 days unless `from` and `to` say otherwise. `late` counts those that took longer than ten business days (47 CFR 64.1200(a)(10)).',
      query: spanSchema,
      answer: 'Stops by channel and cause, confirmations by outcome.',
    },
    async ({ query, now }) => {
      const to = query.to ?? plus(now, 1)
      const from = query.from ?? plus(to, -30 * DAY_MS)
      return { body: await revocationReport(deps.store.db, { from, to }) }
    },
  )
  read(
    api,
    deps,
    {
      path: '/v1/reports/consents',
      tag: 'Reports',
      summary: 'Written consents to texts, by the strength of their evidence',
      description: 'With `from` or `to`, of those that were given in that span.',
      query: spanSchema,
      answer: 'Counts of weak, fair and strong ones.',
    },
    async ({ query }) => ({ body: { byStrength: await consentsByStrength(deps.store.db, query) } }),
  )
  return api
}
