import { z } from 'zod'
import { engineRules } from '../../domain/company/company.ts'
import { toIso } from '../../domain/time.ts'
import { requireCadence } from '../../leads/enrollment.ts'
import { importLeads } from '../../leads/incoming/import.ts'
import { isoOrNull } from '../../leads/views/view.ts'
import { readSettings } from '../../store/company/settings.ts'
import { csvLines, requireCsv } from '../csv.ts'
import type { ApiDeps } from '../deps.ts'
import { type Api, newApi, read } from '../operation.ts'
import { validated } from '../validate.ts'

const TAG = 'Imports'

const importQuery = z.strictObject({
  mode: z.enum(['enroll', 'dead']).default('enroll'),
  cadence: z.string().trim().min(1).max(100).optional(),
  source: z.string().trim().min(1).max(200).optional(),
  fileName: z.string().max(200).optional(),
})

/** Loading what a company already has. */
export function importRoutes(deps: ApiDeps): Api {
  const api = newApi()
  api.openAPIRegistry.registerPath({
    method: 'post',
    path: '/v1/imports',
    tags: [TAG],
    summary: 'Import leads from CSV',
    description:
      'The first line names the columns (see the how-to). `mode=enroll` enrols new leads at the lowest priority, spread over days; `mode=dead` loads leads that were given up before, and nobody contacts them until a signal or a spread-out check-in. Good rows are taken, bad ones told with line, field and fix. Running the same file again is safe.',
    security: [{ key: [] }],
    request: {
      query: importQuery,
      body: {
        required: true,
        content: {
          'text/csv': {
            schema: z.string(),
            example:
              'externalId,firstName,email,phone,state\ncrm-88,Ada,ada@example.com,+12125550142,NY\n',
          },
        },
      },
    },
    responses: {
      200: {
        description: 'What was taken, and what was not and why.',
        content: {
          'application/json': {
            schema: z.object({}).loose(),
            example: {
              id: 'import_…',
              rows: 2,
              created: 1,
              updated: 0,
              rejected: 1,
              errors: [{ line: 3, field: 'email', message: '…', fix: '…' }],
              moreErrors: false,
            },
          },
        },
      },
    },
  })
  api.post('/v1/imports', async (c) => {
    const { mode, cadence, source, fileName } = validated(importQuery, c.req.query())
    requireCsv(c.req.header('Content-Type'))
    const rules = engineRules(await readSettings(deps.store.db))
    if (mode === 'enroll') await requireCadence(deps.store.db, cadence ?? rules.defaultCadence)
    const report = await importLeads(deps, csvLines(c.req.raw.body), {
      mode: { kind: mode, cadence, source },
      fileName: fileName ?? 'import.csv',
      rules,
      who: `api:${c.var.caller.name}`,
    })
    return c.json(report, deps.doorbell.healthy ? 200 : 202)
  })
  read(
    api,
    deps,
    {
      path: '/v1/imports',
      tag: TAG,
      summary: 'List imports, newest first',
      answer: 'The imports.',
    },
    async () => {
      const rows = await deps.store.db
        .selectFrom('imports')
        .selectAll()
        .orderBy('created_at', 'desc')
        .limit(100)
        .execute()
      return {
        body: {
          items: rows.map((row) => ({
            id: row.id,
            fileName: row.file_name,
            mode: row.mode,
            accepted: row.accepted,
            rejected: row.rejected,
            startedAt: toIso(row.created_at),
            finishedAt: isoOrNull(row.finished_at),
          })),
        },
      }
    },
  )
  return api
}
