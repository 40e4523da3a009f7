import { z } from 'zod'
import { STOP_SCOPES } from '../../domain/policy/index.ts'
import {
  leadsOfStop,
  liftStop,
  listStops,
  setStop,
  whatStopHolds,
} from '../../leads/stops/emergency-stops.ts'
import type { ApiDeps } from '../deps.ts'
import { type Api, newApi, read, write } from '../operation.ts'
import { text } from '../schemas/common.ts'

const TAG = 'Operations'
const PATH = '/v1/emergency-stops'

const stopSchema = z
  .strictObject({
    scope: z.enum(STOP_SCOPES),
    key: text(100).nullish(),
    because: text(300),
  })
  .describe('`key` is the cadence’s name, the channel or the two-letter state; global has none.')

/** Emergency stops: nothing they concern leaves from the answer on, until somebody lifts them. */
export function emergencyStopRoutes(deps: ApiDeps): Api {
  const api = newApi()
  listing(api, deps)
  putting(api, deps)
  lifting(api, deps)
  return api
}

function listing(api: Api, deps: ApiDeps): void {
  read(
    api,
    deps,
    {
      path: PATH,
      tag: TAG,
      summary: 'List emergency stops, and what each of them holds',
      query: z.object({ all: z.enum(['true', 'false']).optional() }),
      answer: 'The stops that are on; with `all=true` the lifted ones too.',
    },
    async ({ query }) => {
      const { db } = deps.store
      const items: unknown[] = []
      for (const stop of await listStops(db, query.all === 'true')) {
        const holds = stop.liftedAt === null ? await whatStopHolds(db, stop) : null
        items.push({ ...stop, holds })
      }
      return { body: { items } }
    },
  )
  read(
    api,
    deps,
    {
      path: `${PATH}/:id/leads`,
      tag: TAG,
      summary: 'The leads that a stop holds, and when each would come to something',
      query: z.object({ cursor: z.string().max(200).optional() }),
      answer: 'A page of leads, and the cursor of the next.',
    },
    async ({ c, query }) => ({
      body: await leadsOfStop(deps.store.db, c.req.param('id') ?? '', query.cursor ?? null),
    }),
  )
}

function putting(api: Api, deps: ApiDeps): void {
  write(
    api,
    deps,
    'post',
    {
      path: PATH,
      tag: TAG,
      summary: 'Put an emergency stop on',
      description:
        'For everything, a cadence, a channel or a state. Once this is answered, nothing that it concerns leaves but what is being handed over at that moment. The leads wait, and their cadences go on from where they were when it is lifted.',
      body: stopSchema,
      example: { scope: 'state', key: 'LA', because: 'hurricane, emergency declared' },
      answer: 'The stop; 200 when the same one was on already.',
    },
    async (trx, { body, who, now }) => {
      const wanted = { scope: body.scope, key: body.key ?? null, because: body.because }
      const { stop, created } = await setStop(trx, wanted, who, now)
      return { status: created ? 201 : 200, body: { stop, created } }
    },
  )
}

function lifting(api: Api, deps: ApiDeps): void {
  const path = `${PATH}/:id`
  api.openAPIRegistry.registerPath({
    method: 'delete',
    path: `${PATH}/{id}`,
    tags: [TAG],
    summary: 'Lift an emergency stop',
    description: 'Wakes the leads that waited for it, some at a time.',
    security: [{ key: [] }],
    request: { params: z.object({ id: z.string() }) },
    responses: {
      200: {
        description: 'The stop, and how many leads were woken.',
        content: { 'application/json': { schema: z.object({}).loose() } },
      },
      404: { description: 'No stop of this id is on.' },
    },
  })
  api.delete(path, async (c) =>
    c.json(await liftStop(deps, c.req.param('id'), `api:${c.var.caller.name}`)),
  )
}
