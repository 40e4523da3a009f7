import type { ReadableStream } from 'node:stream/web'
import { z } from 'zod'
import { engineRules } from '../../domain/company.ts'
import { Refusal } from '../../leads/intake.ts'
import { requireCadence } from '../../leads/enrollment.ts'
import { readSettings } from '../../store/settings.ts'
import type { ApiDeps } from '../deps.ts'
import { importCsv } from '../import-csv.ts'
import { IMPORT_COLUMNS, type ImportMode } from '../import-rows.ts'
import { type Api, newApi } from '../operation.ts'
import { validated } from '../validate.ts'

const query = z.discriminatedUnion('mode', [
  z.strictObject({
    mode: z.literal('enroll'),
    cadence: z.string().min(1).max(100),
    fileName: z.string().max(200).optional(),
  }),
  z.strictObject({ mode: z.literal('dead'), fileName: z.string().max(200).optional() }),
])

/** Loading what a company already has, as a stream of CSV. */
export function importRoutes(deps: ApiDeps): Api {
  const api = newApi()
  api.openAPIRegistry.registerPath({
    method: 'post',
    path: '/v1/imports',
    tags: ['Imports'],
    summary: 'Load leads from a CSV',
    description:
      'The first line names the columns: ' +
      `${IMPORT_COLUMNS.join(', ')}, and attributes.NAME for own fields. Each row is taken by itself: ` +
      'accepted rows are durable, rejected ones are listed with their line. Loading the same file again changes nothing.',
    security: [{ key: [] }],
    request: {
      query: z.object({
        mode: z.enum(['enroll', 'dead']),
        cadence: z.string().optional(),
        fileName: z.string().optional(),
      }),
      body: {
        required: true,
        content: {
          'text/csv': {
            schema: z.string(),
            example: 'externalId,firstName,email,phone,state\ncrm-88,Ada,ada@example.com,,NY\n',
          },
        },
      },
    },
    responses: {
      200: {
        description: 'How many rows were taken, and what is wrong with the others.',
        content: {
          'application/json': {
            schema: z.object({
              importId: z.string(),
              accepted: z.number(),
              rejected: z.number(),
              truncated: z.boolean(),
              problems: z.array(
                z.object({
                  line: z.number(),
                  field: z.string(),
                  message: z.string(),
                  fix: z.string(),
                }),
              ),
            }),
          },
        },
      },
    },
  })
  api.post('/v1/imports', async (c) => {
    const asked = validated(query, c.req.query())
    if (!(c.req.header('Content-Type') ?? '').startsWith('text/csv') || c.req.raw.body === null) {
      const fix = 'Send the file as the body, with Content-Type: text/csv.'
      throw new Refusal(415, 'not_csv', 'The body is not declared as CSV.', fix)
    }
    const mode: ImportMode =
      asked.mode === 'dead' ? { kind: 'dead' } : { kind: 'enroll', cadence: asked.cadence }
    if (mode.kind === 'enroll') await requireCadence(deps.store.db, mode.cadence)
    const report = await importCsv(deps, engineRules(await readSettings(deps.store.db)), {
      csv: c.req.raw.body as ReadableStream<Uint8Array>,
      mode,
      fileName: asked.fileName ?? 'upload',
      who: `api:${c.var.caller.name}`,
    })
    return c.json(report)
  })
  return api
}
