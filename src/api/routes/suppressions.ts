import { z } from 'zod'
import { normalizeEmail, normalizePhone } from '../../domain/contact.ts'
import { CHANNELS } from '../../domain/policy/types.ts'
import { invalidField } from '../../leads/intake.ts'
import { takeOptOut } from '../../leads/person-signals.ts'
import { audit } from '../../store/company/audit.ts'
import { newId } from '../../store/new-id.ts'
import type { PointValue } from '../../store/people/contact-points.ts'
import { suppressionCounts } from '../../store/people/suppressions.ts'
import type { ApiDeps } from '../deps.ts'
import { type Api, newApi, read, write } from '../operation.ts'
import { optionalText, text } from '../schemas/common.ts'

const TAG = 'Suppressions'

const suppressionSchema = z.strictObject({
  email: text(1_000).optional(),
  phone: text(100).optional(),
  channel: z.enum([...CHANNELS, 'all']).optional(),
  how: optionalText(200),
})

/** Who is never written to. Only counts can be read: what is kept of a person is a keyed hash. */
export function suppressionRoutes(deps: ApiDeps): Api {
  const api = newApi()
  read(
    api,
    deps,
    {
      path: '/v1/suppressions',
      tag: TAG,
      summary: 'Count suppressions by channel and cause',
      answer: 'Counts of contact points.',
    },
    async () => ({ body: { items: await suppressionCounts(deps.store.db) } }),
  )
  write(
    api,
    deps,
    'post',
    {
      path: '/v1/suppressions',
      tag: TAG,
      summary: 'Never write to this address or number again',
      description:
        'It holds for ever and for every lead, also those that come later; only a consent that the person gives afterwards lifts it.',
      body: suppressionSchema,
      example: { email: 'ada@example.com', how: 'asked by letter' },
      answer: 'The leads that stopped.',
      answerExample: { status: 'suppressed', leadIds: [] },
    },
    async (trx, { body, who, now, eventId }) => {
      const point = pointOf(body)
      const channel = body.channel ?? (point.kind === 'email' ? 'email' : 'sms')
      const how = body.how ?? 'put on the list by us'
      await audit(trx, { who, action: 'suppress', leadId: null, at: now, details: { channel } })
      const taken = await takeOptOut(trx, deps.hashKeys, point, {
        id: eventId ?? newId('signal'),
        signal: { kind: 'opt_out', payload: { channel, how, words: null } },
        via: who,
        receivedAt: now,
      })
      return { body: { status: 'suppressed', leadIds: taken.leadIds }, rings: taken.rings }
    },
  )
  return api
}

function pointOf({ email, phone }: z.output<typeof suppressionSchema>): PointValue {
  if ((email === undefined) === (phone === undefined)) {
    throw invalidField('email', 'Exactly one contact point is needed.', 'Give email or phone.')
  }
  const kind = email === undefined ? 'phone' : 'email'
  const read = email === undefined ? normalizePhone(phone ?? '') : normalizeEmail(email)
  if (!read.ok) throw invalidField(kind, read.because, read.fix)
  return { kind, value: read.value }
}
