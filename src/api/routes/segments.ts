import { z } from 'zod'
import { conditionSchema } from '../../domain/cadence/conditions/condition-schema.ts'
import { engineRules } from '../../domain/company/company.ts'
import { requireSegment, viewSegment } from '../../leads/bulk/segments.ts'
import { nextLeads } from '../../leads/bulk/whom.ts'
import { Refusal } from '../../leads/intake.ts'
import { viewLead } from '../../leads/views/view.ts'
import { audit } from '../../store/company/audit.ts'
import {
  allSegments,
  findSegment,
  putSegment,
  removeSegment,
} from '../../store/company/segments.ts'
import { readSettings } from '../../store/company/settings.ts'
import { findLead } from '../../store/leads.ts'
import type { ApiDeps } from '../deps.ts'
import { type Api, newApi, read, write } from '../operation.ts'
import { pageQuery, text } from '../schemas/common.ts'

const TAG = 'Many leads at once'
const PATH = '/v1/segments'
const PAGE = 50

const segmentSchema = z.strictObject({ title: text(200), when: conditionSchema })

const EXAMPLE = {
  title: 'Trial users who were on the website this month',
  when: {
    all: [
      { field: 'lead.attributes.plan', is: 'trial' },
      { engaged: { within: '30d', by: 'visit' } },
    ],
  },
}
const SHOWN = {
  segment: {
    name: 'active-trials',
    title: EXAMPLE.title,
    words: 'lead.attributes.plan is trial, and there was a visit within 30d',
  },
}

/** Segments: named conditions that leads meet or do not, judged anew whenever they are asked. */
export function segmentRoutes(deps: ApiDeps): Api {
  const api = newApi()
  reading(api, deps)
  writing(api, deps)
  return api
}

function reading(api: Api, deps: ApiDeps): void {
  read(
    api,
    deps,
    { path: PATH, tag: TAG, summary: 'List segments', answer: 'Each with its condition in words.' },
    async () => ({ body: { items: (await allSegments(deps.store.db)).map(viewSegment) } }),
  )
  read(
    api,
    deps,
    {
      path: `${PATH}/:name`,
      tag: TAG,
      summary: 'One segment',
      answer: 'Its title and condition.',
      answerExample: SHOWN,
    },
    async ({ c }) => {
      const segment = await findSegment(deps.store.db, c.req.param('name') ?? '')
      if (segment === null) throw noSuchSegment()
      return { body: { segment: viewSegment(segment) } }
    },
  )
  read(
    api,
    deps,
    {
      path: `${PATH}/:name/leads`,
      tag: TAG,
      summary: 'The leads that are in a segment now',
      description:
        'Leads are judged one by one, so a page may hold few of them, or none, and still have a `cursor`.',
      query: z.strictObject(pageQuery),
      answer: 'A page of leads, and the cursor of the next.',
    },
    async ({ c, query, now }) => {
      const { db } = deps.store
      const { name, when } = await requireSegment(db, c.req.param('name') ?? '', 'name')
      const rules = engineRules(await readSettings(db))
      const whom = { kind: 'query', filter: {}, segment: { name, when } } as const
      const limit = query.limit ?? PAGE
      const judging = { now, rules }
      const concerned = { whom, knownBefore: now }
      const found = await nextLeads(db, concerned, judging, query.cursor ?? null, limit)
      const items = []
      for (const leadId of found.leadIds) {
        const lead = await findLead(db, leadId)
        if (lead !== null) items.push(await viewLead(db, lead))
      }
      return { body: { items, cursor: found.more ? found.lookedTo : null } }
    },
  )
}

function writing(api: Api, deps: ApiDeps): void {
  write(
    api,
    deps,
    'put',
    {
      path: `${PATH}/:name`,
      tag: TAG,
      summary: 'Make or change a segment',
      description:
        'Conditions are those of cadences. A bulk run that is under way keeps the condition that it began with.',
      body: segmentSchema,
      example: EXAMPLE,
      answer: 'The segment; 201 when it is new.',
      answerExample: SHOWN,
    },
    async (trx, { c, body, who, now }) => {
      const name = nameOf(c.req.param('name'))
      const created = await putSegment(trx, { name, ...body }, who, now)
      const action = created ? 'segment_made' : 'segment_changed'
      await audit(trx, { who, action, leadId: null, at: now, details: { name } })
      const segment = await findSegment(trx, name)
      return { status: created ? 201 : 200, body: { segment: segment && viewSegment(segment) } }
    },
  )
  write(
    api,
    deps,
    'delete',
    {
      path: `${PATH}/:name`,
      tag: TAG,
      summary: 'Remove a segment',
      description: 'Leads stay as they are.',
      answer: 'Its name.',
    },
    async (trx, { c, who, now }) => {
      const name = c.req.param('name') ?? ''
      if (!(await removeSegment(trx, name))) throw noSuchSegment()
      const details = { name }
      await audit(trx, { who, action: 'segment_removed', leadId: null, at: now, details })
      return { body: { removed: name } }
    },
  )
}

function nameOf(param: string | undefined): string {
  if (param !== undefined && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(param) && param.length <= 100) {
    return param
  }
  const fix = 'Write small letters, digits and hyphens, such as active-trials.'
  throw new Refusal(422, 'invalid_name', 'A segment cannot have this name.', fix)
}

function noSuchSegment(): Refusal {
  const fix = 'List them with GET /v1/segments.'
  return new Refusal(404, 'no_such_segment', 'There is no segment of this name.', fix)
}
