import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { CsvError, parse } from 'csv-parse'
import { z } from 'zod'
import { engineRules } from '../../domain/company.ts'
import { toIso } from '../../domain/time.ts'
import { requireCadence } from '../../leads/enrollment.ts'
import { type CsvLine, importLeads } from '../../leads/import.ts'
import { Refusal } from '../../leads/intake.ts'
import { isoOrNull } from '../../leads/view.ts'
import { readSettings } from '../../store/settings.ts'
import type { ApiDeps } from '../deps.ts'
import { type Api, newApi, read } from '../operation.ts'
import { validated } from '../validate.ts'

const TAG = 'Imports'
/** One line may not be longer: an open quote would otherwise swallow the file into memory. */
const LONGEST_LINE = 100_000

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
    const report = await importLeads(deps, linesOf(c.req.raw.body), {
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

function requireCsv(type: string | undefined): void {
  if (/^text\/csv\b/i.test(type ?? '')) return
  const fix = 'Send the file itself with Content-Type: text/csv.'
  throw new Refusal(415, 'not_csv', 'The body is not declared as CSV.', fix)
}

/** The lines of a CSV file with their numbers, as they come in. */
async function* linesOf(body: Request['body']): AsyncGenerator<CsvLine> {
  if (body === null) return
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_LINE,
  })
  const source = Readable.fromWeb(body as ReadableStream)
  source.on('error', (error) => parser.destroy(error))
  source.pipe(parser)
  try {
    for await (const { record, info } of parser) {
      yield { line: info.lines, cells: record }
    }
  } catch (error) {
    if (error instanceof CsvError) throw unreadable(error)
    throw error
  } finally {
    source.destroy()
  }
}

/** The parser's own message quotes cells, so only its code and line are told. */
function unreadable(error: CsvError): Refusal {
  const line: unknown = Reflect.get(error, 'lines')
  return new Refusal(
    422,
    'unreadable_csv',
    `The file cannot be read from about line ${String(line)} on; the rows before it were taken.`,
    'Look for a quote that is not closed; quotes inside a quoted cell are doubled.',
    { about: { parserCode: error.code } },
  )
}
