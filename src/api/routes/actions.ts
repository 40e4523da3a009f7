import { z } from 'zod'
import type { LeadId, SignalId } from '../../domain/ids.ts'
import { RESUME_MODES } from '../../domain/pauses.ts'
import { CHANNELS } from '../../domain/policy/types.ts'
import { DISPOSITIONS } from '../../domain/signals.ts'
import type { Instant } from '../../domain/time.ts'
import { accept } from '../../leads/accept.ts'
import { type Action, act } from '../../leads/actions.ts'
import { takeConsents } from '../../leads/incoming/consents.ts'
import { replanNow } from '../../leads/incoming/update-lead.ts'
import { invalidField, noSuchLead, ringOf } from '../../leads/intake.ts'
import { hashesOf, lockContactKeys } from '../../leads/stops.ts'
import { viewLead } from '../../leads/views/view.ts'
import { audit } from '../../store/company/audit.ts'
import { lockLead } from '../../store/leads.ts'
import { newId } from '../../store/new-id.ts'
import type { ApiDeps } from '../deps.ts'
import { type Api, newApi, write } from '../operation.ts'
import { instantSchema, leadIdOf, optionalText, text } from '../schemas/common.ts'
import { deadDetails, deadSchema } from '../schemas/dead.ts'
import { holdUntil } from '../schemas/hold.ts'
import { CONSENT_EXAMPLE, consentOf, consentSchema } from '../schemas/lead.ts'

const TAG = 'Actions on a lead'
const nothing = z.strictObject({})
const because = optionalText(500)
/** What the modes of a resume do. */
const RESUME_WORDS =
  '`shift` (the default): all times move by as long as it was held. `skip-overdue`: what fell due meanwhile is passed over, everything else keeps its date. `send-one`: the first overdue step is done, and what follows counts from it. Late messages leave a few a minute (`pace` in the settings). GET …/pause shows what each would do.'
const DEAD_EXAMPLE = {
  reason: 'competitor',
  competitor: 'Other Example',
  why: 'price',
  contractEnds: '2027-06-30',
}

interface ActionRoute<Body extends z.ZodType> {
  readonly name: string
  readonly summary: string
  readonly description?: string
  readonly body: Body
  readonly example: unknown
  readonly action: (body: z.output<Body>, now: Instant) => Action
}

/** What an operator may ask of one lead; each answers with the lead as it is then. */
export function actionRoutes(deps: ApiDeps): Api {
  const api = newApi()
  moving(api, deps)
  holding(api, deps)
  ending(api, deps)
  consents(api, deps)
  return api
}

function moving(api: Api, deps: ApiDeps): void {
  route(api, deps, {
    name: 'enroll',
    summary: 'Put a lead into a cadence',
    body: z.strictObject({ cadence: text(100), replace: z.boolean().optional() }),
    example: { cadence: 'new-lead' },
    action: ({ cadence, replace }) => ({ kind: 'enroll', cadence, replace: replace ?? false }),
  })
  route(api, deps, {
    name: 'skip',
    summary: 'Skip the step that is planned',
    body: nothing,
    example: {},
    action: () => ({ kind: 'skip' }),
  })
  route(api, deps, {
    name: 'jump',
    summary: 'Go to another step of the cadence',
    body: z.strictObject({ step: text(100) }),
    example: { step: 'common-questions' },
    action: ({ step }) => ({ kind: 'jump', step }),
  })
  route(api, deps, {
    name: 'send-now',
    summary: 'Let the planned message leave without waiting for its hour; the law still holds',
    body: nothing,
    example: {},
    action: () => ({ kind: 'send_now' }),
  })
  route(api, deps, {
    name: 'revive',
    summary: 'Bring a dead lead back',
    body: z.strictObject({ cadence: optionalText(100) }),
    example: { cadence: 'welcome-back' },
    action: ({ cadence }) => ({ kind: 'revive', cadence: cadence ?? null }),
  })
}

function holding(api: Api, deps: ApiDeps): void {
  route(api, deps, {
    name: 'pause',
    summary: 'Hold a lead until it is resumed',
    body: z.strictObject({ because }),
    example: { because: 'Sam is talking with them' },
    action: (body) => ({ kind: 'pause', because: body.because ?? 'paused by an operator' }),
  })
  route(api, deps, {
    name: 'resume',
    summary: 'Let a held lead go on',
    description: RESUME_WORDS,
    body: z.strictObject({ mode: z.enum(RESUME_MODES).optional() }),
    example: { mode: 'shift' },
    action: ({ mode }) => ({ kind: 'resume', mode: mode ?? 'shift' }),
  })
  route(api, deps, {
    name: 'hold',
    summary: 'Hold a lead until an instant, or for a while',
    body: z.strictObject({ until: instantSchema.optional(), for: text(50).optional(), because }),
    example: { for: '7d', because: 'on holiday until then' },
    action: (body, now) => ({
      kind: 'hold',
      until: holdUntil(body, now),
      because: body.because ?? 'held by an operator',
    }),
  })
}

function ending(api: Api, deps: ApiDeps): void {
  route(api, deps, {
    name: 'mark-dead',
    summary: 'Give a lead up, for a reason',
    body: deadSchema,
    example: DEAD_EXAMPLE,
    action: (body, now) => ({ kind: 'mark_dead', details: deadDetails(body, now) }),
  })
  route(api, deps, {
    name: 'convert',
    summary: 'The lead bought',
    body: z.strictObject({ note: optionalText(2_000) }),
    example: { note: 'signed for a year' },
    action: ({ note }) => ({ kind: 'convert', note: note ?? null }),
  })
  route(api, deps, {
    name: 'disposition',
    summary: 'What sales says of a lead',
    body: z.strictObject({
      outcome: z.enum(DISPOSITIONS),
      dead: deadSchema.optional(),
      until: instantSchema.optional(),
      note: optionalText(2_000),
    }),
    example: { outcome: 'dead', dead: DEAD_EXAMPLE, note: 'will look again next summer' },
    action: disposition,
  })
  route(api, deps, {
    name: 'opt-out',
    summary: 'The person asked to stop, on one channel or all; it holds for ever',
    body: z.strictObject({
      channel: z.enum([...CHANNELS, 'all']),
      how: optionalText(200),
      words: optionalText(2_000),
    }),
    example: { channel: 'all', how: 'by phone', words: 'please stop writing to me' },
    action: ({ channel, how, words }) => ({
      kind: 'opt_out',
      channel,
      how: how ?? 'told an operator',
      words: words ?? null,
    }),
  })
}

function disposition(
  body: {
    outcome: (typeof DISPOSITIONS)[number]
    dead?: z.output<typeof deadSchema> | undefined
    until?: Instant | undefined
    note?: string | null | undefined
  },
  now: Instant,
): Action {
  if (body.outcome === 'dead' && body.dead === undefined) {
    const fix = 'Add "dead": {"reason": …}, as for mark-dead.'
    throw invalidField('dead', 'A dead lead needs its reason.', fix)
  }
  if (body.outcome === 'later' && (body.until === undefined || body.until <= now)) {
    const fix = 'Add "until" with the date that the lead named.'
    throw invalidField('until', 'Later needs a date in the future.', fix)
  }
  return {
    kind: 'disposition',
    outcome: body.outcome,
    details: body.dead ? deadDetails(body.dead, now) : null,
    until: body.until ?? null,
    note: body.note ?? null,
  }
}

function route<Body extends z.ZodType>(
  api: Api,
  deps: ApiDeps,
  { name, action, ...described }: ActionRoute<Body>,
): void {
  const answer = 'The lead; 202 while Temporal is away, when it takes effect at the send gate only.'
  write(
    api,
    deps,
    'post',
    { path: `/v1/leads/:id/${name}`, tag: TAG, answer, ...described },
    async (trx, input) => {
      const { who, now, rules, eventId } = input
      const leadId = leadIdOf(input.c.req.param('id'))
      const acted = await act(trx, leadId, action(input.body, now), {
        who,
        receivedAt: now,
        rules,
        eventId,
      })
      return {
        body: {
          lead: await viewLead(trx, acted.lead),
          ...(acted.enrollment && { enrollment: acted.enrollment }),
        },
        rings: acted.rings,
      }
    },
  )
}

function consents(api: Api, deps: ApiDeps): void {
  write(
    api,
    deps,
    'post',
    {
      path: '/v1/leads/:id/consents',
      tag: TAG,
      summary: 'Record consents',
      description:
        '`byLead: true` states that the lead gave them in person, after any opt-out: only such a consent, if express, lifts one.',
      body: z.strictObject({
        consents: z.array(consentSchema).min(1).max(20),
        byLead: z.boolean().optional(),
      }),
      example: { consents: [CONSENT_EXAMPLE], byLead: true },
      answer: 'The lead, and what was odd about the consents.',
    },
    async (trx, { c, body, who, now, eventId }) => {
      const leadId: LeadId = leadIdOf(c.req.param('id'))
      await lockContactKeys(trx, await hashesOf(trx, leadId))
      const lead = await lockLead(trx, leadId)
      if (lead === null) throw noSuchLead()
      const byLead = body.byLead ?? false
      const before = lead.revision
      await audit(trx, { who, action: 'consents', leadId, at: now, details: { byLead } })
      const points = await trx
        .selectFrom('contact_points')
        .select(['kind', 'value', 'hash'])
        .where('lead_id', '=', leadId)
        .where('current', '=', true)
        .execute()
      const given = body.consents.map(consentOf)
      const taken = await takeConsents(trx, leadId, points, given, { byLead, receivedAt: now })
      if (taken.fresh) {
        const channel = given[0]?.channel ?? 'email'
        const id = eventId ?? newId<SignalId>('signal')
        const signal = {
          kind: 'opt_in',
          payload: { channel, how: 'recorded by an operator' },
        } as const
        await accept(trx, lead, { id, signal, via: who, receivedAt: now })
      } else if (taken.changed) await replanNow(trx, lead, 'a consent came')
      return {
        body: { lead: await viewLead(trx, lead), warnings: taken.warnings },
        rings: lead.revision > before ? [ringOf(lead, 'consents')] : [],
      }
    },
  )
}
