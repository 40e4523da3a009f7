import { z } from 'zod'
import { CHANNELS } from '../../domain/policy/types.ts'
import { writeToLead } from '../../leads/messages/talk.ts'
import type { ApiDeps } from '../deps.ts'
import { type Api, newApi, write } from '../operation.ts'
import { leadIdOf, optionalText } from '../schemas/common.ts'

/** A person writes to a lead, outside its cadence. */
export function messageRoutes(deps: ApiDeps): Api {
  const api = newApi()
  write(
    api,
    deps,
    'post',
    {
      path: '/v1/leads/:id/messages',
      tag: 'Actions on a lead',
      summary: 'Write to a lead: a text or an email by a person, outside the cadence',
      description:
        'It leaves through the same gates as a step, as part of the conversation: never to somebody who asked to stop, and at an hour that the law allows. An email without `subject` continues the last one. What became of it stands in the timeline.',
      body: z.strictObject({
        channel: z.enum(CHANNELS),
        text: z
          .string()
          .min(1)
          .max(50_000)
          .refine((written) => written.trim() !== '', 'Write something.'),
        subject: optionalText(300).refine(
          (written) => !/\p{Cc}/u.test(written ?? ''),
          'Write it on one line.',
        ),
      }),
      example: { channel: 'sms', text: 'Tuesday at ten works. Talk to you then! Sam' },
      answer: 'The message, which waits to leave.',
      answerExample: { message: { id: 'message_…', state: 'waiting' } },
    },
    async (trx, { c, body, who, now }) => {
      const leadId = leadIdOf(c.req.param('id'))
      const { channel, text, subject } = body
      const words = { channel, text, subject: subject ?? null }
      const { messageId, ring } = await writeToLead(trx, leadId, words, { who, at: now })
      return {
        status: 202,
        body: { message: { id: messageId, state: 'waiting' } },
        rings: [ring],
      }
    },
  )
  return api
}
