import { z } from 'zod'
import type { LeadId } from '../../domain/ids.ts'
import { type BulkId, id } from '../../domain/ids.ts'
import { previewBulk, startBulk } from '../../leads/bulk/start.ts'
import { BULK_TURNS, noSuchBulk, turn } from '../../leads/bulk/turn.ts'
import { lastsWords, viewBulk, workWords } from '../../leads/bulk/view.ts'
import { viewLead } from '../../leads/views/view.ts'
import type { Executor } from '../../store/executor.ts'
import { findLead } from '../../store/leads.ts'
import { findBulk, listBulk, passedLeads } from '../../store/work/bulk-runs.ts'
import type { ApiDeps } from '../deps.ts'
import { type Api, newApi, read, write } from '../operation.ts'
import { BULK_EXAMPLE, bulkOf, bulkSchema, bulkStartSchema } from '../schemas/bulk.ts'
import { pageQuery } from '../schemas/common.ts'

const TAG = 'Many leads at once'
const PATH = '/v1/bulk'
const LISTED = 100
const PASSED = 200

const RUN_EXAMPLE = {
  run: {
    id: 'bulk_…',
    what: 'put into event-follow-up',
    whom: 'leads with source spring-fair, status dead, reason unresponsive',
    pace: '500 a day',
    because: 'the new catalogue is out',
    by: 'api:crm',
    state: 'running',
    total: 1_840,
    done: 500,
    passed: 12,
  },
}

/** One operation on many leads: looked at first, then done at a bounded rate. */
export function bulkRoutes(deps: ApiDeps): Api {
  const api = newApi()
  beginning(api, deps)
  reading(api, deps)
  for (const how of BULK_TURNS) turning(api, deps, how)
  return api
}

function beginning(api: Api, deps: ApiDeps): void {
  write(
    api,
    deps,
    'post',
    {
      path: `${PATH}/preview`,
      tag: TAG,
      summary: 'What an operation would do to how many leads',
      description: 'Nothing is changed.',
      body: bulkSchema,
      example: BULK_EXAMPLE,
      answer: 'How many leads it concerns, the first of them, and how long it would take.',
      answerExample: {
        what: 'put into event-follow-up',
        count: 1_840,
        exact: true,
        lasts: '4d',
        sample: [],
      },
    },
    async (trx, { body, now, rules }) => {
      const wanted = bulkOf(body, now)
      const { count, exact, sample, lastsMs } = await previewBulk(trx, wanted, { now, rules })
      return {
        body: {
          what: workWords(wanted.work),
          count,
          exact,
          lasts: lastsWords(lastsMs),
          sample: await shown(trx, sample),
        },
      }
    },
  )
  write(
    api,
    deps,
    'post',
    {
      path: PATH,
      tag: TAG,
      summary: 'Do something to many leads',
      description:
        'To all that meet the conditions when their turn comes, one after the other; `expected` refuses when there are more than a preview counted. With `pace.perDay` they are spread over the company’s preferred hours. Every lead passes the same gates as one alone; what could be done to one and not to another is told under `passed`.',
      body: bulkStartSchema,
      example: { ...BULK_EXAMPLE, expected: 1_840 },
      answer: 'The run.',
      answerExample: RUN_EXAMPLE,
    },
    async (trx, { body, who, now, rules }) => {
      const { expected = null, ...given } = body
      const run = await startBulk(trx, bulkOf(given, now), expected, who, { now, rules })
      return { status: 201, body: { run: viewBulk(run) } }
    },
  )
}

async function shown(executor: Executor, leadIds: readonly LeadId[]) {
  const leads = []
  for (const leadId of leadIds) {
    const lead = await findLead(executor, leadId)
    if (lead !== null) leads.push(await viewLead(executor, lead))
  }
  return leads
}

function reading(api: Api, deps: ApiDeps): void {
  read(
    api,
    deps,
    {
      path: PATH,
      tag: TAG,
      summary: 'The newest runs, and how far they have come',
      description: 'Also those that wake leads after a pause or an emergency stop.',
      answer: 'Runs; those under way first.',
    },
    async () => ({ body: { items: (await listBulk(deps.store.db, LISTED)).map(viewBulk) } }),
  )
  read(
    api,
    deps,
    {
      path: `${PATH}/:id`,
      tag: TAG,
      summary: 'One run, and the leads that it passed over',
      query: z.strictObject(pageQuery),
      answer: 'The run; `passed` is a page of leads with the reason, `cursor` asks for the next.',
      answerExample: { ...RUN_EXAMPLE, passed: [], cursor: null },
    },
    async ({ c, query }) => {
      const run = await findBulk(deps.store.db, bulkIdOf(c.req.param('id')))
      if (run === null) throw noSuchBulk()
      const limit = query.limit ?? PASSED
      const rows = await passedLeads(deps.store.db, run.id, query.cursor ?? null, limit)
      const passed = rows.map(({ lead_id, ...why }) => ({ leadId: lead_id, ...why }))
      const cursor = rows.length < limit ? null : (rows.at(-1)?.lead_id ?? null)
      return { body: { run: viewBulk(run), passed, cursor } }
    },
  )
}

const SUMMARIES = {
  pause: 'Let a run stand still',
  resume: 'Let a run go on, at its pace',
  cancel: 'End a run; what it has done stays done',
} as const

function turning(api: Api, deps: ApiDeps, how: (typeof BULK_TURNS)[number]): void {
  write(
    api,
    deps,
    'post',
    {
      path: `${PATH}/:id/${how}`,
      tag: TAG,
      summary: SUMMARIES[how],
      description: how === 'resume' ? '' : 'From the answer on it touches no other lead.',
      body: z.strictObject({}),
      example: {},
      answer: 'The run.',
      answerExample: RUN_EXAMPLE,
    },
    async (trx, { c, who, now }) => ({
      body: { run: viewBulk(await turn(trx, bulkIdOf(c.req.param('id')), how, who, now)) },
    }),
  )
}

function bulkIdOf(param: string | undefined): BulkId {
  return id<BulkId>(param ?? '')
}
