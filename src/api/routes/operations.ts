import type { Client } from '@temporalio/client'
import { stream } from 'hono/streaming'
import { z } from 'zod'
import { evidencePack } from '../../leads/evidence/evidence-pack.ts'
import { evidencePage } from '../../leads/evidence/evidence-page.ts'
import { noSuchLead, Refusal } from '../../leads/intake.ts'
import { audit } from '../../store/company/audit.ts'
import { findLead } from '../../store/leads.ts'
import { verifyLedger } from '../../store/verify-ledger.ts'
import { repair } from '../../temporal/repair.ts'
import { historyStory, storyJson, storyText } from '../../temporal/story.ts'
import type { ApiDeps } from '../deps.ts'
import { type Api, jsonOf, newApi, read } from '../operation.ts'
import { leadIdOf } from '../schemas/common.ts'
import { validated } from '../validate.ts'

/** What those who keep it running need beyond the rows. */
export interface Operations {
  /** Null where Temporal is not at hand: then only what the store keeps is told. */
  readonly client: Client | null
  /** Every key under which the ledger may be signed, the current one first. */
  readonly ledgerKeys: readonly Buffer[]
}

const TAG = 'Operations'

/**
 * Histories of leads, the ledger's check, repair. What takes long answers JSON lines: progress,
 * and last `{"done": …}`.
 */
export function operationRoutes(deps: ApiDeps, operations: Operations): Api {
  const api = newApi()
  history(api, deps, operations)
  ledger(api, deps, operations)
  evidence(api, deps, operations)
  repairing(api, deps, operations.client)
  return api
}

function history(api: Api, deps: ApiDeps, { client }: Operations): void {
  read(
    api,
    deps,
    {
      path: '/v1/leads/:id/history',
      tag: TAG,
      summary: 'The story of a lead’s workflow over all its runs',
      description: 'Archived runs come from the store, the others from Temporal.',
      answer: 'Each run with its lines, and the same as text.',
    },
    async ({ c }) => {
      const lead = await findLead(deps.store.db, leadIdOf(c.req.param('id')))
      if (lead === null) throw noSuchLead()
      const story = await historyStory({ store: deps.store, client }, lead.id)
      return { body: { ...storyJson(story), text: storyText(story) } }
    },
  )
}

function ledger(api: Api, deps: ApiDeps, { ledgerKeys }: Operations): void {
  describe(api, 'get', '/v1/ledger/verification', 'Recompute the ledger’s chains')
  api.get('/v1/ledger/verification', (c) =>
    stream(c, async (out) => {
      c.header('Content-Type', 'application/x-ndjson')
      const report = await verifyLedger(deps.store, ledgerKeys, (leads) => {
        void out.writeln(JSON.stringify({ leads }))
      })
      await out.writeln(JSON.stringify({ done: report }))
    }),
  )
}

function evidence(api: Api, deps: ApiDeps, { ledgerKeys }: Operations): void {
  read(
    api,
    deps,
    {
      path: '/v1/leads/:id/evidence',
      tag: TAG,
      summary: 'Why a lead was contacted, for a dispute',
      description:
        'Consents with the text that was shown, each decision with its rules and local time, each message with its hash and the provider’s answers, stops and when they took effect, and the ledger’s chain, recomputed. With `format=html` as one page to print. Of an erased lead hashes are left.',
      query: z.object({ format: z.enum(['json', 'html']).optional() }),
      answer: 'The evidence pack.',
    },
    async ({ c, query, now }) => {
      const lead = await findLead(deps.store.db, leadIdOf(c.req.param('id')))
      if (lead === null) throw noSuchLead()
      const pack = await evidencePack(deps.store, lead, ledgerKeys, now)
      if (query.format === 'html') return c.html(evidencePage(pack))
      return { body: pack }
    },
  )
}

const repairSchema = z.strictObject({ dryRun: z.boolean().default(false) })

function repairing(api: Api, deps: ApiDeps, client: Client | null): void {
  describe(api, 'post', '/v1/repair', 'Rebuild missing or stale workflows from the rows')
  api.post('/v1/repair', async (c) => {
    const { dryRun } = validated(repairSchema, await jsonOf(c))
    if (client === null) throw noTemporal()
    const who = `api:${c.var.caller.name}`
    await deps.store.transaction((trx) =>
      audit(trx, { who, action: 'repair', leadId: null, at: deps.now(), details: { dryRun } }),
    )
    return stream(c, async (out) => {
      c.header('Content-Type', 'application/x-ndjson')
      const { store, log } = deps
      const done = await repair({
        store,
        client,
        dryRun,
        ledgerKey: deps.ledgerKey,
        log,
        onProgress: (progress) => void out.writeln(JSON.stringify(progress)),
      })
      await out.writeln(JSON.stringify({ done }))
    })
  })
}

function noTemporal(): Refusal {
  const fix = 'Start the instance, or set TEMPORAL_ADDRESS to the server that it uses.'
  return new Refusal(503, 'no_temporal', 'There is no Temporal server to repair.', fix)
}

function describe(api: Api, method: 'get' | 'post', path: string, summary: string): void {
  api.openAPIRegistry.registerPath({
    method,
    path,
    tags: [TAG],
    summary,
    security: [{ key: [] }],
    ...(method === 'post' && {
      request: {
        body: {
          content: { 'application/json': { schema: repairSchema, example: { dryRun: true } } },
        },
      },
    }),
    responses: {
      200: {
        description: 'JSON lines: progress, and last what was found.',
        content: { 'application/x-ndjson': { schema: z.string() } },
      },
    },
  })
}
