import { z } from 'zod'
import { id, type LeadId } from '../../domain/ids.ts'
import { assignMail, dismissMail, listKeptMail } from '../../leads/mail/kept-mail.ts'
import type { ApiDeps } from '../deps.ts'
import { type Api, newApi, read, write } from '../operation.ts'
import { text } from '../schemas/common.ts'

const TAG = 'Inbound mail'

/** Mail that came in and that only a person can place. */
export function inboundMailRoutes(deps: ApiDeps): Api {
  const api = newApi()
  read(
    api,
    deps,
    {
      path: '/v1/inbound-mail',
      tag: TAG,
      summary: 'List mail that waits for a person',
      description:
        'What names no message of ours and comes from nobody we know, or could not be read. Nothing of it is dropped.',
      query: z.strictObject({
        limit: z.coerce.number().int().min(1).max(200).optional(),
        cursor: z.string().max(200).optional(),
      }),
      answer: 'Waiting mail, the oldest first.',
      answerExample: {
        items: [
          {
            id: 'mail_…',
            kind: 'answer',
            via: 'imap',
            because: 'it names no message of ours, and comes from nobody we know',
            from: 'ada@private.example',
            subject: 'Your offer',
            text: 'Please call me.',
            leadId: null,
            receivedAt: '2026-11-23T16:00:00Z',
          },
        ],
        cursor: null,
      },
    },
    async ({ query }) => ({
      body: await listKeptMail(deps.store.db, {
        limit: query.limit ?? 50,
        cursor: query.cursor ?? null,
      }),
    }),
  )
  write(
    api,
    deps,
    'post',
    {
      path: '/v1/inbound-mail/:id/assign',
      tag: TAG,
      summary: 'Say whose mail it is',
      description:
        'An answer is read like any answer of that lead, with all that follows from it; a bounce or complaint counts as one about it. `intent` tells how an answer was understood.',
      body: z.strictObject({ leadId: text(100) }),
      example: { leadId: 'lead_…' },
      answer: 'The lead that it was taken for.',
      answerExample: { status: 'assigned', leadId: 'lead_…', intent: 'interested' },
    },
    async (trx, { c, body, who, now }) => {
      const leadId = id<LeadId>(body.leadId)
      const { hashKeys } = deps
      const taken = await assignMail(trx, c.req.param('id') ?? '', leadId, { who, now, hashKeys })
      const intent = taken.reading?.intent ?? null
      return { body: { status: 'assigned', leadId, intent }, rings: taken.rings }
    },
  )
  write(
    api,
    deps,
    'post',
    {
      path: '/v1/inbound-mail/:id/dismiss',
      tag: TAG,
      summary: 'Say that a mail concerns nobody',
      body: z.strictObject({}),
      example: {},
      answer: 'That it waits no more.',
      answerExample: { status: 'dismissed' },
    },
    async (trx, { c, who, now }) => {
      await dismissMail(trx, c.req.param('id') ?? '', { who, now })
      return { body: { status: 'dismissed' } }
    },
  )
  return api
}
