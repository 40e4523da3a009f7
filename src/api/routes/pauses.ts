import { z } from 'zod'
import { engineRules } from '../../domain/company/company.ts'
import { id, type QueuedId } from '../../domain/ids.ts'
import { RESUME_MODES } from '../../domain/pauses.ts'
import { noSuchLead } from '../../leads/intake.ts'
import { cancelQueued } from '../../leads/queue.ts'
import {
  pauseCadence,
  requirePaused,
  resumeCadence,
  viewPause,
} from '../../leads/stops/cadence-pause.ts'
import { previewCadenceResume, previewLeadResume } from '../../leads/stops/resume-preview.ts'
import { viewLead } from '../../leads/views/view.ts'
import { readSettings } from '../../store/company/settings.ts'
import { findLead } from '../../store/leads.ts'
import type { ApiDeps } from '../deps.ts'
import { type Api, newApi, read, write } from '../operation.ts'
import { leadIdOf, optionalText } from '../schemas/common.ts'

const TAG = 'Cadences and templates'

const PREVIEW_EXAMPLE = {
  leads: 120,
  looked: 120,
  overdue: { emails: 31, texts: 4, tasks: 2 },
  modes: [{ mode: 'shift', does: 'All times move by as long as it stood still, 2d by now. …' }],
}

/** Standing cadences and leads still, what resuming them would do, and the queue behind them. */
export function pauseRoutes(deps: ApiDeps): Api {
  const api = newApi()
  pausing(api, deps)
  previewing(api, deps)
  queue(api, deps)
  return api
}

function pausing(api: Api, deps: ApiDeps): void {
  write(
    api,
    deps,
    'post',
    {
      path: '/v1/cadences/:name/pause',
      tag: TAG,
      summary: 'Stand a cadence still',
      description:
        'From the answer on nothing of it leaves but what is being handed over at that moment, and the clocks of its leads stand. Leads may still be enrolled; they wait.',
      body: z.strictObject({ because: optionalText(500) }),
      example: { because: 'the prices are being changed' },
      answer: 'The pause; 200 when it was paused already.',
      answerExample: { pause: { cadence: 'new-lead', by: 'api:crm' }, created: true },
    },
    async (trx, { c, body, who, now }) => {
      const name = c.req.param('name') ?? ''
      const done = await pauseCadence(trx, name, body.because ?? null, who, now)
      return { status: done.created ? 201 : 200, body: done }
    },
  )
  write(
    api,
    deps,
    'post',
    {
      path: '/v1/cadences/:name/resume',
      tag: TAG,
      summary: 'Let a cadence go on',
      description:
        '`mode` says what becomes of the time: `shift` (the default) moves all times along, `skip-overdue` passes over what fell due meanwhile, `send-one` does the first overdue step of each lead and counts on from it. A run under /v1/bulk wakes the leads, so many a minute, and what is late leaves at a bounded rate.',
      body: z.strictObject({ mode: z.enum(RESUME_MODES).optional() }),
      example: { mode: 'shift' },
      answer: 'The pause that ended, how many leads are woken, and by which run.',
      answerExample: { mode: 'shift', woken: 120, bulk: 'bulk_…' },
    },
    async (trx, { c, body, who, now }) => ({
      body: await resumeCadence(trx, c.req.param('name') ?? '', body.mode ?? 'shift', who, now),
    }),
  )
}

function previewing(api: Api, deps: ApiDeps): void {
  read(
    api,
    deps,
    {
      path: '/v1/cadences/:name/pause',
      tag: TAG,
      summary: 'The pause of a cadence, and what resuming it would do in each mode',
      answer: 'The pause, how many leads it concerns, and what is overdue.',
      answerExample: { pause: { cadence: 'new-lead', by: 'api:crm' }, resume: PREVIEW_EXAMPLE },
    },
    async ({ c, now }) => {
      const name = c.req.param('name') ?? ''
      const { db } = deps.store
      const pause = viewPause(name, await requirePaused(db, name))
      const rules = engineRules(await readSettings(db))
      return { body: { pause, resume: await previewCadenceResume(db, name, now, rules) } }
    },
  )
  read(
    api,
    deps,
    {
      path: '/v1/leads/:id/pause',
      tag: 'Actions on a lead',
      summary: 'What holds a lead, and what resuming it would do in each mode',
      answer: 'Its holds, and what is overdue.',
      answerExample: { holds: [{ kind: 'paused', until: null }], resume: PREVIEW_EXAMPLE },
    },
    async ({ c, now }) => {
      const { db } = deps.store
      const lead = await findLead(db, leadIdOf(c.req.param('id')))
      if (lead === null) throw noSuchLead()
      const at = deps.leadClock === null ? now : await deps.leadClock(lead.id)
      const { holds } = await viewLead(db, lead)
      const rules = engineRules(await readSettings(db))
      return { body: { holds, resume: await previewLeadResume(db, lead, at, rules) } }
    },
  )
}

function queue(api: Api, deps: ApiDeps): void {
  write(
    api,
    deps,
    'delete',
    {
      path: '/v1/leads/:id/queue/:queued',
      tag: 'Actions on a lead',
      summary: 'Take a cadence out of a lead’s queue',
      description: 'A cadence of equal priority waits there until the present one has ended.',
      answer: 'The lead.',
    },
    async (trx, { c, who, now }) => {
      const leadId = leadIdOf(c.req.param('id'))
      const queuedId = id<QueuedId>(c.req.param('queued') ?? '')
      const lead = await cancelQueued(trx, leadId, queuedId, who, now)
      return { body: { lead: await viewLead(trx, lead) } }
    },
  )
}
