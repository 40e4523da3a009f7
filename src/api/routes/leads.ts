import { z } from 'zod'
import { engineRules } from '../../domain/company/company.ts'
import type { LeadId } from '../../domain/ids.ts'
import { act } from '../../leads/actions.ts'
import type { Enrollment } from '../../leads/enrollment.ts'
import { patchKnownLead } from '../../leads/incoming/patch.ts'
import { upsertLead } from '../../leads/incoming/upsert.ts'
import { invalidField, noSuchLead } from '../../leads/intake.ts'
import { explainLead } from '../../leads/views/explain.ts'
import { exportLead } from '../../leads/views/export.ts'
import { listLeads } from '../../leads/views/list.ts'
import { leadScore } from '../../leads/views/score.ts'
import { timelineOf } from '../../leads/views/timeline/timeline.ts'
import { viewLead } from '../../leads/views/view.ts'
import { readSettings } from '../../store/company/settings.ts'
import { findLead, type LeadRow } from '../../store/leads.ts'
import type { ApiDeps } from '../deps.ts'
import { type Api, newApi, read, write } from '../operation.ts'
import { filterFields } from '../schemas/bulk.ts'
import { leadIdOf, pageQuery } from '../schemas/common.ts'
import { LEAD_EXAMPLE, leadSchema, POST_EXAMPLE, postOf, postSchema } from '../schemas/lead.ts'

const TAG = 'Leads'

/** Adding, updating, reading and erasing leads. */
export function leadRoutes(deps: ApiDeps): Api {
  const api = newApi()
  postLead(api, deps)
  listing(api, deps)
  oneLead(api, deps)
  changing(api, deps)
  return api
}

function postLead(api: Api, deps: ApiDeps): void {
  write(
    api,
    deps,
    'post',
    {
      path: '/v1/leads',
      tag: TAG,
      summary: 'Add or update a lead',
      description:
        'Leads match by externalId, then email, then phone; a matching phone alone never merges people with different emails. ' +
        'With event "form" the lead itself has just asked: it is answered at once, and a dead lead revives. ' +
        'Without it the post only updates, and revives nobody. ' +
        'A new lead is enrolled in `cadence`, in the default cadence when that is absent, in none when it is null.',
      body: postSchema,
      example: POST_EXAMPLE,
      answer: 'The lead, whether it is enrolled, and which channels are open.',
      answerExample: {
        lead: { id: 'lead_…', status: 'nurturing' },
        enrollment: { status: 'started' },
        channels: { email: { allowed: true }, sms: { allowed: true } },
        warnings: [],
      },
    },
    async (trx, { body, who, now, rules, eventId }) => {
      if (body.dead && body.event) {
        throw invalidField(
          'dead',
          'A lead that has just sent a form is not an old dead one.',
          'Leave out either "dead" or "event".',
        )
      }
      const done = await upsertLead(trx, postOf(body, now), {
        hashKeys: deps.hashKeys,
        rules,
        via: who,
        receivedAt: now,
        begunBy: 'api',
        eventId,
      })
      const lead = await viewLead(trx, done.lead)
      const { channels, warnings } = done
      return {
        status: done.created ? 201 : 200,
        body: { lead, enrollment: done.enrollment, channels, warnings },
        rings: done.ring ? [done.ring] : [],
        away: { lead, enrollment: queued(done.enrollment), channels, warnings },
      }
    },
  )
}

/** While Temporal is away what was started waits for it. */
function queued(enrollment: Enrollment): Enrollment {
  return enrollment.status === 'started' ? { status: 'queued' } : enrollment
}

function listing(api: Api, deps: ApiDeps): void {
  read(
    api,
    deps,
    {
      path: '/v1/leads',
      tag: TAG,
      summary: 'List leads, newest first',
      description: '`stuck=true` lists open leads that have no next instant, no task and no hold.',
      query: z.strictObject({
        ...filterFields,
        q: z.string().max(300).optional(),
        stuck: z.enum(['true', 'false']).optional(),
        ...pageQuery,
      }),
      answer: 'A page of leads; `cursor` asks for the next one and is null on the last.',
    },
    async ({ query }) => {
      const { stuck, q, cursor, limit, ...filter } = query
      const { db } = deps.store
      const page = await listLeads(db, { q, cursor, limit, filter, stuck: stuck === 'true' })
      const items = []
      for (const lead of page.leads) items.push(await viewLead(db, lead))
      return { body: { items, cursor: page.cursor } }
    },
  )
}

function oneLead(api: Api, deps: ApiDeps): void {
  read(
    api,
    deps,
    {
      path: '/v1/leads/:id',
      tag: TAG,
      summary: 'One lead',
      answer: 'The lead, and its score with what that is made of.',
    },
    async ({ c, now }) => {
      const { db } = deps.store
      const lead = await known(deps, c.req.param('id'))
      const score = await leadScore(db, lead, now, engineRules(await readSettings(db)))
      return { body: { lead: await viewLead(db, lead), score } }
    },
  )
  read(
    api,
    deps,
    {
      path: '/v1/leads/:id/timeline',
      tag: TAG,
      summary: 'What happened to a lead, in order',
      description:
        '`at` is the engine’s clock; `receivedAt` the wall clock of whoever received it.',
      answer: 'Signals, transitions, episodes, messages, touches, decisions, tasks and holds.',
    },
    async ({ c }) => {
      const lead = await known(deps, c.req.param('id'))
      return { body: { items: await timelineOf(deps.store.db, lead.id) } }
    },
  )
  read(
    api,
    deps,
    {
      path: '/v1/leads/:id/explain',
      tag: TAG,
      summary: 'Why a lead is contacted, why not, what comes next and when',
      answer: 'The state of the lead, both channels with every rule, and the next step.',
    },
    async ({ c, now }) => {
      const lead = await known(deps, c.req.param('id'))
      const at = deps.leadClock === null ? now : await deps.leadClock(lead.id)
      const rules = engineRules(await readSettings(deps.store.db))
      return { body: await explainLead(deps.store.db, lead, at, rules) }
    },
  )
  read(
    api,
    deps,
    {
      path: '/v1/leads/:id/export',
      tag: TAG,
      summary: 'Everything held on a person',
      answer: 'The lead with its consents, suppressions, visits and whole story.',
    },
    async ({ c, now }) => {
      const lead = await known(deps, c.req.param('id'))
      return { body: await exportLead(deps.store.db, lead, now) }
    },
  )
}

function changing(api: Api, deps: ApiDeps): void {
  write(
    api,
    deps,
    'patch',
    {
      path: '/v1/leads/:id',
      tag: TAG,
      summary: 'Change a lead',
      description:
        'Fields that are absent stay as they are; null empties one. A new email or phone counts as new contact data, which may revive a dead lead by the rules of its reason.',
      body: leadSchema,
      example: { phone: LEAD_EXAMPLE.phone, state: 'CA' },
      answer: 'The lead.',
    },
    async (trx, { c, body, who, now, rules }) => {
      const patched = await patchKnownLead(trx, leadIdOf(c.req.param('id')), body, {
        hashKeys: deps.hashKeys,
        rules,
        via: who,
        receivedAt: now,
      })
      return {
        body: { lead: await viewLead(trx, patched.lead), warnings: patched.warnings },
        rings: patched.ring ? [patched.ring] : [],
      }
    },
  )
  write(
    api,
    deps,
    'delete',
    {
      path: '/v1/leads/:id',
      tag: TAG,
      summary: 'Erase a person',
      description:
        'What identifies or quotes the person is removed. Keyed hashes stay in the suppressions, so that nobody writes to them again.',
      answer: 'The erased lead.',
    },
    async (trx, { c, who, now, rules, eventId }) => {
      const leadId = leadIdOf(c.req.param('id'))
      const acted = await act(
        trx,
        leadId,
        { kind: 'erase' },
        { who, receivedAt: now, rules, eventId },
      )
      return { body: { lead: await viewLead(trx, acted.lead) }, rings: acted.rings }
    },
  )
}

async function known(deps: ApiDeps, param: string | undefined): Promise<LeadRow> {
  const leadId: LeadId = leadIdOf(param)
  const lead = await findLead(deps.store.db, leadId)
  if (lead === null) throw noSuchLead()
  return lead
}
