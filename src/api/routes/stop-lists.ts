import { z } from 'zod'
import { DAY_MS, instant } from '../../domain/time.ts'
import { invalidField, Refusal } from '../../leads/intake.ts'
import { exportSuppressions } from '../../leads/stops/export-suppressions.ts'
import { importStopList, type StopListReport } from '../../leads/stops/stop-lists.ts'
import { bodyOf, csvLines, requireCsv } from '../csv.ts'
import type { ApiDeps } from '../deps.ts'
import { type Api, newApi, read } from '../operation.ts'
import { instantSchema } from '../schemas/common.ts'
import { validated } from '../validate.ts'

const TAG = 'Suppressions'

const importQuery = z.strictObject({
  list: z.enum(['suppression', 'dnc']).default('suppression'),
  asOf: instantSchema.optional(),
})

const EXAMPLE = 'email,phone,channel,at,reason\nada@example.com,,email,2026-11-20,asked by letter\n'

/** Lists of people not to contact, as CSV, in and out; they stream, so they come before the limit. */
export function stopListRoutes(deps: ApiDeps): Api {
  const api = newApi()
  api.openAPIRegistry.registerPath({
    method: 'post',
    path: '/v1/suppressions/import',
    tags: [TAG],
    summary: 'Load a list of people not to contact',
    description:
      '`list=suppression`: each is never written to again, and the leads concerned stop at once. `list=dnc`: the national do-not-call list as a whole, with `asOf`, the day it was taken from the registry; it is asked where there is no written consent. Named columns are email, phone, hash (of an export), channel, at, reason; without a first line that names any, one address or number a line. Millions of rows stream; loading a list again changes nothing.',
    security: [{ key: [] }],
    request: {
      query: z.object({
        list: z.enum(['suppression', 'dnc']).optional(),
        asOf: z.string().optional(),
      }),
      body: {
        required: true,
        content: { 'text/csv': { schema: z.string(), example: EXAMPLE } },
      },
    },
    responses: {
      200: {
        description: 'JSON lines: how far it is, and in the last one under `done` the report.',
        content: { 'application/x-ndjson': { schema: z.string() } },
      },
    },
  })
  api.post('/v1/suppressions/import', (c) => {
    const { list, asOf } = validated(importQuery, c.req.query())
    requireCsv(c.req.header('Content-Type'))
    const now = deps.now()
    // A clock that is some hours ahead is no reason to refuse a list of today.
    if (asOf !== undefined && asOf > now + DAY_MS) {
      throw invalidField('asOf', 'It lies in the future.', 'Give the day of the download.')
    }
    const options = {
      list,
      asOf: instant(Math.min(asOf ?? now, now)),
      who: `api:${c.var.caller.name}`,
    }
    const work = importStopList(deps, csvLines(c.req.raw.body), options)
    return c.body(bodyOf(progressLines(work)), 200, { 'Content-Type': 'application/x-ndjson' })
  })
  read(
    api,
    deps,
    {
      path: '/v1/suppressions/export',
      tag: TAG,
      summary: 'All suppressions as CSV',
      description:
        'Each by its keyed hash; the address or number itself only where a lead that has it is on file. Who was erased is a hash alone.',
      answer: 'CSV: hash, channel, cause, reason, at, email, phone.',
    },
    ({ c }) =>
      Promise.resolve(
        c.body(bodyOf(exportSuppressions(deps.store.db)), 200, {
          'Content-Type': 'text/csv; charset=utf-8',
          'Content-Disposition': 'attachment; filename="suppressions.csv"',
        }),
      ),
  )
  return api
}

/** The answer has begun when a file turns out to be broken: its problem is the last line. */
async function* progressLines(work: AsyncIterable<StopListReport>): AsyncGenerator<string> {
  let last: StopListReport | null = null
  try {
    for await (const report of work) {
      last = report
      const { rows, added, known, rejected, leadsStopped } = report
      yield line({ rows, added, known, rejected, leadsStopped })
    }
    yield line({ done: { ...last, problem: null } })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { code, message, fix } = error
    yield line({ done: { ...(last ?? NOTHING), problem: { code, message, fix } } })
  }
}

const NOTHING: StopListReport = {
  rows: 0,
  added: 0,
  known: 0,
  rejected: 0,
  leadsStopped: 0,
  dropped: 0,
  errors: [],
  moreErrors: false,
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`
}
