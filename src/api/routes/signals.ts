import { createHash } from 'node:crypto'
import { z } from 'zod'
import { id, type SignalId } from '../../domain/ids.ts'
import type { Signal } from '../../domain/signals.ts'
import { type Instant, toIso } from '../../domain/time.ts'
import { requireCadence } from '../../leads/enrollment.ts'
import { reportSignal } from '../../leads/report-signal.ts'
import { newId } from '../../store/new-id.ts'
import type { ApiDeps } from '../deps.ts'
import { type Api, newApi, write } from '../operation.ts'
import { instantSchema, optionalText, text } from '../schemas/common.ts'

const about = {
  leadId: text(100).optional(),
  externalId: text(200).optional(),
  email: text(1_000).optional(),
  phone: text(100).optional(),
  visitorId: text(100).optional(),
}
const shared = {
  /** The event's own id: the same id changes nothing the second time. */
  id: text(200).optional(),
  at: instantSchema.optional(),
  ...about,
}

const signalSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('visit'),
    ...shared,
    page: optionalText(2_000),
    sessionId: optionalText(200),
    interacted: z.boolean().optional(),
  }),
  z.strictObject({ type: z.literal('form'), ...shared, cadence: optionalText(100) }),
  z.strictObject({
    type: z.literal('reply'),
    ...shared,
    channel: z.enum(['email', 'sms']),
    text: z.string().max(50_000),
    subject: optionalText(1_000),
  }),
  z.strictObject({
    type: z.literal('booking'),
    ...shared,
    when: optionalText(200),
    note: optionalText(2_000),
  }),
  z.strictObject({
    type: z.literal('purchase'),
    ...shared,
    amount: z
      .string()
      .regex(/^\d{1,12}(\.\d{1,4})?$/, 'Write decimal text such as "12.50".')
      .optional(),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'Write an ISO 4217 code such as USD.')
      .optional(),
  }),
  z.strictObject({
    type: z.literal('call'),
    ...shared,
    outcome: optionalText(200),
    note: optionalText(2_000),
    /** A call of ours counts in the caps. */
    from: z.enum(['us', 'lead']).optional(),
  }),
  z.strictObject({ type: z.literal('offering_added'), ...shared, offering: text(300) }),
  z.strictObject({
    type: z.literal('custom'),
    ...shared,
    name: text(100),
    data: z.record(z.string().max(100), z.unknown()).optional(),
  }),
])

type Reportable = z.output<typeof signalSchema>

/** What a company's own systems report: visits, replies, bookings, purchases and so on. */
export function signalRoutes(deps: ApiDeps): Api {
  const api = newApi()
  write(
    api,
    deps,
    'post',
    {
      path: '/v1/signals',
      tag: 'Signals',
      summary: 'Report that something happened to a lead',
      description:
        'Name the lead by exactly one of leadId, externalId, email, phone or visitorId. `id` is the event’s own: reporting it again changes nothing.',
      body: signalSchema,
      example: { type: 'visit', externalId: 'crm-88', page: 'https://acme.example/pricing' },
      answer: 'What the lead’s lifecycle makes of it.',
      answerExample: {
        leadId: 'lead_…',
        signalId: 'signal_…',
        status: 'accepted',
        because: 'the lead came back',
      },
    },
    async (trx, { body, who, now, eventId }) => {
      if (body.type === 'form' && body.cadence != null) await requireCadence(trx, body.cadence)
      const { leadId, externalId, email, phone, visitorId } = body
      const id = body.id === undefined ? eventId : reportedId(body.id)
      const { rings, ...reported } = await reportSignal(
        trx,
        { leadId, externalId, email, phone, visitorId },
        dated(signalOf(body), body.at),
        { eventId: id, via: who, receivedAt: now, hashKeys: deps.hashKeys },
      )
      return { body: reported, rings }
    },
  )
  return api
}

/** Ids of different sources never meet: a caller's is kept apart from Twilio's and ours. */
function reportedId(given: string): SignalId {
  return id<SignalId>(`reported_${createHash('sha256').update(given).digest('base64url')}`)
}

/** When it happened by the caller's own account; recorded, judged by nobody. */
function dated(signal: Signal, at: Instant | undefined): Signal {
  if (at === undefined) return signal
  return { ...signal, payload: { ...signal.payload, at: toIso(at) } } as Signal
}

function signalOf(body: Reportable): Signal {
  switch (body.type) {
    case 'visit':
      return {
        kind: 'visit',
        payload: {
          sessionId: body.sessionId ?? newId('session'),
          visitorId: null,
          page: withoutQuery(body.page),
          interacted: body.interacted ?? false,
        },
      }
    case 'form':
      return { kind: 'form', payload: { cadence: body.cadence ?? null, freshConsent: false } }
    case 'reply':
      return {
        kind: 'reply',
        payload: {
          channel: body.channel,
          text: body.text,
          subject: body.subject ?? null,
          touchId: null,
        },
      }
    case 'booking':
      return { kind: 'booking', payload: { when: body.when ?? null, note: body.note ?? null } }
    case 'purchase':
      return {
        kind: 'purchase',
        payload: { amount: body.amount ?? null, currency: body.currency ?? null },
      }
    case 'call':
      return {
        kind: 'call',
        payload: {
          outcome: body.outcome ?? null,
          note: body.note ?? null,
          from: body.from ?? 'us',
        },
      }
    case 'offering_added':
      return { kind: 'offering_added', payload: { offering: body.offering } }
    case 'custom':
      return { kind: 'custom', payload: { name: body.name, data: body.data ?? {} } }
  }
}

function withoutQuery(page: string | null | undefined): string | null {
  return page == null ? null : (page.split(/[?#]/)[0] ?? null)
}
